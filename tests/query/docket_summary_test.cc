#include "services/query/docket_summary.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/support/world.h"

namespace parley::test {
namespace {

using Entries = google::protobuf::RepeatedPtrField<v1::DocketEntry>;

// Each text is one entry; its name is "d1", "d2", … and, unless the text says otherwise, it is the first about its
// matter.
Entries EntriesOf(const std::vector<std::string>& texts) {
  Entries entries;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string name = "d" + std::to_string(i + 1);
    *entries.Add() = Parse<v1::DocketEntry>("dispute: '" + name + "' first_dispute: '" + name + "' " + texts[i]);
  }
  return entries;
}

std::string Open(int days, const std::string& more) {
  return "state: DISPUTE_STATE_ESCALATED open_since_time { seconds: 1 } open_for { seconds: " +
         std::to_string(days * 86'400) + " } " + more;
}

// Whether the summary has exactly `expected` in those of its fields that are named.
void ExpectFields(const v1::DocketSummary& summary, const std::vector<std::string>& fields, std::string_view expected) {
  v1::DocketSummary chosen;
  for (const std::string& name : fields) {
    const auto* field = summary.GetDescriptor()->FindFieldByName(name);
    ASSERT_NE(field, nullptr) << name;
    v1::DocketSummary copy = summary;
    for (int i = 0; i < copy.GetDescriptor()->field_count(); ++i) {
      if (copy.GetDescriptor()->field(i) != field)
        copy.GetReflection()->ClearField(&copy, copy.GetDescriptor()->field(i));
    }
    chosen.MergeFrom(copy);
  }
  const auto wanted = Parse<v1::DocketSummary>(expected);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(chosen, wanted)) << chosen.DebugString();
}

TEST(DocketSummary, OfNothingIsEmpty) { EXPECT_EQ(SummariseDocket({}).ByteSizeLong(), 0u); }

TEST(DocketSummary, Counts) {
  const auto summary = SummariseDocket(EntriesOf({
      Open(1, "unacknowledged_by: 'a' acknowledgement_overdue: true work_suspended: true"),
      Open(2, "unacknowledged_by: 'a' window_overdue: true reopen_count: 2"),
      "state: DISPUTE_STATE_RESOLVED work_suspended: true earlier_disputes: 3 "
      "escalations { mode: ESCALATION_MODE_JOINT } "
      "escalations { mode: ESCALATION_MODE_ONE_SIDED alone_party: 'a' }"
      "escalations { mode: ESCALATION_MODE_JOINT }",
      "state: DISPUTE_STATE_WITHDRAWN",
  }));
  ExpectFields(summary,
               {"open", "resolved", "withdrawn", "reopened", "acknowledgements_pending", "acknowledgements_overdue",
                "windows_overdue", "work_suspended", "joint_escalations", "one_sided_escalations", "recurring"},
               R"pb(
                 open: 2
                 resolved: 1
                 withdrawn: 1
                 reopened: 1
                 acknowledgements_pending: 2
                 acknowledgements_overdue: 1
                 windows_overdue: 1
                 work_suspended: 1
                 joint_escalations: 2
                 one_sided_escalations: 1
                 recurring: 1
               )pb");
}

TEST(DocketSummary, GroupsTheAgesOfOpenDisputes) {
  const auto summary = SummariseDocket(EntriesOf({
      Open(30, "tier_id: 'alpha' tier_level: 2 type: DISPUTE_TYPE_SERVICE style: DISPUTE_STYLE_COMPETING"),
      Open(1, "type: DISPUTE_TYPE_SERVICE"),
      Open(5, "tier_id: 'zulu' tier_level: 1 type: DISPUTE_TYPE_COMMERCIAL style: DISPUTE_STYLE_COMPETING"),
      Open(4, "tier_id: 'alpha' tier_level: 2 type: DISPUTE_TYPE_SERVICE"),
      "state: DISPUTE_STATE_RESOLVED tier_id: 'alpha' tier_level: 2 type: DISPUTE_TYPE_RELATIONSHIP",
  }));
  ExpectFields(summary, {"by_tier"}, R"pb(
    by_tier {
      ages {
        open: 1
        oldest { seconds: 86400 }
        median { seconds: 86400 }
      }
    }
    by_tier {
      tier_id: "zulu"
      tier_level: 1
      ages {
        open: 1
        oldest { seconds: 432000 }
        median { seconds: 432000 }
      }
    }
    by_tier {
      tier_id: "alpha"
      tier_level: 2
      ages {
        open: 2
        oldest { seconds: 2592000 }
        median { seconds: 345600 }
      }
    }
  )pb");
  ExpectFields(summary, {"by_type"}, R"pb(
    by_type {
      type: DISPUTE_TYPE_COMMERCIAL
      ages {
        open: 1
        oldest { seconds: 432000 }
        median { seconds: 432000 }
      }
    }
    by_type {
      type: DISPUTE_TYPE_SERVICE
      ages {
        open: 3
        oldest { seconds: 2592000 }
        median { seconds: 345600 }
      }
    }
  )pb");
  ExpectFields(summary, {"by_style"}, R"pb(
    by_style {
      ages {
        open: 2
        oldest { seconds: 345600 }
        median { seconds: 86400 }
      }
    }
    by_style {
      style: DISPUTE_STYLE_COMPETING
      ages {
        open: 2
        oldest { seconds: 2592000 }
        median { seconds: 432000 }
      }
    }
  )pb");
}

TEST(DocketSummary, TakesTheLowerMedianOfTimesToResolve) {
  const auto took = [](int seconds) { return "time_to_resolve { seconds: " + std::to_string(seconds) + " }"; };
  ExpectFields(SummariseDocket(EntriesOf({took(9), Open(1, took(1)), took(4), took(3), ""})),
               {"median_time_to_resolve", "longest_time_to_resolve"},
               "median_time_to_resolve { seconds: 3 } longest_time_to_resolve { seconds: 9 }");
}

TEST(DocketSummary, SaysWhoEscalatedAlone) {
  const std::string alone = "escalations { mode: ESCALATION_MODE_ONE_SIDED alone_party: ";
  const auto summary = SummariseDocket(EntriesOf({
      "raised_by_party: 'provider' respondents: 'buyer' acknowledged_late_by: 'buyer' " + alone +
          "'provider' early: true } " + alone + "'provider' urgent_relief: true } " + alone +
          "'buyer' early: true urgent_relief: true skipped_tier_ids: ['x', 'y'] }",
      "raised_by_party: 'provider' respondents: ['adviser', 'buyer'] escalations { mode: ESCALATION_MODE_JOINT early: "
      "true }" +
          alone + "'provider' }",
  }));
  ExpectFields(summary, {"parties"}, R"pb(
    parties { party_id: "adviser" }
    parties {
      party_id: "buyer"
      escalated_alone: 1
      escalated_alone_early: 1
      escalated_alone_skipping: 1
      acknowledged_late: 1
    }
    parties { party_id: "provider" raised: 2 escalated_alone: 3 escalated_alone_early: 1 }
  )pb");
}

TEST(DocketSummary, ListsWhatRecurs) {
  const auto summary = SummariseDocket(EntriesOf({
      Open(1, "subject: 's' first_dispute: 'd3' earlier_disputes: 2"),
      "first_dispute: 'd4' earlier_disputes: 1",
      "subject: 's'",
      "",
      "subject: 's' first_dispute: 'd3' earlier_disputes: 1",
      Open(1, "subject: 'once'"),
  }));
  ExpectFields(summary, {"recurrences"}, R"pb(
    recurrences {
      subject: "s"
      disputes: [ "d3", "d5", "d1" ]
      open: 1
    }
    recurrences { disputes: [ "d4", "d2" ] }
  )pb");
}

TEST(DocketSummary, SetsStyleAgainstTheSatisfactionOfEachSide) {
  const auto resolved = [](const std::string& style, const std::string& buyer, const std::string& provider) {
    const auto score = [](const std::string& party, const std::string& score) {
      return score.empty() ? "" : "satisfactions { party_id: '" + party + "' score: " + score + " } ";
    };
    return "resolutions { style: DISPUTE_STYLE_" + style + " " + score("buyer", buyer) + score("provider", provider) +
           "} ";
  };
  const auto summary = SummariseDocket(EntriesOf({
      // The first of these did not hold.
      resolved("COMPETING", "5", "1") + resolved("COLLABORATING", "4", "5") + "reopen_count: 1",
      resolved("COMPETING", "4", "") + resolved("COMPETING", "5", "") + "reopen_count: 2",
      resolved("COLLABORATING", "", ""),
      Open(1, "style: DISPUTE_STYLE_AVOIDING"),
  }));
  ExpectFields(summary, {"outcomes_by_style"}, R"pb(
    outcomes_by_style {
      style: DISPUTE_STYLE_COMPETING
      resolutions: 3
      reopened: 3
      satisfactions { party_id: "buyer" scores: 3 sum: 14 average_hundredths: 467 }
      satisfactions { party_id: "provider" scores: 1 sum: 1 average_hundredths: 100 }
    }
    outcomes_by_style {
      style: DISPUTE_STYLE_COLLABORATING
      resolutions: 2
      satisfactions { party_id: "buyer" scores: 1 sum: 4 average_hundredths: 400 }
      satisfactions { party_id: "provider" scores: 1 sum: 5 average_hundredths: 500 }
    }
  )pb");
}

TEST(DocketSummary, DoesNotDependOnTheOrderOfEntries) {
  Entries entries = EntriesOf({
      Open(3, "tier_id: 't' tier_level: 1 raised_by_party: 'b' first_dispute: 'd3' earlier_disputes: 1"),
      Open(1, "raised_by_party: 'a' resolutions { satisfactions { party_id: 'a' score: 2 } } reopen_count: 1"),
      "raised_by_party: 'b' resolutions { satisfactions { party_id: 'b' score: 4 } } time_to_resolve { seconds: 9 }",
  });
  const std::string expected = SummariseDocket(entries).SerializeAsString();
  std::reverse(entries.begin(), entries.end());
  EXPECT_EQ(SummariseDocket(entries).SerializeAsString(), expected);
}

}  // namespace
}  // namespace parley::test
