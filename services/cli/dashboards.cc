#include "services/cli/dashboards.h"

#include <algorithm>
#include <map>
#include <string>

#include "parley/v1/dashboard.pb.h"
#include "services/cli/api.h"
#include "services/cli/field_text.h"
#include "services/cli/text.h"
#include "services/cli/view.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string EnumText(const google::protobuf::EnumDescriptor* type, int number) {
  const auto* value = number == 0 ? nullptr : type->FindValueByNumber(number);
  return value == nullptr ? "" : ShortName(*value);
}

std::string MoneyOrNothing(const google::type::Money& money) {
  return money.currency_code().empty() ? "" : MessageText(money);
}

// What is behind a number of days is hidden by its hours and seconds.
std::string Age(const google::protobuf::Duration& duration) {
  google::protobuf::Duration rounded;
  const int64_t seconds = duration.seconds();
  rounded.set_seconds(seconds >= 2 * 86'400 ? seconds / 86'400 * 86'400 : seconds / 60 * 60);
  return DurationText(seconds < 60 ? duration : rounded);
}

void Draw(const v1::GetOverviewResponse& answer, Canvas& canvas) {
  const v1::RelationshipOverview& overview = answer.overview();
  canvas.Title(overview.display_name(), overview.relationship() + ", as of " + ShortTimeText(answer.read_time()));
  std::string charter = "no charter binds yet";
  if (overview.charter_in_force() > 0) {
    charter = "charter " + std::to_string(overview.charter_in_force()) + " binds since " +
              ShortTimeText(overview.charter_bind_time());
  }
  if (overview.charter_pending()) charter += ", a later version waits for signatures";
  canvas.Line(EnumText(v1::Archetype_descriptor(), overview.archetype()) + " · " +
              EnumText(v1::Stage_descriptor(), overview.stage()) + " · " + charter);
  canvas.Section("Parties");
  Table parties({{"Party"}, {"Name"}, {"Kind"}, {"Members", true}, {"Accepted"}});
  for (const auto& party : overview.parties()) {
    parties.Add({{party.party_id(), Tone::kAccent},
                 {party.display_name()},
                 {EnumText(v1::PartyKind_descriptor(), party.kind())},
                 {std::to_string(party.members())},
                 {party.accepted() ? "yes" : "not yet", party.accepted() ? Tone::kGood : Tone::kWarn}});
  }
  canvas.Rows(parties);
  canvas.Section("Decisions");
  canvas.Tiles({{overview.open_decisions(), "open", Tone::kWarn},
                {overview.standing_decisions(), "standing", Tone::kGood},
                {overview.pending_reviews_size(), "reviews to come"},
                {overview.overdue_reviews(), "overdue", Tone::kBad}});
  if (overview.pending_reviews_size() > 0) {
    Table reviews({{"Review of"}, {"Due"}});
    for (const auto& review : overview.pending_reviews()) {
      const bool overdue = review.due_time().seconds() < answer.read_time().seconds();
      reviews.Add(
          {{LocalName(review.decision())}, {ShortTimeText(review.due_time()), overdue ? Tone::kBad : Tone::kPlain}});
    }
    canvas.Rows(reviews);
  }
  canvas.Section("Record");
  canvas.Line(Grouped(static_cast<int64_t>(overview.joint_entries())) + " joint entries, the last one on " +
              ShortTimeText(overview.last_activity_time()));
}

void Draw(const v1::GetDecisionRegisterResponse& answer, Canvas& canvas) {
  const v1::DecisionRegisterSummary& summary = answer.summary();
  canvas.Title("Decision register", "as of " + ShortTimeText(answer.read_time()));
  const std::vector<Tile> states = {{summary.decided(), "decided", Tone::kGood},
                                    {summary.open(), "open", Tone::kWarn},
                                    {summary.superseded(), "superseded", Tone::kDim},
                                    {summary.withdrawn(), "withdrawn", Tone::kDim}};
  canvas.Tiles(states);
  canvas.Shares(states);
  canvas.Tiles({{summary.deferred(), "deferred", Tone::kWarn},
                {summary.overridden(), "overridden", Tone::kBad},
                {summary.reopened(), "reopened", Tone::kWarn},
                {summary.reviews_pending(), "reviews to come"},
                {summary.reviews_overdue(), "overdue", Tone::kBad}});
  // Latencies in the order in which decisions were first made.
  std::vector<std::pair<int64_t, int64_t>> by_time;
  for (const auto& entry : answer.entries()) {
    if (!entry.has_latency()) continue;
    by_time.emplace_back(entry.propose_time().seconds() + entry.latency().seconds(), entry.latency().seconds());
  }
  std::sort(by_time.begin(), by_time.end());
  std::vector<std::optional<int64_t>> latencies;
  for (const auto& [time, latency] : by_time) latencies.push_back(latency);
  if (!latencies.empty()) {
    canvas.Line("latency " + Sparkline(latencies) + "  median " + Age(summary.median_latency()) + ", longest " +
                Age(summary.longest_latency()));
  }
  if (summary.has_oldest_open()) canvas.Line("open longest: for " + Age(summary.oldest_open()), Tone::kWarn);
  if (answer.entries_size() == 0) return;
  canvas.Section("Decisions");
  Table table(
      {{"Decision"}, {"Title"}, {"State"}, {"Class"}, {"Amount", true}, {"Took", true}, {"Open for", true}, {"Note"}});
  for (const auto& entry : answer.entries()) {
    const std::string state = EnumText(v1::DecisionState_descriptor(), entry.state());
    std::string note;
    const auto add = [&note](const std::string& text) { note += (note.empty() ? "" : ", ") + text; };
    if (entry.standing_objections() > 0) add(std::to_string(entry.standing_objections()) + " objections stand");
    if (entry.override_count() > 0) add("overridden");
    if (entry.reopen_count() > 0) add("reopened");
    if (entry.review_overdue()) add("review overdue");
    if (!entry.holds_instead().empty()) add(LocalName(entry.holds_instead()) + " holds instead");
    const Tone tone = entry.review_overdue() || entry.standing_objections() > 0 ? Tone::kBad : Tone::kPlain;
    table.Add({{LocalName(entry.decision()), Tone::kAccent},
               {entry.title()},
               {state, ToneOfState(state)},
               {entry.class_id()},
               {MoneyOrNothing(entry.amount())},
               {entry.has_latency() ? Age(entry.latency()) : ""},
               {entry.has_open_for() ? Age(entry.open_for()) : ""},
               {note, tone}});
  }
  canvas.Rows(table);
}

void Draw(const v1::GetPortfolioResponse& answer, Canvas& canvas) {
  canvas.Title("Portfolio", "as of " + ShortTimeText(answer.read_time()));
  int64_t most = 1;
  for (const auto& overview : answer.overviews()) most = std::max<int64_t>(most, overview.open_decisions());
  Table table({{"Relationship"},
               {"Name"},
               {"Stage"},
               {"Parties", true},
               {"Charter", true},
               {"Open decisions"},
               {"Overdue", true},
               {"Last entry"}});
  for (const auto& overview : answer.overviews()) {
    const std::string stage = EnumText(v1::Stage_descriptor(), overview.stage());
    const int32_t overdue = overview.overdue_reviews();
    table.Add({{LocalName(overview.relationship()), Tone::kAccent},
               {overview.display_name()},
               {stage, ToneOfState(stage)},
               {std::to_string(overview.parties_size())},
               {overview.charter_in_force() > 0 ? std::to_string(overview.charter_in_force()) : "none"},
               {Bar(overview.open_decisions(), most, 8) + " " + std::to_string(overview.open_decisions())},
               {std::to_string(overdue), overdue > 0 ? Tone::kBad : Tone::kDim},
               {ShortTimeText(overview.last_activity_time()), Tone::kDim}});
  }
  canvas.Rows(table);
  for (const std::string& name : answer.stopped()) {
    canvas.Line(name + ": its overview stopped at an entry that it cannot read", Tone::kBad);
  }
  if (!answer.next_page_token().empty())
    canvas.Line("there are more: --page-token " + answer.next_page_token(), Tone::kDim);
}

// True where every field is a count or a duration.
bool IsSummary(const google::protobuf::Descriptor& type) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.is_repeated() || field.cpp_type() != FieldDescriptor::CPPTYPE_INT32) return false;
  }
  return type.field_count() > 0;
}

