#include "tests/bench/figures.h"

#include <cmath>
#include <fstream>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "eventstore/base/clock.h"
#include "eventstore/base/proto_util.h"

namespace parley::bench {
namespace {

std::string ModelOfProcessor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  }
  return "unknown";
}

// Three digits, or all in front of the point.
std::string Shown(double value) {
  std::ostringstream out;
  const double size = std::abs(value);
  out << std::fixed << std::setprecision(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3) << value;
  return out.str();
}

constexpr char kDurability[] = "every answer waits for a synced write";

}  // namespace

void Figures::Add(Figure figure) {
  out_ << figure.name << " " << Shown(figure.value) << (figure.unit.empty() ? "" : " ") << figure.unit;
  if (!figure.goal.empty()) out_ << "  (goal " << figure.goal << ")";
  if (!figure.note.empty()) out_ << "  " << figure.note;
  out_ << std::endl;
  all_.push_back(std::move(figure));
}

std::string Figures::ToJson(const std::string& mode) const {
  nlohmann::ordered_json json;
  json["time"] = Rfc3339(SystemClock().Now());
  json["mode"] = mode;
  json["durability"] = kDurability;
  json["machine"] = {{"processor", ModelOfProcessor()}, {"cores", std::thread::hardware_concurrency()}};
  for (const Figure& figure : all_) {
    nlohmann::ordered_json one{{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}};
    if (!figure.goal.empty()) one["goal"] = figure.goal;
    if (!figure.note.empty()) one["note"] = figure.note;
    json["figures"].push_back(std::move(one));
  }
  return json.dump(2) + "\n";
}

std::string Figures::ToMarkdown(const std::string& mode) const {
  std::ostringstream out;
  out << Rfc3339(SystemClock().Now()).substr(0, 10) << ", " << ModelOfProcessor() << ", "
      << std::thread::hardware_concurrency() << " cores, " << mode << " run; " << kDurability
      << ".\n\n| figure | value | goal | measured with |\n|---|---|---|---|\n";
  for (const Figure& figure : all_) {
    out << "| " << figure.name << " | " << Shown(figure.value) << (figure.unit.empty() ? "" : " ") << figure.unit
        << " | " << figure.goal << " | " << figure.note << " |\n";
  }
  return out.str();
}

}  // namespace parley::bench
