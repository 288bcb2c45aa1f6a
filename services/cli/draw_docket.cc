// The dispute docket.
#include <algorithm>

#include "services/cli/drawings.h"

namespace parley {
namespace {

constexpr int kBarWidth = 16;

std::string StyleText(v1::DisputeStyle style) {
  const std::string text = EnumText(v1::DisputeStyle_descriptor(), style);
  return text.empty() ? "not said" : text;
}

std::string TierText(const std::string& tier_id) { return tier_id.empty() ? "below the ladder" : tier_id; }

// Open disputes and their ages by one property.
class AgesTable {
 public:
  AgesTable(const std::string& by, int open)
      : table_({{by}, {"Open"}, {"Median age", true}, {"Oldest", true}}), open_(open) {}

  void Add(const std::string& label, const v1::DocketAges& ages) {
    table_.Add({{label},
                {Bar(ages.open(), std::max(1, open_), kBarWidth) + " " + std::to_string(ages.open())},
                {Age(ages.median())},
                {Age(ages.oldest())}});
  }
  void Draw(Canvas& canvas) {
    if (!table_.empty()) canvas.Rows(table_);
  }

 private:
  Table table_;
  const int open_;
};

std::string Notes(const v1::DocketEntry& entry) {
  std::vector<std::string> notes;
  if (entry.acknowledgement_overdue()) notes.push_back("acknowledgement overdue");
  if (entry.window_overdue()) notes.push_back("window overdue");
  if (entry.windows_expired() > 0) {
    notes.push_back(std::to_string(entry.windows_expired()) +
                    (entry.windows_expired() == 1 ? " window expired" : " windows expired"));
  }
  for (const auto& escalation : entry.escalations()) {
    if (!escalation.alone_party().empty()) notes.push_back("escalated alone by " + escalation.alone_party());
  }
  if (entry.work_suspended()) notes.push_back("work suspended");
  if (!entry.neutral().empty())
    notes.push_back("neutral " + entry.neutral() + (entry.neutral_binding() ? ", binding" : ""));
  if (entry.reopen_count() > 0) notes.push_back("opened again");
  if (entry.earlier_disputes() > 0) notes.push_back("recurs: " + LocalName(entry.first_dispute()));
  return Joined(notes);
}

void DrawEntries(const v1::GetDocketResponse& answer, Canvas& canvas) {
  if (answer.entries().empty()) return;
  canvas.Section("Disputes");
  Table table({{"Dispute"},
               {"Title"},
               {"Type"},
               {"State"},
               {"Tier"},
               {"Style"},
               {"Amount", true},
               {"Raised by"},
               {"Open for", true},
               {"Resolved in", true},
               {"Note"}});
  for (const auto& entry : answer.entries()) {
    const std::string state = EnumText(v1::DisputeState_descriptor(), entry.state());
    const bool late = entry.window_overdue() || entry.acknowledgement_overdue();
    table.Add({{LocalName(entry.dispute()), Tone::kAccent},
               {entry.title()},
               {EnumText(v1::DisputeType_descriptor(), entry.type())},
               {state, ToneOfState(state)},
               {entry.tier_id()},
               {EnumText(v1::DisputeStyle_descriptor(), entry.style())},
               {MoneyText(entry.amount())},
               {entry.raised_by_party()},
               {entry.has_open_for() ? Age(entry.open_for()) : ""},
               {entry.has_time_to_resolve() ? Age(entry.time_to_resolve()) : ""},
               {Notes(entry), late ? Tone::kBad : Tone::kPlain}});
  }
  canvas.Rows(table);
}

void DrawParties(const v1::DocketSummary& summary, Canvas& canvas) {
  if (summary.parties().empty()) return;
  canvas.Section("Who raises, who escalates alone");
  Table table({{"Party"},
               {"Raised", true},
               {"Escalated alone", true},
               {"Early", true},
               {"Skipping tiers", true},
               {"Acknowledged late", true}});
  for (const auto& party : summary.parties()) {
    table.Add({{party.party_id()},
               {Grouped(party.raised())},
               {Grouped(party.escalated_alone()), party.escalated_alone() > 0 ? Tone::kWarn : Tone::kDim},
               {Grouped(party.escalated_alone_early())},
               {Grouped(party.escalated_alone_skipping())},
               {Grouped(party.acknowledged_late())}});
  }
  canvas.Rows(table);
}

// "buyer 3.25 of 4 scores": an average stands for one party only.
std::string SatisfactionText(const v1::DocketStyleSatisfaction& satisfaction) {
  std::string hundredths = std::to_string(satisfaction.average_hundredths() % 100);
  if (hundredths.size() < 2) hundredths.insert(0, "0");
  return satisfaction.party_id() + " " + std::to_string(satisfaction.average_hundredths() / 100) + "." + hundredths +
         " of " + std::to_string(satisfaction.scores()) + (satisfaction.scores() == 1 ? " score" : " scores");
}

void DrawOutcomes(const v1::DocketSummary& summary, Canvas& canvas) {
  if (summary.outcomes_by_style().empty()) return;
  canvas.Section("Style against satisfaction");
  Table table({{"Style"}, {"Resolutions", true}, {"Opened again", true}, {"Satisfaction, 1 to 5"}});
  for (const auto& outcome : summary.outcomes_by_style()) {
    std::vector<std::string> satisfactions;
    for (const auto& satisfaction : outcome.satisfactions()) satisfactions.push_back(SatisfactionText(satisfaction));
    table.Add({{StyleText(outcome.style())},
               {Grouped(outcome.resolutions())},
               {Grouped(outcome.reopened()), outcome.reopened() > 0 ? Tone::kWarn : Tone::kDim},
               {satisfactions.empty() ? "nobody said" : Joined(satisfactions)}});
  }
  canvas.Rows(table);
}

void DrawRecurrences(const v1::DocketSummary& summary, Canvas& canvas) {
  if (summary.recurrences().empty()) return;
  canvas.Section("What comes back");
  Table table({{"About"}, {"Disputes"}, {"Open", true}});
  for (const auto& recurrence : summary.recurrences()) {
    std::vector<std::string> disputes;
    for (const std::string& name : recurrence.disputes()) disputes.push_back(LocalName(name));
    table.Add({{recurrence.subject().empty() ? "the same, by their own word" : LocalName(recurrence.subject())},
               {Joined(disputes)},
               {Grouped(recurrence.open())}});
  }
  canvas.Rows(table);
}

}  // namespace

void Draw(const v1::GetDocketResponse& answer, Canvas& canvas) {
  const v1::DocketSummary& summary = answer.summary();
  canvas.Title("Docket", "as of " + ShortTimeText(answer.read_time()));
  const std::vector<Tile> states = {{summary.open(), "open", Tone::kWarn},
                                    {summary.resolved(), "resolved", Tone::kGood},
                                    {summary.withdrawn(), "withdrawn", Tone::kDim}};
  canvas.Tiles(states);
  canvas.Shares(states);
  canvas.Tiles({{summary.acknowledgements_overdue(), "acknowledgements overdue", Tone::kBad},
                {summary.windows_overdue(), "windows overdue", Tone::kBad},
                {summary.work_suspended(), "with work suspended", Tone::kBad},
                {summary.recurring(), "recurring", Tone::kWarn},
                {summary.reopened(), "opened again", Tone::kWarn}});
  canvas.Tiles({{summary.joint_escalations(), "escalated jointly"},
                {summary.one_sided_escalations(), "escalated by one side", Tone::kWarn}});
  if (summary.has_median_time_to_resolve()) {
    canvas.Line("resolved in " + Age(summary.median_time_to_resolve()) + " (median), " +
                Age(summary.longest_time_to_resolve()) + " at most");
  }
  if (summary.open() > 0) {
    canvas.Section("Open, by age");
    AgesTable tiers("Tier", summary.open()), types("Type", summary.open()), styles("Style", summary.open());
    for (const auto& tier : summary.by_tier()) tiers.Add(TierText(tier.tier_id()), tier.ages());
    for (const auto& type : summary.by_type())
      types.Add(EnumText(v1::DisputeType_descriptor(), type.type()), type.ages());
    for (const auto& style : summary.by_style()) styles.Add(StyleText(style.style()), style.ages());
    for (AgesTable* table : {&tiers, &types, &styles}) table->Draw(canvas);
  }
  DrawEntries(answer, canvas);
  DrawParties(summary, canvas);
  DrawOutcomes(summary, canvas);
  DrawRecurrences(summary, canvas);
}

}  // namespace parley
