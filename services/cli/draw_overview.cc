// Relationships at a glance: one, and all side by side.
#include <algorithm>

#include "services/cli/drawings.h"

namespace parley {

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
                {overview.pending_reviews_size(), "awaiting review"},
                {overview.overdue_reviews(), "of these overdue", Tone::kBad}});
  if (overview.pending_reviews_size() > 0) {
    Table reviews({{"Review of"}, {"Due"}});
    for (const auto& review : overview.pending_reviews()) {
      const bool overdue = review.due_time().seconds() < answer.read_time().seconds();
      reviews.Add(
          {{LocalName(review.decision())}, {ShortTimeText(review.due_time()), overdue ? Tone::kBad : Tone::kPlain}});
    }
    canvas.Rows(reviews);
  }
  canvas.Section("Matters");
  canvas.Tiles({{overview.objectives(), "objectives pursued"},
                {overview.metrics(), "metrics in force"},
                {overview.open_contests(), "values contested", Tone::kBad},
                {overview.open_disputes(), "disputes open", Tone::kBad}});
  canvas.Section("Record");
  canvas.Line(Grouped(static_cast<int64_t>(overview.joint_entries())) + " joint entries, the last one on " +
              ShortTimeText(overview.last_activity_time()) + "; " + Grouped(overview.activities()) + " activities");
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
               {"Reviews overdue", true},
               {"Disputes", true},
               {"Contests", true},
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
               {std::to_string(overview.open_disputes()), overview.open_disputes() > 0 ? Tone::kBad : Tone::kDim},
               {std::to_string(overview.open_contests()), overview.open_contests() > 0 ? Tone::kBad : Tone::kDim},
               {ShortTimeText(overview.last_activity_time()), Tone::kDim}});
  }
  canvas.Rows(table);
  for (const std::string& name : answer.stopped()) {
    canvas.Line(name + ": its overview stopped at an entry that it cannot read", Tone::kBad);
  }
  if (!answer.next_page_token().empty())
    canvas.Line("there are more: --page-token " + answer.next_page_token(), Tone::kDim);
}

}  // namespace parley
