#include "services/cli/screen.h"

#include <set>

namespace parley {
namespace {

std::string_view CodeOf(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kDim:
      return "\x1b[2m";
    case Tone::kBold:
      return "\x1b[1m";
    case Tone::kAccent:
      return "\x1b[36m";
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kWarn:
      return "\x1b[33m";
    case Tone::kBad:
      return "\x1b[31m";
  }
  return "";
}

}  // namespace

std::string Screen::Paint(Tone tone, std::string_view text) const {
  if (!color || tone == Tone::kPlain || text.empty()) return std::string(text);
  std::string out(CodeOf(tone));
  out += text;
  out += "\x1b[0m";
  return out;
}

Tone ToneOfState(std::string_view short_name) {
  static const std::set<std::string_view> kGood = {"decided", "met-expected", "met-target",
                                                   "settled", "resolved",     "operating"};
  static const std::set<std::string_view> kWarn = {"proposed", "deferred",     "contested", "missing", "unknown",
                                                   "raised",   "acknowledged", "exiting",   "reopened"};
  static const std::set<std::string_view> kBad = {"missed", "escalated", "expired"};
  static const std::set<std::string_view> kDim = {"superseded", "withdrawn", "retired",
                                                  "closed",     "exited",    "unspecified"};
  if (kGood.contains(short_name)) return Tone::kGood;
  if (kWarn.contains(short_name)) return Tone::kWarn;
  if (kBad.contains(short_name)) return Tone::kBad;
  if (kDim.contains(short_name)) return Tone::kDim;
  return Tone::kPlain;
}

}  // namespace parley
