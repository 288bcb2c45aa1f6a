#include "services/query/filter.h"

#include <gtest/gtest.h>

#include "eventstore/base/status.h"
#include "parley/v1/decision.pb.h"
#include "parley/v1/relationship.pb.h"
#include "tests/support/world.h"

namespace parley::test {
namespace {

v1::Decision Sample() {
  return Parse<v1::Decision>(R"pb(
    name: "relationships/acme/decisions/d1"
    create_time { seconds: 1767225600 }
    state: DECISION_STATE_DECIDED
    title: "Move \"now\" or later"
    class_id: "change-request"
    options { option_id: "yes" }
    options { option_id: "no" }
    criteria: "cost"
    criteria: "risk"
    amount { currency_code: "EUR" units: -5 }
    charter_version: 3
    outcomes { option_id: "yes" overridden: true }
  )pb");
}

struct Case {
  std::string filter;
  bool matches;
};

class FilterMatches : public testing::TestWithParam<Case> {};

TEST_P(FilterMatches, OrNot) {
  const auto filter = Filter::Parse(GetParam().filter, v1::Decision::descriptor());
  ASSERT_TRUE(filter.ok()) << filter.status();
  EXPECT_EQ(filter->Matches(Sample()), GetParam().matches) << GetParam().filter;
}

INSTANTIATE_TEST_SUITE_P(
    All, FilterMatches,
    testing::Values(
        Case{"", true}, Case{"  ", true}, Case{"title = \"Move \\\"now\\\" or later\"", true},
        Case{"title = 'Move \"now\" or later'", true}, Case{"title = Move", false}, Case{"title != Move", true},
        Case{"title > Mo AND title < Mp", true}, Case{"title < Mo", false},
        Case{"state = DECISION_STATE_DECIDED", true}, Case{"state = DECIDED", true}, Case{"state = decided", true},
        Case{"state=DECIDED", true}, Case{"state = PROPOSED", false}, Case{"state != PROPOSED", true},
        Case{"state < SUPERSEDED", true}, Case{"charter_version = 3", true},
        Case{"charter_version >= 3 AND charter_version <= 3", true}, Case{"charter_version > 3", false},
        Case{"charter_version > -1", true}, Case{"amount.units < 0", true}, Case{"amount.units = -5", true},
        Case{"amount.units > -6 AND amount.units < -4", true}, Case{"create_time = 2026-01-01T00:00:00Z", true},
        Case{"create_time = \"2026-01-01T01:00:00+01:00\"", true}, Case{"create_time > 2025-12-31T23:59:59.5Z", true},
        Case{"create_time < 2026-01-01T00:00:00Z", false},
        // A field that is not set compares with nothing, but differs from everything.
        Case{"update_time < 2030-01-01T00:00:00Z", false}, Case{"update_time >= 2030-01-01T00:00:00Z", false},
        Case{"update_time != 2030-01-01T00:00:00Z", true}, Case{"update_time:*", false}, Case{"create_time:*", true},
        Case{"amount:*", true}, Case{"amount.nanos:*", false}, Case{"superseded_by:*", false}, Case{"title:*", true},
        Case{"criteria:*", true}, Case{"supersedes:*", false}, Case{"criteria:cost", true},
        Case{"criteria : \"risk\"", true}, Case{"criteria:price", false}, Case{"options.option_id:no", true},
        Case{"options.option_id:maybe", false}, Case{"outcomes.overridden:true", true},
        Case{"outcomes.overridden:false", false}, Case{"class_id:change-request", true}, Case{"criteria:\"*\"", false},
        Case{"state = DECIDED AND charter_version = 4", false},
        Case{"state=DECIDED AND charter_version=3 AND criteria:cost", true}));

class FilterRefuses : public testing::TestWithParam<std::string> {};

TEST_P(FilterRefuses, WithTheReason) {
  const auto filter = Filter::Parse(GetParam(), v1::Decision::descriptor());
  EXPECT_EQ(ReasonOf(filter.status()), v1::REASON_FILTER_INVALID) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(All, FilterRefuses,
                         testing::Values("title", "title =", "= x", "title == x y", "nothing = 1", "title.more = 1",
                                         "options.nothing:1", "state = NO_SUCH_STATE", "charter_version = three",
                                         "charter_version = 99999999999999999999", "create_time > yesterday",
                                         "create_time > 2026-01-01", "title = x OR title = y", "NOT title = x",
                                         "(title = x)", "title = x title = y", "title = x AND", "AND title = x",
                                         "title = \"x", "title = x)", "options = yes", "criteria = cost", "amount = 5",
                                         "amount:5", "options.option_id = yes", "title ~ x", "title = x, state = y",
                                         std::string("title = ") + std::string(5000, 'x'), ".title = x", "title. = x"));

TEST(Filter, IsBounded) {
  std::string filter = "title = x";
  for (int i = 0; i < 40; ++i) filter += " AND title = x";
  EXPECT_EQ(ReasonOf(Filter::Parse(filter, v1::Decision::descriptor()).status()), v1::REASON_FILTER_INVALID);
}

std::string KeyOf(const std::string& order, const std::string& decision) {
  const auto parsed = OrderBy::Parse(order, v1::Decision::descriptor());
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed->KeyOf(Parse<v1::Decision>(decision));
}

TEST(OrderBy, KeysCompareAsTheResourcesAreOrdered) {
  const std::string a = "name: 'a' title: 'x' charter_version: -2 create_time { seconds: 5 }";
  const std::string b = "name: 'b' title: 'xy' charter_version: 1 create_time { seconds: 5 nanos: 1 }";
  const std::string c = "name: 'c' title: 'x' charter_version: 1";
  EXPECT_LT(KeyOf("", a), KeyOf("", b));
  EXPECT_LT(KeyOf("title", a), KeyOf("title", b)) << "a prefix comes first";
  EXPECT_GT(KeyOf("title desc", a), KeyOf("title desc", b));
  EXPECT_LT(KeyOf("title", a), KeyOf("title", c)) << "the name breaks the tie";
  EXPECT_LT(KeyOf("title desc", a), KeyOf("title desc", c));
  EXPECT_LT(KeyOf("charter_version", a), KeyOf("charter_version", b));
  EXPECT_LT(KeyOf("create_time", a), KeyOf("create_time", b));
  EXPECT_LT(KeyOf("create_time", c), KeyOf("create_time", a)) << "unset comes first";
  EXPECT_GT(KeyOf("create_time desc", c), KeyOf("create_time desc", a));
  EXPECT_LT(KeyOf("charter_version, title desc", b), KeyOf("charter_version, title desc", c));
  EXPECT_GT(KeyOf("name desc", a), KeyOf("name desc", b));
  EXPECT_TRUE(OrderBy::Parse(" name ", v1::Decision::descriptor())->by_name_only());
  EXPECT_FALSE(OrderBy::Parse("name desc", v1::Decision::descriptor())->by_name_only());
}

TEST(OrderBy, RefusesWhatHasNoOrder) {
  for (const char* text : {"nothing", "title up", "title desc desc", "title,", ",title", "options", "criteria",
                           "options.option_id", "amount", "title title"}) {
    EXPECT_EQ(ReasonOf(OrderBy::Parse(text, v1::Decision::descriptor()).status()), v1::REASON_FILTER_INVALID) << text;
  }
}

}  // namespace
}  // namespace parley::test
