// What a bundle says of any moment is what the server says of it, to the byte.
#include "services/verify/replay.h"

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "parley/v1/activity.pb.h"
#include "parley/v1/dashboard.pb.h"
#include "parley/v1/objective.pb.h"
#include "parley/v1/person.pb.h"
#include "tests/query/query_fixture.h"
#include "tests/support/bundle_builder.h"
#include "tests/support/scratch_dir.h"

namespace parley::test {
namespace {

absl::Time Day(int days) { return Epoch() + absl::Hours(24 * days); }

class ReplayTest : public QueryTest {
 protected:
  static const BundleBuilder& Good() {
    static const auto* const kGood = new BundleBuilder();
    return *kGood;
  }

  ReplayTest() {
    clock_.AdvanceTo(Day(1000));
    for (const v1::StoredEntry& entry : Good().entries) log_.Append("acme", {entry});
    EXPECT_TRUE(WaitUntilCaughtUp(*runner_, log_));
    QueriesOptions options = Options();
    options.checkpoint = [](const LedgerId&, uint64_t size) -> absl::StatusOr<std::string> {
      for (const SignedNote& note : Good().notes) {
        if (Checkpoint::Parse(note.text())->size >= size) return note.ToString();
      }
      return "";
    };
    queries_ = std::make_unique<Queries>(options);
  }

  absl::StatusOr<std::unique_ptr<BundleReplay>> Open(const TestBundle& bundle, const v1::AsOf& as_of = {},
                                                     const v1::PersonKeys* keys = nullptr) {
    bundle.Write(dir_ / "bundle");
    return BundleReplay::Open({.bundle = dir_ / "bundle", .as_of = as_of, .scratch = dir_ / "models", .keys = keys});
  }
  std::unique_ptr<BundleReplay> MustOpen(const std::string& reader, const v1::AsOf& as_of = {},
                                         const v1::PersonKeys* keys = nullptr) {
    auto replay = Open(Good().Bundle(reader), as_of, keys);
    EXPECT_TRUE(replay.ok()) << replay.status();
    return replay.ok() ? *std::move(replay) : nullptr;
  }

  // The answers' bytes, or why there are none.
  template <class Response, class Request>
  std::string Live(const std::string& principal, const v1::AsOf& as_of, Request request) {
    *request.mutable_as_of() = as_of;
    const auto response = Ask<Response>(principal, request);
    return response.ok() ? Canonical(*response) : response.status().ToString();
  }
  template <class Response, class Request>
  std::string Offline(const BundleReplay& replay, const Request& request) {
    Response response;
    const absl::Status status = replay.Answer(request, response);
    return status.ok() ? Canonical(response) : status.ToString();
  }
  template <class Request, class Response>
  void CompareBoard(const BundleReplay& replay, const std::string& principal, const v1::AsOf& as_of) {
    Request request;
    request.set_name(kAcme);
    const std::string live = Live<Response>(principal, as_of, request);
    EXPECT_EQ((Offline<Response>(replay, request)), live) << Request::descriptor()->name() << as_of.ShortDebugString();
    answers_.insert(live);
    *request.mutable_read_time() = ToProto(Day(77));
    EXPECT_EQ((Offline<Response>(replay, request)), (Live<Response>(principal, as_of, request)));
  }
  void CompareBoards(const BundleReplay& replay, const std::string& principal, const v1::AsOf& as_of) {
    CompareBoard<v1::GetOverviewRequest, v1::GetOverviewResponse>(replay, principal, as_of);
    CompareBoard<v1::GetDecisionRegisterRequest, v1::GetDecisionRegisterResponse>(replay, principal, as_of);
    CompareBoard<v1::GetScoreboardRequest, v1::GetScoreboardResponse>(replay, principal, as_of);
    CompareBoard<v1::GetCoverageRequest, v1::GetCoverageResponse>(replay, principal, as_of);
    CompareBoard<v1::GetDocketRequest, v1::GetDocketResponse>(replay, principal, as_of);
    CompareBoard<v1::GetActivityViewRequest, v1::GetActivityViewResponse>(replay, principal, as_of);
  }

  // Both axes; entries of half a year of history.
  static std::vector<v1::AsOf> Moments() {
    std::vector<v1::AsOf> out(9);
    *out[1].mutable_known_time() = ToProto(Epoch() + absl::Hours(2));
    *out[2].mutable_known_time() = ToProto(Day(20));
    *out[3].mutable_true_time() = ToProto(Epoch() + absl::Minutes(90));
    *out[4].mutable_true_time() = ToProto(Day(900));
    *out[5].mutable_known_time() = ToProto(Day(31));
    *out[5].mutable_true_time() = ToProto(Epoch() + absl::Minutes(150));
    out[6].set_known_size(17);
    out[7].set_known_size(Good().entries.size());
    *out[8].mutable_known_time() = ToProto(Epoch() - absl::Hours(1));
    return out;
  }

