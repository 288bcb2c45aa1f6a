// Answers as of the past against a fold that knows nothing of batches, generations and stores.
#include "services/query/past.h"

#include <map>
#include <set>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "parley/v1/dashboard.pb.h"
#include "parley/v1/dispute.pb.h"
#include "parley/v1/metric.pb.h"
#include "parley/v1/objective.pb.h"
#include "services/activity/activity.h"
#include "services/decision/decision.h"
#include "services/dispute/dispute.h"
#include "services/metric/metric.h"
#include "services/relationship/relationship.h"
#include "tests/query/plain_fold.h"
#include "tests/query/query_fixture.h"
#include "tests/support/metric_fixtures.h"

namespace parley::test {
namespace {

using google::protobuf::Message;

absl::Time Day(int days) { return Epoch() + absl::Hours(24 * days); }

v1::AsOf AsOf(std::optional<absl::Time> known, std::optional<absl::Time> true_by,
              std::optional<uint64_t> size = std::nullopt) {
  v1::AsOf out;
  if (known) *out.mutable_known_time() = ToProto(*known);
  if (true_by) *out.mutable_true_time() = ToProto(*true_by);
  if (size) out.set_known_size(*size);
  return out;
}

class PastTest : public QueryTest {
 protected:
  PastTest() {
    clock_.AdvanceTo(Day(1000));
    Chartered(world_);
    Ranked(world_);
    Propose("d1");
    world_.AdvanceTo(Day(5));
    Decide("d1", 3);  // Decided on day 3, which is recorded on day 5.
    world_.AdvanceTo(Day(6));
    Do<v1::Dispute, v1::RaiseDisputeRequest>("bill", R"pb(parent: "relationships/acme"
                                                          dispute_id: "x1"
                                                          type: DISPUTE_TYPE_SERVICE
                                                          title: "Slow"
                                                          style: DISPUTE_STYLE_COLLABORATING)pb");
    Activity(1);
    Activity(6);
    Do<v1::Dispute, v1::AcknowledgeDisputeRequest>("pat", "name: 'relationships/acme/disputes/x1'");
    JanuaryReported(world_);  // Day 31.
    world_.AdvanceTo(Day(40));
    Do<v1::Metric, v1::CorrectMetricRequest>(
        "petra",
        "name: 'relationships/acme/metrics/m1' period: '2026-01' reason: 'two were counted twice' "
        "measurement { raw { numerator: 60 denominator: 98 } }" +
            EffectiveOn(34));
    Propose("d2");
    Activity(20);
    Publish(world_);
    // What is a party's own comes last, recorded a year later.
    for (const char* party : {"buyer", "provider"}) {
      v1::DecisionEvent event;
      event.mutable_proposed()->set_title(std::string("what the ") + party + " wants");
      log_.Add("acme", InAcme(std::string("parties/") + party + "/decisions/p1"), event, party);
    }
    EXPECT_TRUE(WaitUntilCaughtUp(*runner_, log_));
    entries_ = *log_.log().Read(LedgerId("acme"), 0, {.entries = 1000});
  }

  static std::string EffectiveOn(int day) {
    return " effective_at { seconds: " + std::to_string(absl::ToUnixSeconds(Day(day))) + " }";
  }
  template <class R, class Request>
  void Do(const std::string& principal, const std::string& text) {
    world_.Act(principal);
    const auto recorded = world_.Run(MakeCommand<R>(std::make_shared<const Request>(Parse<Request>(text))));
    ASSERT_TRUE(recorded.ok()) << recorded.status() << "\n" << text;
  }
  void Propose(const std::string& id) {
    Do<v1::Decision, v1::ProposeDecisionRequest>("petra", "parent: 'relationships/acme' decision_id: '" + id +
                                                              "' title: 't' class_id: 'staffing' "
                                                              "options { option_id: 'yes' }");
  }
  void Decide(const std::string& id, int effective_day) {
    Do<v1::Decision, v1::DecideDecisionRequest>(
        "petra", "name: '" + InAcme("decisions/" + id) + "' option_id: 'yes'" + EffectiveOn(effective_day));
  }
  void Activity(int day) {
    const std::string id = std::to_string(day);
    Do<v1::Relationship, v1::RecordActivitiesRequest>(
        "petra", "parent: 'relationships/acme' activities { source: 'desk' source_id: '" + id +
                     "' case_id: 'c' activity: 'work' team: 't" + id +
                     "' time { seconds: " + std::to_string(absl::ToUnixSeconds(Day(day))) + " } }" + EffectiveOn(day));
  }

