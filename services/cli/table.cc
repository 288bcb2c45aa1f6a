#include "services/cli/table.h"

#include <algorithm>

#include "services/cli/text.h"

namespace parley {
namespace {

constexpr int kGap = 2;
constexpr int kNarrowest = 8;  // A column is not cut below this.

}  // namespace

std::vector<int> Table::Widths(const Screen& screen, int indent) const {
  std::vector<int> widths;
  int total = indent;
  for (size_t i = 0; i < columns_.size(); ++i) {
    int width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(Printable(row[i].text)));
    widths.push_back(width);
    total += width + (i > 0 ? kGap : 0);
  }
  for (; screen.width > 0 && total > screen.width; --total) {
    auto widest = std::max_element(widths.begin(), widths.end());
    if (widest == widths.end() || *widest <= kNarrowest) break;
    --*widest;
  }
  return widths;
}

void Table::Print(std::ostream& out, const Screen& screen, int indent) const {
  const std::vector<int> widths = Widths(screen, indent);
  const auto line = [&](const auto& cell_of) {
    std::string text(static_cast<size_t>(indent), ' ');
    size_t filled = 0;  // Spaces at a line's end are left out.
    for (size_t i = 0; i < columns_.size(); ++i) {
      const auto [cell, tone] = cell_of(i);
      const std::string cut = Truncate(cell, widths[i]);
      const std::string fill(static_cast<size_t>(widths[i] - DisplayWidth(cut)), ' ');
      if (i > 0) text.append(kGap, ' ');
      if (columns_[i].right) text += fill;
      text += screen.Paint(tone, cut);
      if (!cut.empty()) filled = text.size();
      if (!columns_[i].right) text += fill;
    }
    text.resize(filled);
    out << text << "\n";
  };
  const bool titled = std::any_of(columns_.begin(), columns_.end(), [](const Column& c) { return !c.title.empty(); });
  if (titled) line([&](size_t i) { return std::pair(columns_[i].title, Tone::kDim); });
  for (const auto& row : rows_) {
    line([&](size_t i) { return std::pair(Printable(row[i].text), row[i].tone); });
  }
}

std::string Sparkline(const std::vector<std::optional<int64_t>>& values) {
  static constexpr const char* kLevels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::optional<int64_t> least, greatest;
  for (const auto& value : values) {
    if (!value) continue;
    least = least ? std::min(*least, *value) : *value;
    greatest = greatest ? std::max(*greatest, *value) : *value;
  }
  std::string out;
  for (const auto& value : values) {
    if (!value) {
      out += "·";
    } else if (*least == *greatest) {
      out += kLevels[3];
    } else {
      const auto level = static_cast<__int128>(*value - *least) * 7 / (*greatest - *least);
      out += kLevels[static_cast<size_t>(level)];
    }
  }
  return out;
}

std::string Bar(int64_t part, int64_t whole, int width) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<int>(static_cast<__int128>(std::clamp<int64_t>(part, 0, whole)) * width * 8 / whole);
  std::string out;
  for (int i = 0; i < eighths / 8; ++i) out += "█";
  out += kEighths[eighths % 8];
  return Pad(out, width);
}

std::string Percent(int64_t part, int64_t whole) {
  if (whole <= 0) return "–";
  const auto hundredths =
      static_cast<int64_t>((static_cast<__int128>(part) * 20'000 + whole) / (static_cast<__int128>(whole) * 2));
  std::string digits = std::to_string(hundredths % 100);
  if (digits.size() < 2) digits.insert(0, "0");
  return std::to_string(hundredths / 100) + "." + digits + " %";
}

std::string Quotient(int64_t numerator, int64_t denominator) {
  if (denominator <= 0) return "–";
  if (numerator < 0) return "-" + Quotient(-numerator, denominator);
  if (numerator % denominator == 0) return Grouped(numerator / denominator);
  const auto hundredths = static_cast<int64_t>((static_cast<__int128>(numerator) * 200 + denominator) /
                                               (static_cast<__int128>(denominator) * 2));
  std::string digits = std::to_string(hundredths % 100);
  if (digits.size() < 2) digits.insert(0, "0");
  return Grouped(hundredths / 100) + "." + digits;
}

std::string Grouped(int64_t number) {
  std::string out = std::to_string(number);
  const size_t start = number < 0 ? 1 : 0;
  for (size_t i = out.size(); i > start + 3;) {
    i -= 3;
    out.insert(i, ",");
  }
  return out;
}

}  // namespace parley