  ScratchDir dir_;
  std::set<std::string> answers_;
};

TEST_F(ReplayTest, EveryDashboardAsOfAnyMomentIsTheServers) {
  for (const auto& [reader, principal] :
       {std::pair("", "bea"), std::pair("buyer", "brian"), std::pair("provider", "petra")}) {
    for (const v1::AsOf& as_of : Moments()) {
      const auto replay = MustOpen(reader, as_of);
      ASSERT_NE(replay, nullptr);
      CompareBoards(*replay, principal, as_of);
    }
  }
  EXPECT_GT(answers_.size(), 20u) << "they hardly differ: the test shows nothing";
}

TEST_F(ReplayTest, ResourcesAreTheServersTooAndEachReadersOwn) {
  for (const v1::AsOf& as_of : Moments()) {
    const auto as_buyer = MustOpen("buyer", as_of);
    ASSERT_NE(as_buyer, nullptr);
    for (const std::string& parent : {std::string(kAcme), InAcme("parties/buyer")}) {
      v1::ListObjectivesRequest objectives;
      objectives.set_parent(parent);
      EXPECT_EQ((Offline<v1::ListObjectivesResponse>(*as_buyer, objectives)),
                (Live<v1::ListObjectivesResponse>("brian", as_of, objectives)));
    }
    v1::ListPersonsRequest persons;
    persons.set_parent(kAcme);
    EXPECT_EQ((Offline<v1::ListPersonsResponse>(*as_buyer, persons)),
              (Live<v1::ListPersonsResponse>("brian", as_of, persons)));
    v1::GetDecisionRequest d1;
    d1.set_name(InAcme("decisions/d1"));
    EXPECT_EQ((Offline<v1::GetDecisionResponse>(*as_buyer, d1)), (Live<v1::GetDecisionResponse>("brian", as_of, d1)));
  }
  v1::GetObjectiveRequest own;
  own.set_name(InAcme("parties/buyer/objectives/own"));
  v1::GetObjectiveResponse response;
  ASSERT_TRUE(MustOpen("buyer")->Answer(own, response).ok());
  EXPECT_EQ(response.objective().title(), "Pay less next year");
  EXPECT_EQ(ReasonOf(MustOpen("provider")->Answer(own, response)), v1::REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(MustOpen("")->Answer(own, response)), v1::REASON_NOT_FOUND);
  own.set_name("relationships/other/objectives/o1");
  EXPECT_EQ(ReasonOf(MustOpen("buyer")->Answer(own, response)), v1::REASON_NOT_FOUND);
}

TEST_F(ReplayTest, NamesAreThereForWhomKeysWereReleased) {
  v1::GetPersonRequest request;
  v1::GetPersonResponse max, kay;
  request.set_name(kMax);
  ASSERT_TRUE(MustOpen("")->Answer(request, max).ok());
  EXPECT_EQ(max.person().display_name(), "");
  EXPECT_EQ(max.person().state(), v1::PERSON_STATE_REGISTERED);
  const v1::PersonKeys keys = Good().ReleasedKeys();
  const auto with_keys = MustOpen("", {}, &keys);
  ASSERT_TRUE(with_keys->Answer(request, max).ok());
  EXPECT_EQ(max.person().display_name(), "Max Merlin");
  ASSERT_EQ(max.person().comments_size(), 1);
  EXPECT_EQ(max.person().comments(0).text(), "knows the desk well");
  request.set_name(kKay);
  ASSERT_TRUE(with_keys->Answer(request, kay).ok());
  EXPECT_EQ(kay.person().display_name(), "");
  EXPECT_EQ(kay.person().state(), v1::PERSON_STATE_ERASED);
}

TEST_F(ReplayTest, WhatIsNotWholeIsNotReplayed) {
  TestBundle damaged = Good().Bundle("buyer");
  damaged.files.begin()->second[0] ^= 1;
  auto replay = Open(damaged);
  EXPECT_TRUE(absl::IsInvalidArgument(replay.status())) << replay.status();
  EXPECT_NE(replay.status().message().find("damaged"), absl::string_view::npos) << replay.status();

  BundleBuilder altered = Good();
  altered.Rewrite(altered.Find("decision.decided"),
                  [](v1::EntryHeader&, v1::Record& record) { record.set_actor("pat"); });
  replay = Open(altered.NaiveBundle(Good().Bundle("buyer")));
  EXPECT_TRUE(absl::IsInvalidArgument(replay.status())) << replay.status();
  EXPECT_NE(replay.status().message().find("altered"), absl::string_view::npos) << replay.status();
  EXPECT_FALSE(BundleReplay::Open({.bundle = dir_ / "nothing", .scratch = dir_ / "models"}).ok());
}

TEST_F(ReplayTest, ItsMomentIsSettledOnceAndLiesWithinTheBundle) {
  v1::AsOf as_of;
  as_of.set_known_size(Good().entries.size() + 1);
  EXPECT_EQ(ReasonOf(Open(Good().Bundle(""), as_of).status()), v1::REASON_FIELD_INVALID);
  as_of.Clear();
  EXPECT_FALSE(MustOpen("", as_of)->beyond_the_bundle());
  *as_of.mutable_known_time() = ToProto(Day(5));
  EXPECT_FALSE(MustOpen("", as_of)->beyond_the_bundle());
  *as_of.mutable_known_time() = ToProto(Day(500));
  const auto replay = MustOpen("", as_of);
  EXPECT_TRUE(replay->beyond_the_bundle());

  v1::GetOverviewRequest request;
  v1::GetOverviewResponse response;
  request.set_name(kAcme);
  *request.mutable_as_of() = as_of;
  EXPECT_TRUE(absl::IsInvalidArgument(replay->Answer(request, response)));
  v1::GetPortfolioResponse portfolio;
  EXPECT_TRUE(absl::IsInvalidArgument(replay->Answer(v1::GetPortfolioRequest(), portfolio)));
}

}  // namespace
}  // namespace parley::test
