// How far a long command is.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/cli/screen.h"

namespace parley {

// A bar that redraws itself on a terminal; elsewhere a line at every quarter of what takes longer than a few seconds.
class ProgressBar {
 public:
  ProgressBar(std::ostream& out, const Screen& screen, bool terminal, std::string label);
  // Leaves the last state on the screen.
  ~ProgressBar();

  // `done` of `whole`, and a remark such as a count. `now`: any time that only measures.
  void Update(uint64_t done, uint64_t whole, std::string_view remark, absl::Duration now);

 private:
  void Draw();

  std::ostream& out_;
  const Screen& screen_;
  const bool terminal_;
  const std::string label_;
  uint64_t done_ = 0, whole_ = 0;
  uint64_t quarter_ = 0;  // The last one that a line was written for.
  std::string remark_;
  absl::Duration drawn_ = -absl::InfiniteDuration();
  std::optional<absl::Duration> begun_;  // The first update.
};

}  // namespace parley
