#include "eventstore/base/resource_name.h"

#include <gtest/gtest.h>

#include <string>

namespace parley {
namespace {

struct NameCase {
  const char* test;
  const char* text;
  const char* ledger;
  const char* owner;
  const char* collection;
  const char* id;
};

class GoodName : public testing::TestWithParam<NameCase> {};

TEST_P(GoodName, ParsesAndPrintsTheSame) {
  const auto name = ResourceName::Parse(GetParam().text);
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->ledger.str(), GetParam().ledger);
  EXPECT_EQ(name->owner, GetParam().owner);
  EXPECT_EQ(name->collection, GetParam().collection);
  EXPECT_EQ(name->id, GetParam().id);
  EXPECT_EQ(name->str(), GetParam().text);
}

constexpr NameCase kGood[] = {
    {"Root", "relationships/acme-2024", "acme-2024", "", "relationships", "acme-2024"},
    {"Joint", "relationships/acme/decisions/d1", "acme", "", "decisions", "d1"},
    {"CamelCaseCollection", "relationships/acme/qualityGates/g", "acme", "", "qualityGates", "g"},
    {"Private", "relationships/acme/parties/bank/assessments/a.1_B~x-", "acme", "bank", "assessments", "a.1_B~x-"},
};
INSTANTIATE_TEST_SUITE_P(Table, GoodName, testing::ValuesIn(kGood),
                         [](const auto& info) { return std::string(info.param.test); });

struct BadCase {
  const char* test;
  std::string text;
};

class BadName : public testing::TestWithParam<BadCase> {};

TEST_P(BadName, IsRefused) { EXPECT_EQ(ResourceName::Parse(GetParam().text), std::nullopt); }

const BadCase kBad[] = {
    {"Empty", ""},
    {"RootOnly", "relationships"},
    {"NoLedger", "relationships/"},
    {"OtherRoot", "contracts/acme"},
    {"UpperCaseLedger", "relationships/Acme"},
    {"LeadingHyphen", "relationships/-acme"},
    {"LongLedger", "relationships/" + std::string(64, 'a')},
    {"NoId", "relationships/acme/decisions"},
    {"EmptyId", "relationships/acme/decisions/"},
    {"LeadingSlash", "/relationships/acme"},
    {"TrailingSlash", "relationships/acme/decisions/d1/"},
    {"SpaceInId", "relationships/acme/decisions/d 1"},
    {"NulInId", std::string("relationships/acme/decisions/d\0x", 32)},
    {"LongId", "relationships/acme/decisions/" + std::string(129, 'a')},
    {"PartyItself", "relationships/acme/parties/bank"},
    {"RootInside", "relationships/acme/relationships/x"},
    {"PrivateParties", "relationships/acme/parties/bank/parties/x"},
    {"PrivateWithoutId", "relationships/acme/parties/bank/assessments"},
    {"OtherOwner", "relationships/acme/owners/bank/assessments/a"},
    {"TooDeep", "relationships/acme/parties/bank/assessments/a/parts/b"},
};
INSTANTIATE_TEST_SUITE_P(Table, BadName, testing::ValuesIn(kBad), [](const auto& info) { return info.param.test; });

TEST(ParentName, ParsesBothFormsAndNamesChildren) {
  const auto joint = ParentName::Parse("relationships/acme");
  ASSERT_TRUE(joint.has_value());
  EXPECT_EQ(joint->Child("decisions", "d1"), "relationships/acme/decisions/d1");
  const auto own = ParentName::Parse("relationships/acme/parties/bank");
  ASSERT_TRUE(own.has_value());
  EXPECT_EQ(own->owner, "bank");
  EXPECT_EQ(own->Child("drafts", "x"), "relationships/acme/parties/bank/drafts/x");
  for (const char* bad : {"", "relationships", "relationships/acme/decisions/d1", "relationships/acme/parties",
                          "relationships/acme/parties/Bank", "relationships/acme/"}) {
    EXPECT_FALSE(ParentName::Parse(bad).has_value()) << bad;
  }
}

TEST(Ids, Slugs) {
  EXPECT_TRUE(IsSlug("a"));
  EXPECT_TRUE(IsSlug("9-lives"));
  EXPECT_TRUE(IsSlug(std::string(63, 'x')));
  for (const std::string& bad : {std::string(), std::string("-a"), std::string("a-"), std::string("A"),
                                 std::string("a_b"), std::string("a.b"), std::string("ü"), std::string(64, 'x')}) {
    EXPECT_FALSE(IsSlug(bad)) << bad;
  }
}

TEST(Ids, Handles) {
  for (const char* good : {"petra", "p.k@bank", "0x", "a_b-c"}) EXPECT_TRUE(IsHandle(good)) << good;
  for (const std::string& bad : {std::string(), std::string(".a"), std::string("@a"), std::string("Petra"),
                                 std::string("a b"), std::string(64, 'x')}) {
    EXPECT_FALSE(IsHandle(bad)) << bad;
  }
}

TEST(Ids, ResourceIdsTakeForeignIds) {
  for (const char* good : {"1-364285768", "A~b", "x.y_z", "-"}) EXPECT_TRUE(IsResourceId(good)) << good;
  for (const char* bad : {"", "a/b", "a b", "a%20", "é"}) EXPECT_FALSE(IsResourceId(bad)) << bad;
}

}  // namespace
}  // namespace parley
