#include "services/import/ocds_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "tests/import/import_test_util.h"

namespace parley {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

std::string Release(const std::string& id, const std::string& date, const std::string& body) {
  return absl::StrCat(R"({"ocid":"o-1","id":")", id, R"(","date":")", date, R"(","tag":["contract"])",
                      body.empty() ? "" : ",", body, "}");
}

std::string Package(const std::string& releases) {
  return absl::StrCat(R"({"version":"1.1","uri":"http://example.com/","releases":[)", releases, "]}");
}

OcdsHistory Read(const std::vector<std::string>& files) {
  OcdsReader reader;
  for (size_t i = 0; i < files.size(); ++i) {
    const absl::Status status = reader.Add(absl::StrCat("f", i), files[i]);
    EXPECT_TRUE(status.ok()) << status;
  }
  return reader.Finish();
}

std::vector<std::string> Paths(const std::vector<OcdsLeftOut>& list) {
  std::vector<std::string> paths;
  for (const OcdsLeftOut& left_out : list) paths.push_back(left_out.path);
  return paths;
}

std::vector<std::string> SourceIds(const OcdsHistory& history) {
  std::vector<std::string> ids;
  for (const OcdsContracting& contracting : history.contractings) {
    for (const OcdsFact& fact : contracting.facts) ids.push_back(fact.source_id);
  }
  return ids;
}

constexpr char kContract[] = R"("contracts":[{"id":"c1","title":"Lanes","status":"active",
    "value":{"amount":1234567.89,"currency":"GBP"},"dateSigned":"2010-06-10T14:23:12Z",
    "implementation":{"transactions":[{"id":"t1","date":"2010-08-01T00:00:00Z","value":{"amount":0.1,"currency":"GBP"}}]}}])";

TEST(OcdsReader, MakesFactsWithExactAmounts) {
  OcdsHistory history = Read({Package(Release("r1", "2011-01-10T09:30:00Z", kContract))});
  ASSERT_EQ(history.contractings.size(), 1u);
  const OcdsContracting& contracting = history.contractings[0];
  EXPECT_EQ(contracting.ocid, "o-1");
  EXPECT_EQ(contracting.title, "Lanes");
  ASSERT_EQ(contracting.releases.size(), 1u);
  EXPECT_THAT(contracting.releases[0].tags, ElementsAre("contract"));
  ASSERT_EQ(contracting.facts.size(), 2u);
  const OcdsFact& contract = contracting.facts[0];
  EXPECT_EQ(contract.kind, OcdsKind::kContract);
  EXPECT_EQ(contract.source_id, "r1#contracts/c1");
  EXPECT_EQ(contract.path, "/releases/0/contracts/0");
  EXPECT_EQ(contract.what, "Lanes");
  EXPECT_FALSE(contract.change);
  EXPECT_EQ(contract.date, absl::FromUnixSeconds(1276179792));
  EXPECT_EQ(contract.published, absl::FromUnixSeconds(1294651800));
  ASSERT_TRUE(contract.amount.has_value());
  EXPECT_EQ(contract.amount->value, (Decimal{1234567, 890'000'000}));
  EXPECT_EQ(contract.amount->currency, "GBP");
  EXPECT_EQ(contract.amount->text, "1234567.89");
  EXPECT_EQ(contract.Detail("status"), "active");
  const OcdsFact& paid = contracting.facts[1];
  EXPECT_EQ(paid.kind, OcdsKind::kTransaction);
  EXPECT_EQ(paid.source_id, "r1#contracts/c1/implementation/transactions/t1");
  EXPECT_EQ(paid.amount->value, (Decimal{0, 100'000'000}));
  EXPECT_THAT(history.unplaced, IsEmpty());
  EXPECT_THAT(history.withheld, IsEmpty());
}

