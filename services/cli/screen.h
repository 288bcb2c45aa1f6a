// What is written to: colours, width, and how things are emphasised.
#pragma once

#include <string>
#include <string_view>

namespace parley {

enum class Tone { kPlain, kDim, kBold, kAccent, kGood, kWarn, kBad };

struct Screen {
  bool color = false;
  // Columns; 0: no limit, nothing is cut off. Set on terminals only, so that pipes get everything.
  int width = 0;

  // `text` in `tone`, with ANSI escapes where there are colours.
  std::string Paint(Tone tone, std::string_view text) const;
};

// The tone in which the short name of an enum's value is shown, so that states read alike everywhere: "decided" good,
// "contested" a warning, "missed" bad.
Tone ToneOfState(std::string_view short_name);

}  // namespace parley
