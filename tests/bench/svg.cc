#include "tests/bench/svg.h"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace parley::bench {
namespace {

constexpr double kWidth = 720, kHeight = 230, kLeft = 80, kRight = 150, kTop = 36, kBottom = 36;
constexpr const char* kColours[] = {"#1b6ca8", "#c8553d", "#588b4c", "#7a5195"};

// 12,000,000 as "12M".
std::string Short(double value) {
  const char* unit = "";
  for (const char* next : {"k", "M", "G"}) {
    if (std::abs(value) < 1000) break;
    value /= 1000;
    unit = next;
  }
  std::ostringstream out;
  out.precision(3);
  out << value << unit;
  return out.str();
}

// The next of 1, 2, 5, 10, … from `value` on.
double RoundUp(double value) {
  if (value <= 0) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (value <= step * power) return step * power;
  }
  return 10 * power;
}

struct Scale {
  double first_decade = 0, last_decade = 1;  // Of the entries.
  double highest = 1;                        // Of the values.
  double top = 0;                            // Of the panel.

  double X(double entries) const {
    const double part = (std::log10(entries) - first_decade) / (last_decade - first_decade);
    return kLeft + part * (kWidth - kLeft - kRight);
  }
  double Y(double value) const { return top + kHeight - kBottom - value / highest * (kHeight - kTop - kBottom); }
};

void Text(std::ostream& out, double x, double y, const char* anchor, const std::string& text, const char* more = "") {
  out << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\"" << more << ">" << text
      << "</text>\n";
}

void Line(std::ostream& out, double x1, double y1, double x2, double y2) {
  out << "<line x1=\"" << x1 << "\" y1=\"" << y1 << "\" x2=\"" << x2 << "\" y2=\"" << y2 << "\" stroke=\"#ddd\"/>\n";
}

void DrawGrid(std::ostream& out, const Panel& panel, const Scale& scale) {
  Text(out, kLeft, scale.top + kTop - 14, "start", panel.title, " font-weight=\"bold\"");
  for (int i = 0; i <= 4; ++i) {
    const double value = scale.highest * i / 4, y = scale.Y(value);
    Line(out, kLeft, y, kWidth - kRight, y);
    Text(out, kLeft - 8, y + 4, "end", Short(value));
  }
  for (double decade = scale.first_decade; decade <= scale.last_decade; ++decade) {
    const double x = scale.X(std::pow(10, decade));
    Line(out, x, scale.Y(0), x, scale.Y(scale.highest));
    Text(out, x, scale.Y(0) + 18, "middle", Short(std::pow(10, decade)));
  }
}

void DrawSeries(std::ostream& out, const Series& series, const char* colour, size_t index, const Scale& scale) {
  out << "<polyline fill=\"none\" stroke=\"" << colour << "\" stroke-width=\"2\" points=\"";
  for (const auto& [entries, value] : series.points) out << scale.X(entries) << "," << scale.Y(value) << " ";
  out << "\"/>\n";
  for (const auto& [entries, value] : series.points) {
    out << "<circle cx=\"" << scale.X(entries) << "\" cy=\"" << scale.Y(value) << "\" r=\"3\" fill=\"" << colour
        << "\"><title>" << series.name << ", " << Short(entries) << " entries: " << Short(value)
        << "</title></circle>\n";
  }
  const std::string fill = std::string(" fill=\"") + colour + "\"";
  Text(out, kWidth - kRight + 14, scale.top + kTop + 10 + 18 * static_cast<double>(index), "start", series.name,
       fill.c_str());
}

}  // namespace

std::string DrawPanels(const std::vector<Panel>& panels) {
  double fewest = 1e300, most = 1;
  for (const Panel& panel : panels) {
    for (const Series& series : panel.series) {
      for (const auto& [entries, value] : series.points) {
        fewest = std::min(fewest, entries);
        most = std::max(most, entries);
      }
    }
  }
  std::ostringstream out;
  const double height = kHeight * static_cast<double>(panels.size()) + 30;
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << kWidth << " " << height << "\" width=\""
      << kWidth << "\" font-family=\"sans-serif\" font-size=\"12\">\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  for (size_t i = 0; i < panels.size(); ++i) {
    double highest = 0;
    for (const Series& series : panels[i].series) {
      for (const auto& point : series.points) highest = std::max(highest, point.second);
    }
    Scale scale{.first_decade = std::floor(std::log10(fewest)),
                .last_decade = std::ceil(std::log10(most)),
                .highest = RoundUp(highest),
                .top = kHeight * static_cast<double>(i)};
    if (scale.last_decade <= scale.first_decade) scale.last_decade = scale.first_decade + 1;
    DrawGrid(out, panels[i], scale);
    for (size_t s = 0; s < panels[i].series.size(); ++s) {
      DrawSeries(out, panels[i].series[s], kColours[s % std::size(kColours)], s, scale);
    }
  }
  Text(out, kWidth - kRight, height - 10, "end", "entries in the log");
  out << "</svg>\n";
  return out.str();
}

}  // namespace parley::bench