  // Whether the entry is part of that past, for a member of the buyer.
  static bool Taken(const v1::AsOf& as_of, const Entry& entry) {
    return (!as_of.has_known_size() || entry.sequence() < as_of.known_size()) &&
           (!as_of.has_known_time() || FromProto(entry.header.recorded_at()) <= FromProto(as_of.known_time())) &&
           (!as_of.has_true_time() || FromProto(entry.record.effective_at()) <= FromProto(as_of.true_time())) &&
           entry.header.owner() != "provider";
  }

  // What the plain fold says, with the same handler over it.
  template <class Response, class Request>
  std::string Plainly(const v1::AsOf& as_of, Request request) {
    const auto store = FoldPlainly(entries_, [&](const Entry& entry) { return Taken(as_of, entry); });
    ReadView then(*store), now(runner_->reading());
    const Caller caller{"brian"};
    const LiveAccess access(now, caller);
    const PageTokens page_tokens("a key of some length");
    const QueryContext context{.view = then,
                               .access = access,
                               .read_entry = EntriesOf(log_.log()),
                               .caller = caller,
                               .page_tokens = page_tokens,
                               .read_time = Day(500)};
    *request.mutable_as_of() = as_of;
    Response response;
    const absl::Status status = QueryHandlers().Of(request).answer(context, request, response);
    return status.ok() ? response.DebugString() : std::string(status.message());
  }
  // The same as of the past; and its basis must say what it rests on.
  template <class Response, class Request>
  std::string AsOfThen(const v1::AsOf& as_of, Request request) {
    *request.mutable_as_of() = as_of;
    auto response = Ask<Response>("brian", request);
    if (!response.ok()) return std::string(response.status().message());
    const bool own_too = Request::descriptor()->file()->name() != "parley/v1/dashboard.proto";
    uint64_t size = 0, folded = 0;
    for (const Entry& entry : entries_) {
      const bool known =
          (!as_of.has_known_size() || entry.sequence() < as_of.known_size()) &&
          (!as_of.has_known_time() || FromProto(entry.header.recorded_at()) <= FromProto(as_of.known_time()));
      size += known;
      folded += Taken(as_of, entry) && (own_too || entry.joint());
    }
    EXPECT_EQ(response->basis().size(), size) << as_of.ShortDebugString();
    EXPECT_EQ(response->basis().folded(), folded) << as_of.ShortDebugString();
    EXPECT_EQ(response->basis().true_time().seconds(), as_of.true_time().seconds());
    if (as_of.has_known_time()) {
      EXPECT_EQ(response->basis().known_time().seconds(), as_of.known_time().seconds());
    } else if (size > 0) {
      EXPECT_EQ(response->basis().known_time().seconds(), entries_[size - 1].header.recorded_at().seconds());
    }
    response->clear_basis();
    return response->DebugString();
  }
  template <class Response, class Request>
  void Compare(const std::string& what, const Request& request) {
    std::set<std::string> seen;
    for (const v1::AsOf& as_of : Moments()) {
      const std::string answer = AsOfThen<Response>(as_of, request);
      ASSERT_EQ(answer, (Plainly<Response>(as_of, request))) << what << " as of " << as_of.ShortDebugString();
      seen.insert(answer);
    }
    EXPECT_GT(seen.size(), 2u) << what << " hardly ever changes: the test shows nothing";
  }
  template <class Request, class Response>
  void CompareBoard(const std::string& what) {
    Request request;
    request.set_name(kAcme);
    *request.mutable_read_time() = ToProto(Day(500));
    Compare<Response>(what, request);
  }
  template <class Request, class Response>
  void CompareList(const std::string& parent, int page_size = 0) {
    Request request;
    request.set_parent(parent);
    request.set_page_size(page_size);
    Compare<Response>("list of " + Request::descriptor()->name() + " in " + parent, request);
  }