void DrawByFields(const Message& answer, Canvas& canvas) {
  const auto& type = *answer.GetDescriptor();
  const auto& reflection = *answer.GetReflection();
  const auto* read_time = type.FindFieldByName("read_time");
  std::string title = KebabCase(type.name());
  for (const std::string_view affix : {"get-", "-response"}) {
    if (const size_t at = title.find(affix); at != std::string::npos) title.erase(at, affix.size());
  }
  canvas.Title(Humanized(title), read_time == nullptr ? "" : "as of " + CellOf(answer, *read_time).text);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (&field == read_time) continue;
    if (field.message_type() == nullptr || HasTextForm(*field.message_type())) {
      const Cell cell = CellOf(answer, field);
      if (!cell.text.empty()) canvas.Line(Humanized(field.name()) + "  " + cell.text, cell.tone);
    } else if (field.is_repeated()) {
      canvas.Section(Humanized(field.name()));
      if (reflection.FieldSize(answer, &field) == 0) canvas.Line("none", Tone::kDim);
      PrintList(canvas.out(), canvas.screen(), answer, field, 2);
    } else if (IsSummary(*field.message_type())) {
      const Message& summary = reflection.GetMessage(answer, &field);
      std::vector<Tile> tiles;
      for (int n = 0; n < field.message_type()->field_count(); ++n) {
        const FieldDescriptor* count = field.message_type()->field(n);
        tiles.push_back({reflection.GetMessage(answer, &field).GetReflection()->GetInt32(summary, count),
                         KebabCase(count->name())});
      }
      canvas.Tiles(tiles);
    } else {
      canvas.Section(Humanized(field.name()));
      PrintMessage(canvas.out(), canvas.screen(), reflection.GetMessage(answer, &field), 2);
    }
  }
}

// The message as the type that the drawing takes: it may have been made from descriptors alone.
template <class T>
void DrawAs(const Message& answer, Canvas& canvas) {
  T typed;
  typed.ParseFromString(answer.SerializeAsString());
  Draw(typed, canvas);
}

}  // namespace

void DrawDashboard(const Message& answer, Canvas& canvas) {
  static const std::map<std::string, void (*)(const Message&, Canvas&)> kDrawings = {
      {"parley.v1.GetOverviewResponse", DrawAs<v1::GetOverviewResponse>},
      {"parley.v1.GetDecisionRegisterResponse", DrawAs<v1::GetDecisionRegisterResponse>},
      {"parley.v1.GetPortfolioResponse", DrawAs<v1::GetPortfolioResponse>},
  };
  const auto drawing = kDrawings.find(answer.GetDescriptor()->full_name());
  (drawing == kDrawings.end() ? DrawByFields : drawing->second)(answer, canvas);
}

}  // namespace parley
