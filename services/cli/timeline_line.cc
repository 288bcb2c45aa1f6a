#include "services/cli/timeline_line.h"

#include <algorithm>

#include "services/cli/canvas.h"
#include "services/cli/text.h"

namespace parley {
namespace {

constexpr int kSequenceWidth = 6;
constexpr int kTypeWidth = 26;

}  // namespace

std::string TimelineLine(const v1::TimelineEntry& entry, const Screen& screen) {
  const std::string recorded = ShortTimeText(entry.recorded_at());
  std::string line =
      screen.Paint(Tone::kDim, Pad(std::to_string(entry.sequence()), kSequenceWidth, true) + "  " + recorded);
  if (entry.withheld())
    return line + "  " + screen.Paint(Tone::kDim, "an entry of " + Printable(entry.owner()) + "'s own");
  const std::string type = Printable(entry.event_type());
  line += "  " + screen.Paint(Tone::kAccent, Pad(type, kTypeWidth));
  std::string remark;
  if (!entry.owner().empty()) remark += "  (" + Printable(entry.owner()) + "'s own)";
  if (entry.historical()) remark += "  (imported)";
  const std::string effective = ShortTimeText(entry.effective_at());
  if (!effective.empty() && effective != recorded) remark += "  as of " + effective;
  std::string summary = Printable(entry.summary());
  if (screen.width > 0) {
    const int used = kSequenceWidth + 2 + DisplayWidth(recorded) + 2 + std::max(kTypeWidth, DisplayWidth(type)) + 2;
    summary = Truncate(summary, std::max(20, screen.width - used - DisplayWidth(remark)));
  }
  return line + "  " + summary + screen.Paint(Tone::kDim, remark);
}

}  // namespace parley
