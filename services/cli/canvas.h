// The parts that dashboards are drawn with.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "google/type/money.pb.h"
#include "services/cli/screen.h"
#include "services/cli/table.h"

namespace parley {

// A count with its label: "3 open". Zero is dim, whatever the tone.
struct Tile {
  int64_t count = 0;
  std::string label;
  Tone tone = Tone::kPlain;
};

class Canvas {
 public:
  Canvas(std::ostream& out, const Screen& screen) : out_(out), screen_(screen) {}

  std::ostream& out() { return out_; }
  const Screen& screen() const { return screen_; }

  // What is shown, and a remark on it.
  void Title(std::string_view title, std::string_view remark);
  void Section(std::string_view title);
  void Line(std::string_view text, Tone tone = Tone::kPlain);
  // On one line.
  void Tiles(const std::vector<Tile>& tiles);
  // One bar of which each tile has its share; nothing where all are zero.
  void Shares(const std::vector<Tile>& tiles);
  void Rows(const Table& table) { table.Print(out_, screen_, kIndent); }

 private:
  static constexpr int kIndent = 2;

  std::ostream& out_;
  const Screen& screen_;
};

// Texts of times and durations in messages made by the generated code; empty where they are unset.
std::string ShortTimeText(const google::protobuf::Timestamp& time);
std::string DurationText(const google::protobuf::Duration& duration);
// The same to the minute, or from two days on to the day.
std::string Age(const google::protobuf::Duration& duration);
// Empty where there is no currency.
std::string MoneyText(const google::type::Money& money);
// A value's short name; empty for the unspecified one.
std::string EnumText(const google::protobuf::EnumDescriptor* type, int number);
// Texts behind one another, with ", " between those that are not empty.
std::string Joined(const std::vector<std::string>& texts);
// A resource name without "relationships/{relationship}/".
std::string LocalName(std::string_view name);

}  // namespace parley