  // Both axes, apart and together.
  std::vector<v1::AsOf> Moments() const {
    std::vector<v1::AsOf> out = {AsOf({}, {})};
    const std::vector<int> days = {-1, 0, 2, 3, 4, 5, 6, 20, 31, 33, 36, 40, 900};
    for (const int known : days) {
      out.push_back(AsOf(Day(known), {}));
      out.push_back(AsOf({}, Day(known)));
      for (const int true_by : days) out.push_back(AsOf(Day(known), Day(true_by)));
    }
    for (size_t size = 0; size <= entries_.size(); size += 3) {
      out.push_back(AsOf({}, {}, size));
      out.push_back(AsOf(Day(31), Day(4), size));
    }
    return out;
  }

  World world_;
  std::vector<Entry> entries_;
};

TEST_F(PastTest, EveryDashboardIsWhatAPlainFoldGives) {
  CompareBoard<v1::GetOverviewRequest, v1::GetOverviewResponse>("overview");
  CompareBoard<v1::GetDecisionRegisterRequest, v1::GetDecisionRegisterResponse>("decision register");
  CompareBoard<v1::GetScoreboardRequest, v1::GetScoreboardResponse>("scoreboard");
  CompareBoard<v1::GetCoverageRequest, v1::GetCoverageResponse>("coverage");
  CompareBoard<v1::GetDocketRequest, v1::GetDocketResponse>("docket");
  CompareBoard<v1::GetActivityViewRequest, v1::GetActivityViewResponse>("activity view");
}

TEST_F(PastTest, EveryResourceIsWhatAPlainFoldGives) {
  CompareList<v1::ListDecisionsRequest, v1::ListDecisionsResponse>(kAcme);
  CompareList<v1::ListDecisionsRequest, v1::ListDecisionsResponse>(kAcme, 1);
  CompareList<v1::ListMetricsRequest, v1::ListMetricsResponse>(kAcme);
  CompareList<v1::ListActivitiesRequest, v1::ListActivitiesResponse>(kAcme);
  v1::GetDecisionRequest d1;
  d1.set_name(InAcme("decisions/d1"));
  Compare<v1::GetDecisionResponse>("d1", d1);
  v1::GetRelationshipRequest relationship;
  relationship.set_name(kAcme);
  Compare<v1::GetRelationshipResponse>("the relationship", relationship);
}

TEST_F(PastTest, ACorrectionIsKnownLaterThanItIsTrue) {
  v1::GetScoreboardRequest request;
  request.set_name(kAcme);
  const auto january = [&](const v1::AsOf& as_of) {
    *request.mutable_as_of() = as_of;
    const auto board = Ask<v1::GetScoreboardResponse>("bea", request);
    EXPECT_TRUE(board.ok()) << board.status();
    const auto& cell = board->metrics(0).cells(0);
    return cell.has_as_corrected() ? cell.as_corrected().measurement().raw().numerator()
                                   : cell.as_reported().measurement().raw().numerator();
  };
  EXPECT_EQ(january(AsOf(Day(35), Day(35))), 85) << "true since day 34, but nobody had said so";
  EXPECT_EQ(january(AsOf(Day(40), Day(35))), 60) << "as is known now, it was so on day 35";
  EXPECT_EQ(january(AsOf(Day(40), Day(33))), 85) << "known now, but not true then";
  EXPECT_EQ(january(AsOf(Day(39), {})), 85);
  EXPECT_EQ(january(AsOf({}, {})), 60);
}

TEST_F(PastTest, TheReadTimeIsTheMomentThePictureIsOf) {
  v1::GetDecisionRegisterRequest request;
  request.set_name(kAcme);
  const auto read_time = [&](const v1::AsOf& as_of) {
    *request.mutable_as_of() = as_of;
    return FromProto(Ask<v1::GetDecisionRegisterResponse>("bea", request)->read_time());
  };
  EXPECT_EQ(read_time(AsOf(Day(7), {})), Day(7));
  EXPECT_EQ(read_time(AsOf(Day(40), Day(4))), Day(4));
  EXPECT_EQ(read_time(AsOf({}, {}, entries_.size() - 2)), Day(40));
  *request.mutable_read_time() = ToProto(Day(77));
  EXPECT_EQ(read_time(AsOf(Day(7), Day(4))), Day(77));

  // Ages are those of that moment, and never negative, not even where it lies before all that is known.
  request.clear_read_time();
  *request.mutable_as_of() = AsOf(Day(40), Day(2));
  const auto open = Ask<v1::GetDecisionRegisterResponse>("bea", request);
  ASSERT_EQ(open->entries_size(), 1);
  EXPECT_EQ(FromProto(open->entries(0).open_for()), Day(2) - Epoch());
  *request.mutable_as_of() = AsOf({}, {}, entries_.size());
  *request.mutable_read_time() = ToProto(Epoch() - absl::Hours(1));
  const auto earlier = Ask<v1::GetDecisionRegisterResponse>("bea", request);
  ASSERT_EQ(earlier->entries_size(), 2);
  EXPECT_TRUE(earlier->entries(1).has_open_for());
  EXPECT_EQ(FromProto(earlier->entries(1).open_for()), absl::ZeroDuration());
}

TEST_F(PastTest, WithNothingSetItIsWhatTheLiveModelsSay) {
  v1::GetOverviewRequest request;
  request.set_name(kAcme);
  *request.mutable_read_time() = ToProto(Day(50));
  const auto live = Ask<v1::GetOverviewResponse>("bea", request);
  EXPECT_FALSE(live->has_basis());
  request.mutable_as_of();
  auto folded = Ask<v1::GetOverviewResponse>("bea", request);
  ASSERT_TRUE(folded.ok()) << folded.status();
  EXPECT_EQ(folded->basis().size(), entries_.size());
  folded->clear_basis();
  EXPECT_EQ(folded->DebugString(), live->DebugString());
}

TEST_F(PastTest, RightsAreThoseOfNow) {
  v1::GetOverviewRequest overview;
  overview.set_name(kAcme);
  *overview.mutable_as_of() = AsOf({}, {}, 1);  // Nobody but otto, bea and pat had any right then.
  EXPECT_TRUE(Ask<v1::GetOverviewResponse>("brian", overview).ok());
  EXPECT_EQ(ReasonOf(Ask<v1::GetOverviewResponse>("otto", overview).status()), v1::REASON_NOT_FOUND);
  // Whoever may not read learns nothing, not even that what was asked for makes no sense.
  *overview.mutable_as_of() = AsOf({}, {}, 1'000'000);
  EXPECT_EQ(ReasonOf(Ask<v1::GetOverviewResponse>("mallory", overview).status()), v1::REASON_NOT_FOUND);

  v1::GetDecisionRequest own;
  own.set_name(InAcme("parties/buyer/decisions/p1"));
  own.mutable_as_of();
  const auto mine = Ask<v1::GetDecisionResponse>("brian", own);
  ASSERT_TRUE(mine.ok()) << mine.status();
  EXPECT_EQ(mine->decision().title(), "what the buyer wants");
  EXPECT_EQ(ReasonOf(Ask<v1::GetDecisionResponse>("pat", own).status()), v1::REASON_NOT_FOUND);
  *own.mutable_as_of() = AsOf(Day(300), {});
  EXPECT_EQ(ReasonOf(Ask<v1::GetDecisionResponse>("brian", own).status()), v1::REASON_NOT_FOUND) << "not yet";
}

TEST_F(PastTest, RefusesWhatIsNoMomentOfThePast) {
  v1::GetOverviewRequest request;
  request.set_name(kAcme);
  const auto field = [&](const v1::AsOf& as_of) {
    *request.mutable_as_of() = as_of;
    const absl::Status status = Ask<v1::GetOverviewResponse>("bea", request).status();
    EXPECT_EQ(ReasonOf(status), v1::REASON_FIELD_INVALID) << status;
    return std::string(status.message());
  };
  EXPECT_NE(field(AsOf(Day(1001), {})).find("as_of.known_time"), std::string::npos);
  EXPECT_NE(field(AsOf({}, Day(1001))).find("as_of.true_time"), std::string::npos);
  EXPECT_NE(field(AsOf({}, {}, entries_.size() + 1)).find("as_of.known_size"), std::string::npos);
  v1::AsOf malformed;
  malformed.mutable_known_time()->set_nanos(-1);
  EXPECT_NE(field(malformed).find("as_of.known_time"), std::string::npos);
  request.set_name("acme");
  EXPECT_NE(field(AsOf(Day(1), {})).find("name"), std::string::npos);
}

TEST_F(PastTest, APageTokenFitsOnlyItsOwnMoment) {
  v1::ListDecisionsRequest request;
  request.set_parent(kAcme);
  request.set_page_size(1);
  *request.mutable_as_of() = AsOf(Day(300), {});
  auto page = Ask<v1::ListDecisionsResponse>("bea", request);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->decisions(0).name(), InAcme("decisions/d1"));
  request.set_page_token(page->next_page_token());
  page = Ask<v1::ListDecisionsResponse>("bea", request);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->decisions(0).name(), InAcme("decisions/d2"));
  EXPECT_EQ(page->basis().size(), entries_.size() - 2);
  *request.mutable_as_of() = AsOf(Day(301), {});
  EXPECT_EQ(ReasonOf(Ask<v1::ListDecisionsResponse>("bea", request).status()), v1::REASON_PAGE_TOKEN_INVALID);
  request.clear_as_of();
  EXPECT_EQ(ReasonOf(Ask<v1::ListDecisionsResponse>("bea", request).status()), v1::REASON_PAGE_TOKEN_INVALID);
}

