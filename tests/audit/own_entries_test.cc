#include "services/verify/own_entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/audit/two_bundles.h"

namespace parley {
namespace {

using ::testing::HasSubstr;

class OwnEntriesTest : public test::TwoBundles {
 protected:
  absl::Status Check(const test::BundleBuilder& record, const std::string& reader, uint64_t from,
                     const std::set<std::string>* ids = nullptr) {
    return CheckOwnEntries(Write(record.Bundle(reader), "bundle"), from, {reader, ids});
  }
  // What the buyer's clients, and the provider's, sent.
  static std::set<std::string> Sent(const std::string& party) {
    std::set<std::string> ids;
    for (size_t i = 0; i < Good().entries.size(); ++i) {
      const v1::Record record = Good().RecordOf(i);
      if (record.party() == party) ids.insert(record.request_id());
    }
    return ids;
  }
};

TEST_F(OwnEntriesTest, WhatAPartyWroteIsItsOwn) {
  for (const std::string party : {"buyer", "provider"}) {
    const std::set<std::string> sent = Sent(party);
    EXPECT_GT(sent.size(), 5u);
    EXPECT_TRUE(Check(Good(), party, 0).ok());
    const absl::Status status = Check(Good(), party, 0, &sent);
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST_F(OwnEntriesTest, AnotherPartysEntryUnderItsNameIsNot) {
  test::BundleBuilder forged;
  // The provider's own objective is passed off as the buyer's.
  const size_t at = forged.Find("objective.stated", 2);
  ASSERT_EQ(forged.HeaderOf(at).owner(), "provider");
  forged.Rewrite(at, [](v1::EntryHeader& header, v1::Record&) { header.set_owner("buyer"); });
  const absl::Status status = Check(forged, "buyer", 0);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("entry " + std::to_string(at) + " "));
  EXPECT_TRUE(Check(forged, "buyer", at + 1).ok()) << "what was cosigned before is not asked again";
}

TEST_F(OwnEntriesTest, AnEntryUnderItsNameThatItMayNotReadIsNot) {
  const size_t at = Good().Find("objective.stated", 1);
  ASSERT_EQ(Good().HeaderOf(at).owner(), "buyer");
  auto entries = Good().entries;
  entries[at].clear_parts();
  const auto bundle = test::MakeBundle(entries, Good().notes, "buyer");
  const absl::Status status = CheckOwnEntries(Write(bundle, "bundle"), 0, {"buyer", nullptr});
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("withheld"));
}

TEST_F(OwnEntriesTest, ARequestThatWasNeverSentIsNot) {
  std::set<std::string> sent = Sent("buyer");
  const size_t joint = Good().Find("decision.decided");
  ASSERT_EQ(Good().RecordOf(joint).party(), "buyer");
  sent.erase(Good().RecordOf(joint).request_id());
  const absl::Status status = Check(Good(), "buyer", 0, &sent);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(status.message()), HasSubstr("never sent"));
}

}  // namespace
}  // namespace parley
