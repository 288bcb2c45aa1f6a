#include "tests/bench/figures.h"

#include <fstream>
#include <iomanip>
#include <nlohmann/json.hpp>
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

}  // namespace

void Figures::Add(Figure figure) {
  out_ << figure.name << " " << std::setprecision(figure.value < 10 ? 3 : 6) << figure.value << " " << figure.unit;
  if (!figure.goal.empty()) out_ << "  (goal " << figure.goal << ")";
  if (!figure.note.empty()) out_ << "  " << figure.note;
  out_ << std::endl;
  all_.push_back(std::move(figure));
}

std::string Figures::ToJson(bool quick) const {
  nlohmann::ordered_json json;
  json["time"] = Rfc3339(SystemClock().Now());
  json["mode"] = quick ? "quick" : "full";
  json["durability"] = "every answer waits for a synced write";
  json["machine"] = {{"processor", ModelOfProcessor()}, {"cores", std::thread::hardware_concurrency()}};
  for (const Figure& figure : all_) {
    nlohmann::ordered_json one{{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}};
    if (!figure.goal.empty()) one["goal"] = figure.goal;
    if (!figure.note.empty()) one["note"] = figure.note;
    json["figures"].push_back(std::move(one));
  }
  return json.dump(2) + "\n";
}

}  // namespace parley::bench
