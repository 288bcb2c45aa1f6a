#include "services/cli/canvas.h"

#include "services/cli/api.h"
#include "services/cli/field_text.h"
#include "services/cli/text.h"

namespace parley {
namespace {

constexpr int kBarWidth = 48;

}  // namespace

void Canvas::Title(std::string_view title, std::string_view remark) {
  out_ << screen_.Paint(Tone::kBold, Printable(title));
  if (!remark.empty()) out_ << "  " << screen_.Paint(Tone::kDim, Printable(remark));
  out_ << "\n";
}

void Canvas::Section(std::string_view title) { out_ << "\n" << screen_.Paint(Tone::kBold, Printable(title)) << "\n"; }

void Canvas::Line(std::string_view text, Tone tone) {
  out_ << std::string(kIndent, ' ') << screen_.Paint(tone, Printable(text)) << "\n";
}

void Canvas::Tiles(const std::vector<Tile>& tiles) {
  out_ << std::string(kIndent, ' ');
  for (size_t i = 0; i < tiles.size(); ++i) {
    const std::string text = Grouped(tiles[i].count) + " " + Printable(tiles[i].label);
    if (i > 0) out_ << screen_.Paint(Tone::kDim, " · ");
    out_ << screen_.Paint(tiles[i].count == 0 ? Tone::kDim : tiles[i].tone, text);
  }
  out_ << "\n";
}

void Canvas::Shares(const std::vector<Tile>& tiles) {
  int64_t whole = 0;
  for (const Tile& tile : tiles) whole += tile.count;
  if (whole <= 0) return;
  out_ << std::string(kIndent, ' ');
  int64_t before = 0;
  for (const Tile& tile : tiles) {
    // Ends, not lengths, are rounded, so that the bar is always as long.
    const int64_t first = before * kBarWidth / whole;
    before += tile.count;
    std::string segment;
    for (int64_t i = first; i < before * kBarWidth / whole; ++i) segment += screen_.color ? "█" : "▪";
    out_ << screen_.Paint(tile.tone, segment);
  }
  out_ << "\n";
}

std::string ShortTimeText(const google::protobuf::Timestamp& time) {
  return time.seconds() == 0 && time.nanos() == 0 ? "" : ShortTime(time);
}

std::string DurationText(const google::protobuf::Duration& duration) { return MessageText(duration); }

std::string Age(const google::protobuf::Duration& duration) {
  google::protobuf::Duration rounded;
  const int64_t seconds = duration.seconds();
  rounded.set_seconds(seconds >= 2 * 86'400 ? seconds / 86'400 * 86'400 : seconds / 60 * 60);
  return DurationText(seconds < 60 ? duration : rounded);
}

std::string MoneyText(const google::type::Money& money) {
  return money.currency_code().empty() ? "" : MessageText(money);
}

std::string EnumText(const google::protobuf::EnumDescriptor* type, int number) {
  const auto* value = number == 0 ? nullptr : type->FindValueByNumber(number);
  return value == nullptr ? "" : ShortName(*value);
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    if (!text.empty()) out += (out.empty() ? "" : ", ") + text;
  }
  return out;
}

std::string LocalName(std::string_view name) {
  static constexpr std::string_view kRoot = "relationships/";
  if (!name.starts_with(kRoot)) return std::string(name);
  const size_t slash = name.find('/', kRoot.size());
  return std::string(name.substr(slash == std::string_view::npos ? kRoot.size() : slash + 1));
}

}  // namespace parley
