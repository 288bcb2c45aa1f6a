#include "services/cli/progress_bar.h"

#include <utility>

#include "services/cli/table.h"

namespace parley {
namespace {

constexpr int kWidth = 30;
constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr absl::Duration kWorthALine = absl::Seconds(3);

}  // namespace

ProgressBar::ProgressBar(std::ostream& out, const Screen& screen, bool terminal, std::string label)
    : out_(out), screen_(screen), terminal_(terminal), label_(std::move(label)) {}

ProgressBar::~ProgressBar() {
  if (!terminal_ || whole_ == 0) return;
  Draw();
  out_ << std::endl;
}

void ProgressBar::Update(uint64_t done, uint64_t whole, std::string_view remark, absl::Duration now) {
  done_ = done;
  whole_ = whole;
  remark_ = remark;
  if (!begun_) begun_ = now;
  if (whole == 0) return;
  if (terminal_) {
    if (now - drawn_ < kRedraw) return;
    drawn_ = now;
    Draw();
  } else if (const uint64_t quarter = done * 4 / whole; quarter > quarter_ && now - *begun_ > kWorthALine) {
    quarter_ = quarter;
    out_ << label_ << ": " << quarter * 25 << " %, " << remark_ << std::endl;
  }
}

void ProgressBar::Draw() {
  const auto done = static_cast<int64_t>(done_), whole = static_cast<int64_t>(whole_);
  // To the line's beginning, and what stood behind is cleared.
  out_ << "\r\x1b[K" << label_ << " " << screen_.Paint(Tone::kAccent, Bar(done, whole, kWidth)) << " "
       << done * 100 / whole << " %  " << remark_ << std::flush;
}

}  // namespace parley
