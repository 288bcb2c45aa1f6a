#include "services/query/timeline.h"

#include <chrono>
#include <future>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "tests/query/query_fixture.h"

namespace parley::test {
namespace {

class TimelineTest : public QueryTest {
 protected:
  TimelineTest() {
    Chartered(world_);
    world_.AdvanceTo(Epoch() + absl::Hours(10));
    Decided(world_, "d1");
    world_.AdvanceTo(Epoch() + absl::Hours(20));
    Decided(world_, "d2");
    Publish(world_);
  }

  std::vector<uint64_t> Expected(const std::function<bool(const Entry&)>& wanted, bool newest_first = false) {
    std::vector<uint64_t> out;
    for (const Entry& entry : world_.entries()) {
      if (wanted(entry)) out.push_back(entry.sequence());
    }
    if (newest_first) std::reverse(out.begin(), out.end());
    return out;
  }

  // Through all pages.
  std::vector<uint64_t> Listed(const std::string& selection, int page_size, bool newest_first = false) {
    v1::ListTimelineEntriesRequest request;
    request.set_parent(kAcme);
    request.set_page_size(page_size);
    request.set_order(newest_first ? v1::TIMELINE_ORDER_NEWEST_FIRST : v1::TIMELINE_ORDER_OLDEST_FIRST);
    ParseTextInto(selection, *request.mutable_selection());
    std::vector<uint64_t> out;
    do {
      const auto page = Ask<v1::ListTimelineEntriesResponse>("petra", request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      EXPECT_LE(page->timeline_entries_size(), page_size);
      for (const auto& entry : page->timeline_entries()) out.push_back(entry.sequence());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return out;
  }

  World world_;
};

TEST_F(TimelineTest, ListsBothWaysWithEverySelection) {
  struct Case {
    std::string selection;
    std::function<bool(const Entry&)> wanted;
  };
  const auto at = [](int hours) { return Epoch() + absl::Hours(hours); };
  const auto recorded = [](const Entry& entry) { return FromProto(entry.header.recorded_at()); };
  const std::string ten = std::to_string(absl::ToUnixSeconds(at(10)));
  const std::string twenty = std::to_string(absl::ToUnixSeconds(at(20)));
  const std::vector<Case> cases = {
      {"", [](const Entry&) { return true; }},
      {"stream: '" + InAcme("decisions/d1") + "'",
       [](const Entry& e) { return e.record.stream() == InAcme("decisions/d1"); }},
      {"event_type: 'decision.decided'", [](const Entry& e) { return e.record.event_type() == "decision.decided"; }},
      {"event_type: 'decision.'", [](const Entry& e) { return e.record.event_type().starts_with("decision."); }},
      {"actor: 'pat'", [](const Entry& e) { return e.record.actor() == "pat"; }},
      {"party: 'buyer'", [](const Entry& e) { return e.record.party() == "buyer"; }},
      {"start_time { seconds: " + ten + " }", [&](const Entry& e) { return recorded(e) >= at(10); }},
      {"end_time { seconds: " + ten + " }", [&](const Entry& e) { return recorded(e) < at(10); }},
      {"start_time { seconds: " + ten + " } end_time { seconds: " + twenty + " } actor: 'petra'",
       [&](const Entry& e) { return recorded(e) >= at(10) && recorded(e) < at(20) && e.record.actor() == "petra"; }},
      {"start_time { seconds: " + twenty + " } end_time { seconds: " + ten + " }", [](const Entry&) { return false; }},
  };
  for (const Case& c : cases) {
    for (const int size : {1, 3, 1000}) {
      EXPECT_EQ(Listed(c.selection, size), Expected(c.wanted)) << c.selection;
      EXPECT_EQ(Listed(c.selection, size, true), Expected(c.wanted, true)) << c.selection << ", newest first";
    }
  }
  EXPECT_FALSE(Listed("event_type: 'decision.'", 1000).empty());
}

TEST_F(TimelineTest, AnEntryTellsWhatWasRecorded) {
  v1::ListTimelineEntriesRequest request;
  request.set_parent(kAcme);
  request.set_order(v1::TIMELINE_ORDER_NEWEST_FIRST);
  const auto page = Ask<v1::ListTimelineEntriesResponse>("petra", request);
  const v1::TimelineEntry& entry = page->timeline_entries(0);
  EXPECT_EQ(entry.event_type(), "decision.decided");
  EXPECT_EQ(entry.actor(), "petra");
  EXPECT_EQ(entry.party(), "provider");
  EXPECT_EQ(entry.role(), "delivery-lead");
  v1::DecisionEvent event;
  ASSERT_TRUE(entry.event().UnpackTo(&event));
  EXPECT_EQ(event.decided().option_id(), "yes");
  EXPECT_EQ(entry.summary(), "decisions/d2 by petra for provider as delivery-lead");
  EXPECT_EQ(ReasonOf(Ask<v1::ListTimelineEntriesResponse>("mallory", request).status()), v1::REASON_NOT_FOUND);
}

class Watcher {
 public:
  Watcher(EventLog& log, Runner& runner, const v1::WatchTimelineRequest& request,
          const std::string& principal = "petra") {
    auto watch = TimelineWatch::Open(log, nullptr, runner.reading(), runner, {principal}, request);
    EXPECT_TRUE(watch.ok()) << watch.status();
    watch_ = *std::move(watch);
  }
  // Until nothing more is there.
  absl::Status Drain(size_t max, std::vector<uint64_t>& seen) {
    do {
      const auto entries = watch_->Next(max);
      if (!entries.ok()) return entries.status();
      EXPECT_LE(entries->size(), max);
      for (const auto& entry : *entries) seen.push_back(entry.sequence());
    } while (!watch_->caught_up());
    return absl::OkStatus();
  }
  absl::Status Wait() {
    std::promise<absl::Status> more;
    watch_->NotifyWhenMore([&](absl::Status status) { more.set_value(std::move(status)); });
    return more.get_future().get();
  }

 private:
  std::unique_ptr<TimelineWatch> watch_;
};

TEST_F(TimelineTest, AWatchCatchesUpAndGoesLiveWithoutGapOrDuplicate) {
  const uint64_t there = world_.entries().size();
  v1::WatchTimelineRequest request;
  request.set_parent(kAcme);
  request.set_start_sequence(3);
  Watcher watcher(log_.log(), *runner_, request);
  std::vector<uint64_t> seen;
  ASSERT_TRUE(watcher.Drain(2, seen).ok());
  EXPECT_EQ(seen.size(), there - 3);
  std::thread writer([&] {
    for (int i = 0; i < 100; ++i) log_.Propose(i % 2 ? "acme" : "beta", "w" + std::to_string(i));
  });
  while (seen.size() < there - 3 + 50) {
    ASSERT_TRUE(watcher.Wait().ok());
    ASSERT_TRUE(watcher.Drain(7, seen).ok());
  }
  writer.join();
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i + 3);
}

TEST_F(TimelineTest, AStoppedWatchLetsGoOfItsCallbacks) {
  v1::WatchTimelineRequest request;
  request.set_parent(kAcme);
  request.set_start_sequence(world_.entries().size());
  auto watch = TimelineWatch::Open(log_.log(), nullptr, runner_->reading(), *runner_, {"petra"}, request);
  ASSERT_TRUE(watch.ok()) << watch.status();
  const auto held = std::make_shared<int>();
  (*watch)->NotifyWhenMore([held](const absl::Status&) { FAIL() << "it was stopped"; });
  EXPECT_EQ(held.use_count(), 2);
  (*watch)->Stop();
  EXPECT_EQ(held.use_count(), 1);
  (*watch)->NotifyWhenMore([held](const absl::Status&) { FAIL() << "it was stopped"; });
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(TimelineTest, ACallbackMayWaitAgainBeforeTheFirstWaitReturns) {
  v1::WatchTimelineRequest request;
  request.set_parent(kAcme);
  auto watch = TimelineWatch::Open(log_.log(), nullptr, runner_->reading(), *runner_, {"petra"}, request);
  ASSERT_TRUE(watch.ok()) << watch.status();
  std::promise<absl::Status> more;
  // There is something already: this calls back at once. On another thread it could be overtaken in the same way.
  (*watch)->NotifyWhenMore([&](const absl::Status& first) {
    ASSERT_TRUE(first.ok());
    do {
      ASSERT_TRUE((*watch)->Next(100).ok());
    } while (!(*watch)->caught_up());
    (*watch)->NotifyWhenMore([&](const absl::Status& second) { more.set_value(second); });
  });
  log_.Propose("acme", "after");
  auto told = more.get_future();
  ASSERT_EQ(told.wait_for(std::chrono::seconds(10)), std::future_status::ready) << "the second wait was let go";
  EXPECT_TRUE(told.get().ok());
}

TEST_F(TimelineTest, AWatchEndsWithTheRightToRead) {
  v1::WatchTimelineRequest request;
  request.set_parent(kAcme);
  request.mutable_selection()->set_event_type("decision.");
  Watcher watcher(log_.log(), *runner_, request, "brian");
  std::vector<uint64_t> seen;
  ASSERT_TRUE(watcher.Drain(10, seen).ok());
  EXPECT_EQ(seen.size(), 4u);
  v1::RelationshipEvent event;
  event.mutable_role_revoked()->set_principal("brian");
  event.mutable_role_revoked()->set_party_id("buyer");
  event.mutable_role_revoked()->set_role("observer");
  log_.Add("acme", kAcme, event);
  ASSERT_TRUE(watcher.Wait().ok());
  EXPECT_EQ(ReasonOf(watcher.Drain(10, seen)), v1::REASON_NOT_FOUND);
  EXPECT_EQ(
      ReasonOf(TimelineWatch::Open(log_.log(), nullptr, runner_->reading(), *runner_, {"mallory"}, request).status()),
      v1::REASON_NOT_FOUND);
  request.mutable_selection()->mutable_end_time()->set_seconds(1);
  EXPECT_EQ(
      ReasonOf(TimelineWatch::Open(log_.log(), nullptr, runner_->reading(), *runner_, {"petra"}, request).status()),
      v1::REASON_FIELD_INVALID);
}

}  // namespace
}  // namespace parley::test