TEST(OcdsReader, MergesPartiesAndKnowsTheBuyer) {
  OcdsHistory history = Read({Package(
      Release("r1", "2010-01-01T00:00:00Z",
              R"("parties":[{"id":"b","name":"Barnet","roles":["buyer"],"identifier":{"scheme":"GB-LAC","id":"E1"}}],
                 "buyer":{"id":"b","name":"Barnet"})") +
      "," +
      Release("r2", "2010-02-01T00:00:00Z",
              R"("parties":[{"id":"b","name":"London Barnet","roles":["buyer","payer"]},{"id":"s","name":"AnyCorp",
                 "roles":["supplier"]}],"buyer":{"id":"b","name":"Another name"})"))});
  const OcdsContracting& contracting = history.contractings.at(0);
  EXPECT_EQ(contracting.buyer_id, "b");
  ASSERT_EQ(contracting.parties.size(), 2u);
  EXPECT_EQ(contracting.parties[0].name, "London Barnet");
  EXPECT_THAT(contracting.parties[0].roles, ElementsAre("buyer", "payer"));
  EXPECT_EQ(contracting.parties[0].scheme, "GB-LAC");
  EXPECT_EQ(contracting.parties[0].register_id, "E1");
  EXPECT_THAT(SourceIds(history), ElementsAre("r1#parties/b", "r2#parties/b", "r2#parties/s"));
  EXPECT_THAT(Paths(history.unplaced), ElementsAre("/releases/1/buyer/name"));
}

TEST(OcdsReader, ABuyerThatIsNoPartyIsNotLost) {
  OcdsHistory history = Read({Package(Release("r1", "2010-01-01T00:00:00Z", R"("buyer":{"id":"b","name":"Barnet"})"))});
  ASSERT_EQ(history.contractings.at(0).parties.size(), 1u);
  EXPECT_EQ(history.contractings[0].parties[0].name, "Barnet");
  EXPECT_THAT(history.unplaced, IsEmpty());
}

TEST(OcdsReader, SaysAThingAgainOnlyWhenItChanged) {
  const std::string first = Release("r1", "2010-01-01T00:00:00Z", R"("tender":{"title":"T","status":"planned"})");
  const std::string same = Release("r2", "2010-02-01T00:00:00Z", R"("tender":{"title":"T"})");
  const std::string changed = Release("r3", "2010-03-01T00:00:00Z", R"("tender":{"title":"T","status":"active"})");
  OcdsHistory history = Read({Package(first), Package(same), Package(changed)});
  const auto& facts = history.contractings.at(0).facts;
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_EQ(facts[1].release_id, "r3");
  EXPECT_TRUE(facts[1].change);
  EXPECT_EQ(history.repeated, 1u);
  EXPECT_EQ(history.contractings[0].releases.size(), 3u);

  // Neither the order of the files nor reading one of them twice makes a difference.
  OcdsHistory shuffled = Read({Package(changed), Package(first), Package(same), Package(first + "," + changed)});
  EXPECT_EQ(SourceIds(shuffled), SourceIds(history));
  EXPECT_EQ(shuffled.contractings[0].releases.size(), 3u);
  EXPECT_THAT(shuffled.unplaced, IsEmpty());
}

TEST(OcdsReader, ListsPersonalDataByPathOnly) {
  OcdsHistory history = Read(
      {Package(Release("r1", "2010-01-01T00:00:00Z",
                       R"("parties":[{"id":"b","name":"B","contactPoint":{"name":"Jane Doe","email":"jane@example.com"},
         "additionalContactPoints":[{"telephone":"0123"}]}],
         "tender":{"title":"T","contactPoint":{"name":"Jane Doe"}})"))});
  EXPECT_THAT(
      Paths(history.withheld),
      ElementsAre("/releases/0/parties/0/contactPoint/name", "/releases/0/parties/0/contactPoint/email",
                  "/releases/0/parties/0/additionalContactPoints/0/telephone", "/releases/0/tender/contactPoint/name"));
  EXPECT_THAT(history.unplaced, IsEmpty());
  for (const OcdsFact& fact : history.contractings.at(0).facts) {
    for (const auto& [key, value] : fact.details) EXPECT_THAT(value, Not(HasSubstr("ane")));
  }
}

TEST(OcdsReader, ListsWhatItCannotPlace) {
  OcdsHistory history =
      Read({Package(Release("r1", "2010-01-01T00:00:00Z",
                            R"("bids":{"statistics":[{"value":3}]},"tender":{"title":null,"lots":[],"id":"t","x":{}},
         "contracts":[{"id":"c","value":{"amount":1e300,"currency":"GBP"}},{"id":"d","value":{"amount":5}},
                      {"id":"e","value":{"amount":"5","currency":"GBP"}},7])"))});
  std::vector<std::pair<std::string, std::string>> listed;
  for (const OcdsLeftOut& l : history.unplaced) listed.emplace_back(l.path, l.reason);
  EXPECT_THAT(listed, UnorderedElementsAre(
                          Pair("/releases/0/bids/statistics/0/value", "no place for it"),
                          Pair("/releases/0/tender/title", "null"), Pair("/releases/0/tender/lots", "empty"),
                          Pair("/releases/0/tender/x", "empty"), Pair("/releases/0/contracts/3", "no place for it"),
                          Pair("/releases/0/contracts/0/value/amount", "an amount that has no exact value"),
                          Pair("/releases/0/contracts/1/value/amount", "an amount without an ISO 4217 currency"),
                          Pair("/releases/0/contracts/2/value/amount", "an amount that has no exact value")));
  for (const OcdsFact& fact : history.contractings.at(0).facts) EXPECT_FALSE(fact.amount.has_value());
}

TEST(OcdsReader, TakesAVersionedReleaseApart) {
  OcdsHistory history = Read({R"({"version":"1.1","records":[{"ocid":"o-1","versionedRelease":{"ocid":"o-1",
      "tender":{"id":"t","status":[
         {"releaseID":"r1","releaseDate":"2010-01-01T00:00:00Z","releaseTag":["tender"],"value":"active"},
         {"releaseID":"r2","releaseDate":"2010-02-01T00:00:00Z","releaseTag":["award"],"value":"complete"}]},
      "awards":[{"id":"a","title":[
         {"releaseID":"r2","releaseDate":"2010-02-01T00:00:00Z","releaseTag":["award"],"value":"Award"}]}]}}]})"});
  EXPECT_THAT(SourceIds(history), ElementsAre("r1#tender", "r2#tender", "r2#awards/a"));
  const auto& facts = history.contractings.at(0).facts;
  EXPECT_EQ(facts[0].Detail("status"), "active");
  EXPECT_EQ(facts[1].Detail("status"), "complete");
  EXPECT_TRUE(facts[1].change);
  EXPECT_EQ(facts[2].path, "/records/0/versionedRelease/awards/0");
  EXPECT_THAT(history.contractings[0].releases[1].tags, ElementsAre("award"));
  EXPECT_THAT(Paths(history.unplaced), IsEmpty());
}

struct BadPackage {
  const char* name;
  std::string json;
  ImportProblem problem;
};
class OcdsReaderRefuses : public testing::TestWithParam<BadPackage> {};

TEST_P(OcdsReaderRefuses, AndKeepsNothingOfTheFile) {
  OcdsReader reader;
  EXPECT_EQ(Problem(reader.Add("f", GetParam().json)).problem, GetParam().problem);
  OcdsHistory history = reader.Finish();
  EXPECT_THAT(history.contractings, IsEmpty());
  EXPECT_THAT(history.packages, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Packages, OcdsReaderRefuses,
    testing::Values(BadPackage{"NotJson", "<log/>", ImportProblem::kMalformed},
                    BadPackage{"CutOff", Package(Release("r", "2010-01-01T00:00:00Z", "")).substr(0, 90),
                               ImportProblem::kTruncated},
                    BadPackage{"AList", "[]", ImportProblem::kMalformed},
                    BadPackage{"NoPackage", R"({"version":"1.1"})", ImportProblem::kMalformed},
                    BadPackage{"AnotherVersion", R"({"version":"2.0","releases":[]})", ImportProblem::kUnsupported},
                    BadPackage{"ReleasesNoList", R"({"releases":{}})", ImportProblem::kMalformed},
                    BadPackage{"NoDate", R"({"releases":[{"ocid":"o","id":"r"}]})", ImportProblem::kMissingTimestamp},
                    BadPackage{"BadDate", Package(Release("r", "2010-01-01", "")), ImportProblem::kMissingTimestamp},
                    BadPackage{"NoId", R"({"releases":[{"ocid":"o","date":"2010-01-01T00:00:00Z"}]})",
                               ImportProblem::kMissingIdentifier},
                    BadPackage{"RecordWithoutOcid", R"({"records":[{}]})", ImportProblem::kMissingIdentifier},
                    BadPackage{"TooDeep", R"({"releases":)" + std::string(1000, '['), ImportProblem::kTooLarge}),
    [](const auto& info) { return info.param.name; });

// The sample of the standard's own site: one process from planning to implementation, in three forms.
class OcdsSample : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(SharedData("ocds"))) GTEST_SKIP() << "the sample data is not here";
    for (const auto& file : std::filesystem::directory_iterator(SharedData("ocds"))) files_.push_back(file.path());
    std::sort(files_.begin(), files_.end());
  }
  OcdsHistory ReadMatching(const std::string& part) {
    OcdsReader reader;
    int read = 0;
    for (const std::string& file : files_) {
      if (!std::filesystem::path(file).filename().string().ends_with(part)) continue;
      const absl::Status status = reader.AddFile(file);
      EXPECT_TRUE(status.ok()) << status;
      ++read;
    }
    EXPECT_GT(read, 0) << part;
    return reader.Finish();
  }
  std::vector<std::string> files_;
};

