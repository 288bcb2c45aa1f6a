#include "services/cli/dashboards.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "parley/v1/dashboard.pb.h"
#include "parley/v1/timeline.pb.h"
#include "services/cli/api.h"

namespace parley {
namespace {

using testing::HasSubstr;

template <class T>
std::string Drawn(const char* text) {
  T answer;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &answer));
  std::ostringstream out;
  const Screen screen;
  Canvas canvas(out, screen);
  DrawDashboard(answer, canvas);
  return out.str();
}

TEST(Dashboards, ScoreboardKeepsTheTruthsApartAndUnknownUnknown) {
  EXPECT_EQ(Drawn<v1::GetScoreboardResponse>(R"pb(
              read_time { seconds: 1772703000 }
              summary { periods: 2 missed: 1 unknown: 1 only_clock_stopped_passes: 1 reports_missing: 1 }
              metrics {
                metric: "relationships/acme/metrics/m1"
                display_name: "Resolved in time"
                unit: "%"
                direction: METRIC_DIRECTION_HIGHER_IS_BETTER
                expected { parts_per_million: 500000 }
                target { fraction { numerator: 7 denominator: 10 } }
                weight: 3
                version_in_force: 1
                cells {
                  period: "2026-01"
                  state: METRIC_PERIOD_STATE_SETTLED
                  as_reported {
                    measurement {
                      raw { numerator: 45 denominator: 100 }
                      clock_stopped { numerator: 60 denominator: 100 }
                    }
                  }
                  as_agreed {
                    measurement {
                      raw { numerator: 40 denominator: 100 }
                      clock_stopped { numerator: 55 denominator: 100 }
                    }
                  }
                  as_perceived { party_id: "buyer" score: 2 }
                  as_perceived { party_id: "provider" score: 4 }
                  rating { raw: RATING_MISSED clock_stopped: RATING_MET_EXPECTED }
                  only_clock_stopped_passes: true
                }
                cells {
                  period: "2026-02"
                  state: METRIC_PERIOD_STATE_MISSING
                  rating { raw: RATING_UNKNOWN }
                  report_missing: true
                }
              })pb"),
            "Scoreboard  as of 2026-03-05 09:30\n"
            "  0 met the target · 0 met what was expected · 1 missed · 1 unknown\n"
            "  ▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪\n"
            "  1 green only with the clock stopped · 1 reports that did not come in time · 0 contested · 0 agreed "
            "otherwise than reported\n"
            "\n"
            "Resolved in time  (metrics/m1)\n"
            "  version 1, expected 50.00 %, target 70.00 %, higher is better, weight 3\n"
            "  raw           ▄·\n"
            "  clock stopped ▄·\n"
            "  Period   State    Reported  Clock stopped  Corrected   Agreed  Perceived            Counts as  Note\n"
            "  2026-01  settled   45.00 %        55.00 %             40.00 %  buyer 2, provider 4  missed     "
            "green only with the clock stopped\n"
            "  2026-02  missing                                                                    unknown    "
            "report missing\n");
}

TEST(Dashboards, CoverageShowsWhatNothingMeasures) {
  const std::string drawn = Drawn<v1::GetCoverageResponse>(R"pb(
    summary { objectives: 1 unmeasured_objectives: 1 unmeasured_that_matter: 1 ranked_differently: 1 }
    objectives {
      objective: "relationships/acme/objectives/trust"
      title: "Trust"
      rankings { party_id: "buyer" rank: 5 }
      rankings { party_id: "provider" rank: 1 }
      unmeasured: true
      rank_gap: 4
      ranked_differently: true
    })pb");
  EXPECT_THAT(drawn, HasSubstr("  Objective         Title  Ranked               Gap  Endorsed by  Measured by\n"
                               "  objectives/trust  Trust  buyer 5, provider 1    4               nothing\n"));
}

TEST(Dashboards, DocketTellsWhoEscalatedAlone) {
  const std::string drawn = Drawn<v1::GetDocketResponse>(R"pb(
    summary {
      open: 1
      by_tier {
        tier_id: "board"
        tier_level: 2
        ages {
          open: 1
          oldest { seconds: 864000 }
          median { seconds: 864000 }
        }
      }
      outcomes_by_style {
        style: DISPUTE_STYLE_COMPETING
        resolutions: 2
        satisfactions { party_id: "buyer" scores: 2 sum: 3 average_hundredths: 150 }
      }
    }
    entries {
      dispute: "relationships/acme/disputes/x1"
      title: "Late"
      state: DISPUTE_STATE_ESCALATED
      tier_id: "board"
      escalations { tier_id: "board" mode: ESCALATION_MODE_ONE_SIDED alone_party: "buyer" }
      open_for { seconds: 864000 }
      window_overdue: true
    })pb");
  EXPECT_THAT(drawn, HasSubstr("board  ████████████████ 1         10d     10d\n"));
  EXPECT_THAT(drawn, HasSubstr("window overdue, escalated alone by buyer\n"));
  EXPECT_THAT(drawn, HasSubstr("buyer 1.50 of 2 scores\n"));
}

TEST(Dashboards, AnEmptyRelationshipDrawsToo) {
  EXPECT_THAT(Drawn<v1::GetScoreboardResponse>(""), HasSubstr("Scoreboard"));
  EXPECT_THAT(Drawn<v1::GetCoverageResponse>(""), HasSubstr("none"));
  EXPECT_THAT(Drawn<v1::GetDocketResponse>(""), HasSubstr("0 open"));
  EXPECT_THAT(Drawn<v1::GetActivityViewResponse>(""), HasSubstr("0 cases"));
  EXPECT_THAT(Drawn<v1::GetDecisionRegisterResponse>(""), HasSubstr("0 decided"));
  EXPECT_THAT(Drawn<v1::GetOverviewResponse>(""), HasSubstr("no charter binds yet"));
  EXPECT_THAT(Drawn<v1::GetPortfolioResponse>(""), HasSubstr("Portfolio"));
}

// A board that no drawing was made for is drawn by its fields; other answers stand in for one here.
TEST(Dashboards, AnyAnswerIsDrawnByItsFields) {
  EXPECT_EQ(Drawn<v1::ListTimelineEntriesResponse>(R"pb(
              timeline_entries { sequence: 3 actor: "bea" summary: "decided" }
              next_page_token: "more")pb"),
            "List timeline entries\n"
            "\n"
            "Timeline entries\n"
            "  Timeline entries 1\n"
            "    Sequence        3\n"
            "    Actor           bea\n"
            "    Summary         decided\n"
            "  Next page token  more\n");
}

}  // namespace
}  // namespace parley
