#include "services/cli/view.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "parley/v1/decision.pb.h"
#include "parley/v1/objective.pb.h"

namespace parley {
namespace {

template <class T>
T Parse(const char* text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

std::string Rows(const google::protobuf::Message& message, const char* field) {
  std::ostringstream out;
  PrintRows(out, {}, message, *message.GetDescriptor()->FindFieldByName(field));
  return out.str();
}

TEST(View, AListShowsChosenColumnsAndLeavesEmptyOnesOut) {
  const auto page = Parse<v1::ListDecisionsResponse>(R"pb(
    decisions {
      name: "relationships/acme/decisions/d1"
      etag: "7"
      title: "Move the desk"
      state: DECISION_STATE_DECIDED
      amount { currency_code: "EUR" units: 1200 nanos: 500000000 }
      update_time { seconds: 1772703000 }
    }
    decisions {
      name: "relationships/acme/decisions/d2"
      title: "Hire"
      state: DECISION_STATE_PROPOSED
      update_time { seconds: 1772703000 }
    }
  )pb");
  EXPECT_EQ(Rows(page, "decisions"),
            "Name               Title          State          Amount  Update time\n"
            "acme/decisions/d1  Move the desk  decided   EUR 1200.50  2026-03-05 09:30\n"
            "acme/decisions/d2  Hire           proposed               2026-03-05 09:30\n");
}

TEST(View, WhatEachPartySaysIsNotMerged) {
  const auto page = Parse<v1::ListObjectivesResponse>(R"pb(
    objectives {
      name: "relationships/acme/objectives/o1"
      rankings { party_id: "buyer" rank: 5 }
      rankings { party_id: "provider" rank: 2 }
      endorsements { party_id: "buyer" }
    }
  )pb");
  EXPECT_EQ(Rows(page, "objectives"),
            "Name                Rankings             Endorsements\n"
            "acme/objectives/o1  buyer 5, provider 2  buyer\n");
}

TEST(View, OneMessageAsKeysAndValues) {
  const auto decision = Parse<v1::Decision>(R"pb(
    name: "relationships/acme/decisions/d1"
    title: "Move\nthe desk"
    criteria: "cost"
    criteria: "calm"
    options { option_id: "go" description: "Now" }
    options { option_id: "stay" }
    outcomes {
      option_id: "go"
      overridden: true
      time { seconds: 1772703000 }
      assessment { score: 4 }
    }
  )pb");
  std::ostringstream out;
  PrintMessage(out, {}, decision);
  EXPECT_EQ(out.str(),
            "Name               relationships/acme/decisions/d1\n"
            "Title              Move the desk\n"
            "Options\n"
            "  Option  Description\n"
            "  go      Now\n"
            "  stay\n"
            "Criteria           cost, calm\n"
            "Outcomes 1\n"
            "  Option             go\n"
            "  Time               2026-03-05T09:30:00Z\n"
            "  Overridden         yes\n"
            "  Assessment\n"
            "    Score      4\n");
}

TEST(View, JsonKeepsTheNamesOfTheProto) {
  const auto decision = Parse<v1::Decision>("class_id: 'staffing' charter_version: 2");
  EXPECT_EQ(ToJsonLine(decision), "{\"class_id\":\"staffing\",\"charter_version\":2}\n");
}

}  // namespace
}  // namespace parley