TEST_F(OcdsSample, EveryLeafOfEveryFileIsPlacedOrListed) {
  for (const std::string& file : files_) {
    SCOPED_TRACE(file);
    OcdsReader reader;
    ASSERT_TRUE(reader.AddFile(file).ok());
    OcdsHistory history = reader.Finish();
    ASSERT_EQ(history.contractings.size(), 1u);
    EXPECT_EQ(history.contractings[0].ocid, "ocds-213czf-000-00001");
    std::set<std::string> seen;
    for (const OcdsLeftOut& left_out : history.unplaced) {
      // What the files link to or say about packages, and nothing of the process itself.
      const bool link = left_out.path.starts_with("/packages/") || left_out.reason.starts_with("of a linked release");
      EXPECT_TRUE(link) << left_out.path << ": " << left_out.reason;
      EXPECT_TRUE(seen.insert(left_out.path).second) << "twice: " << left_out.path;
    }
    EXPECT_FALSE(history.withheld.empty());
    for (const OcdsLeftOut& left_out : history.withheld) EXPECT_THAT(left_out.path, HasSubstr("/contactPoint/"));
  }
}

TEST_F(OcdsSample, TheReleasesTellTheStory) {
  OcdsReader reader;
  for (const std::string& file : files_) {
    if (file.find("-0") != std::string::npos && std::filesystem::path(file).stem().string().size() > 21 &&
        file.find("withversions") == std::string::npos) {
      ASSERT_TRUE(reader.AddFile(file).ok());
    }
  }
  OcdsHistory history = reader.Finish();
  const OcdsContracting& contracting = history.contractings.at(0);
  EXPECT_EQ(contracting.releases.size(), 6u);
  EXPECT_EQ(contracting.buyer_id, "GB-LAC-E09000003");
  EXPECT_EQ(contracting.title, "Contract to build new cycle lanes in the centre of town.");
  EXPECT_EQ(contracting.parties.size(), 3u);
  std::set<OcdsKind> kinds;
  int64_t paid = 0;
  for (const OcdsFact& fact : contracting.facts) {
    kinds.insert(fact.kind);
    if (fact.kind == OcdsKind::kTransaction) paid += fact.amount.value().value.units;
    if (fact.kind == OcdsKind::kBudget) {
      EXPECT_EQ(fact.amount.value().value, (Decimal{6700000, 0}));
    }
  }
  EXPECT_EQ(paid, 60000);
  EXPECT_EQ(kinds.size(), 12u) << "the sample has every kind";
  EXPECT_GT(history.repeated, 0u);
  const std::vector<std::string> ids = SourceIds(history);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

TEST_F(OcdsSample, AllFormsTogetherAreStillOneProcess) {
  OcdsHistory all = ReadMatching(".json");
  ASSERT_EQ(all.contractings.size(), 1u);
  EXPECT_EQ(all.contractings[0].releases.size(), 7u);  // Six, and the compiled one.
  const std::vector<std::string> ids = SourceIds(all);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
  int64_t transactions = 0;
  for (const OcdsFact& fact : all.contractings[0].facts) transactions += fact.kind == OcdsKind::kTransaction ? 1 : 0;
  EXPECT_EQ(transactions, 2);
}

}  // namespace
}  // namespace parley