TEST_F(PastTest, NamesTheCheckpointThatCoversIt) {
  QueriesOptions options = Options();
  options.checkpoint = [&](const LedgerId& ledger, uint64_t size) -> absl::StatusOr<std::string> {
    return size > 10 ? "" : ledger.str() + " to " + std::to_string(size);
  };
  const Queries queries(options);
  v1::GetOverviewRequest request;
  request.set_name(kAcme);
  v1::GetOverviewResponse response;
  *request.mutable_as_of() = AsOf({}, {}, 7);
  ASSERT_TRUE(queries.Answer({"bea"}, request, response).ok());
  EXPECT_EQ(response.basis().checkpoint(), "acme to 7");
  *request.mutable_as_of() = AsOf({}, {}, 11);
  ASSERT_TRUE(queries.Answer({"bea"}, request, response).ok());
  EXPECT_EQ(response.basis().checkpoint(), "");
}

TEST_F(PastTest, WhatCannotBeFoldedInIsSaid) {
  const uint64_t poison = log_.AddUnknown("acme");
  ASSERT_TRUE(WaitUntilCaughtUp(*runner_, log_));
  v1::GetDocketRequest request;
  request.set_name(kAcme);
  *request.mutable_as_of() = AsOf({}, {}, poison + 1);
  // Who may read is not known any more either, once an entry cannot be read.
  EXPECT_EQ(ReasonOf(Ask<v1::GetDocketResponse>("bea", request).status()), v1::REASON_PROJECTION_STOPPED);
}

}  // namespace
}  // namespace parley::test
