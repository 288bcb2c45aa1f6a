// Asking an authority for the time, and what becomes of authorities that give none.
#include "services/server/timestamp_authority.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "eventstore/base/clock.h"
#include "eventstore/proof/timestamp.h"
#include "tests/support/timestamp_authority.h"

namespace parley::test {
namespace {

constexpr char kText[] = "log.example/relationships/acme\n7\nAAAA\n";

class TimestampAuthorityTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ::setenv("no_proxy", "127.0.0.1", 1);
    if (HasTimestampTools()) authority_ = new TestTimestampAuthority();
  }
  static void TearDownTestSuite() {
    delete authority_;
    authority_ = nullptr;
  }
  void SetUp() override {
    if (authority_ != nullptr) return;
    ASSERT_EQ(std::getenv("PARLEY_REQUIRE_TOOLS"), nullptr) << "node or the openssl command is missing";
    GTEST_SKIP() << "node or the openssl command is missing";
  }

  absl::StatusOr<std::string> Stamp(const std::string& url, absl::Duration timeout = absl::Seconds(10)) {
    return TimestampAuthority({.url = url, .random = &random_, .timeout = timeout}).Stamp(kText);
  }
  absl::StatusCode Refusal(const std::string& path) { return Stamp(authority_->Url(path)).status().code(); }

  static inline TestTimestampAuthority* authority_ = nullptr;
  SystemRandom random_;
};

TEST_F(TimestampAuthorityTest, GivesATimestampThatVerifies) {
  const absl::Time before = SystemClock().Now();
  const auto response = Stamp(authority_->Url());
  ASSERT_TRUE(response.ok()) << response.status();
  const auto time = VerifyTimestamp(*response, kText, authority_->CaPem());
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_GE(*time, before - absl::Seconds(1));
}

TEST_F(TimestampAuthorityTest, AnAnswerToAnotherRequestIsNone) {
  ASSERT_TRUE(Stamp(authority_->Url()).ok());
  EXPECT_EQ(Refusal("/again"), absl::StatusCode::kInvalidArgument);
}

TEST_F(TimestampAuthorityTest, WhatIsNoTimestampIsSaid) {
  EXPECT_EQ(Refusal("/html"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Refusal("/large"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Refusal("/error"), absl::StatusCode::kUnavailable);
}

TEST_F(TimestampAuthorityTest, NobodyWaitsLongerThanTheTimeout) {
  const auto silent = Stamp(authority_->Url("/silent"), absl::Milliseconds(200));
  EXPECT_EQ(silent.status().code(), absl::StatusCode::kDeadlineExceeded) << silent.status();
}

TEST_F(TimestampAuthorityTest, WhereThereIsNoneItIsUnavailable) {
  EXPECT_EQ(Stamp("http://127.0.0.1:1/").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Stamp("file:///dev/null").status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace parley::test
