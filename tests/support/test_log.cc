#include "tests/support/test_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <future>

#include "absl/time/time.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/entry.h"
#include "eventstore/kv_memory.h"
#include "eventstore/log_store.h"
#include "services/aggregate/aggregate.h"

namespace parley::test {

TestLog::TestLog(uint32_t shards, std::string_view incarnation)
    : engine_(std::make_unique<MemoryEngine>(incarnation)), index_(NewMemoryKvStore()) {
  auto log = OpenLogStore({.engine = engine_.get(), .index = index_.get(), .shards = shards});
  EXPECT_TRUE(log.ok()) << log.status();
  log_ = *std::move(log);
}

TestLog::~TestLog() = default;

void TestLog::Append(std::string_view ledger, std::vector<v1::StoredEntry> entries) {
  std::promise<absl::Status> done;
  log_->Append({.ledger = LedgerId(ledger), .entries = std::move(entries)},
               [&](const absl::StatusOr<Appended>& appended) { done.set_value(appended.status()); });
  const absl::Status status = done.get_future().get();
  EXPECT_TRUE(status.ok()) << status;
}

void TestLog::AddWorld(const World& world) {
  const LedgerId& ledger = world.state().ledger();
  for (const Entry& entry : world.entries()) {
    if (entry.sequence() >= log_->NextSequence(ledger).value()) Append(ledger.str(), {entry.stored});
  }
}

uint64_t TestLog::AddRecord(std::string_view ledger, v1::Record record, const std::string& owner) {
  const uint64_t sequence = log_->NextSequence(LedgerId(ledger)).value();
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000 + static_cast<int64_t>(sequence) * 60);
  *record.mutable_effective_at() = ToProto(now);
  record.set_actor("someone");
  record.set_party("buyer");
  Append(ledger, {EncodeEntry({.ledger = LedgerId(ledger),
                               .sequence = sequence,
                               .recorded_at = now,
                               .owner = owner,
                               .record = std::move(record)},
                              random_)});
  return sequence;
}

uint64_t TestLog::Add(std::string_view ledger, const std::string& stream, const google::protobuf::Message& event,
                      const std::string& owner) {
  v1::Record record;
  record.set_stream(stream);
  for (const AggregateType& type : Aggregates()) {
    if (type.event->GetDescriptor() != event.GetDescriptor()) continue;
    record.set_event_type(std::string(type.prefix) + "." + EventKind(event));
    record.set_schema_version(type.SchemaVersion(EventKind(event)));
  }
  record.set_event(Canonical(event));
  return AddRecord(ledger, std::move(record), owner);
}

uint64_t TestLog::Propose(std::string_view ledger, std::string_view decision, std::string_view title) {
  v1::DecisionEvent event;
  event.mutable_proposed()->set_title(std::string(title));
  return Add(ledger, "relationships/" + std::string(ledger) + "/decisions/" + std::string(decision), event);
}

uint64_t TestLog::AddUnknown(std::string_view ledger) {
  v1::Record record;
  record.set_stream("relationships/" + std::string(ledger) + "/marvels/m1");
  record.set_event_type("marvel.happened");
  record.set_schema_version(1);
  return AddRecord(ledger, std::move(record), "");
}

void TestLog::AddRandomHistory(int ledgers, int entries, uint64_t seed) {
  SeededRandom random(seed);
  const auto draw = [&](int n) { return static_cast<unsigned char>(random.Bytes(1)[0]) % n; };
  for (int i = 0; i < entries; ++i) {
    const std::string ledger = "l" + std::to_string(draw(ledgers));
    const std::string parent = "relationships/" + ledger;
    const std::string id = "/decisions/d" + std::to_string(draw(4));
    v1::DecisionEvent event;
    switch (draw(8)) {
      case 0:
        event.mutable_input_given()->set_text("input " + std::to_string(i));
        break;
      case 1:
        event.mutable_objected()->add_grounds("cost");
        break;
      case 2:
        event.mutable_decided()->set_option_id("yes");
        *event.mutable_decided()->mutable_review_due_time() = ToProto(absl::FromUnixSeconds(1'900'000'000 + i));
        break;
      case 3:
        event.mutable_overridden()->set_option_id("no");
        break;
      case 4:
        event.mutable_superseded()->set_by(parent + "/decisions/d" + std::to_string(draw(4)));
        break;
      case 5:
        event.mutable_reopened()->set_reason("again");
        break;
      default:
        event.mutable_proposed()->set_title("title " + std::to_string(i));
    }
    if (draw(5) == 0) {
      Add(ledger, parent + "/parties/buyer" + id, event, "buyer");
    } else {
      Add(ledger, parent + id, event);
    }
  }
}

bool WaitUntil(const std::function<bool()>& condition) {
  std::mutex mu;
  std::condition_variable never;
  const absl::Duration end = Monotonic() + absl::Seconds(30);
  while (!condition()) {
    if (Monotonic() > end) return false;
    std::unique_lock lock(mu);
    never.wait_for(lock, std::chrono::milliseconds(2));
  }
  return true;
}

bool WaitUntilCaughtUp(Runner& runner, TestLog& log) {
  return WaitUntil([&] {
    for (const ProjectionStatus& status : runner.Status()) {
      if (status.entries_behind > 0 || status.rebuilding) return false;
      for (const auto& generation : status.catalog.generations()) {
        if (generation.retired()) return false;
      }
    }
    return runner.CaughtUpOnce() &&
           runner.reading().Snapshot(LedgerId()).rows != nullptr;  // Which has it written, too.
  });
}

Digests DigestsOf(const KvStore& store, TestLog& log, const std::vector<const Projection*>& projections) {
  ReadView view(store);
  Digests out;
  const auto ledgers = log.log().Ledgers(LedgerId(), 1000);
  EXPECT_TRUE(ledgers.ok()) << ledgers.status();
  for (const LedgerId& ledger : *ledgers) {
    for (const Projection* projection : projections) {
      out[{projection->name(), ledger.str()}] = view.Digest(projection->name(), ledger).value();
    }
  }
  return out;
}

RecordingKvStore::RecordingKvStore() : store_(NewMemoryKvStore()) {}

absl::Status RecordingKvStore::Write(const KvBatch& batch) {
  std::lock_guard lock(mu_);
  if (until_failing_ > 0) {
    --until_failing_;
  } else if (failing_ > 0) {
    --failing_;
    return absl::UnavailableError("told to fail");
  }
  changes_.push_back({.batch = batch});
  return store_->Write(batch);
}

absl::Status RecordingKvStore::DeleteRange(std::string_view from, std::string_view to) {
  std::lock_guard lock(mu_);
  changes_.push_back({.from = std::string(from), .to = std::string(to), .range = true});
  return store_->DeleteRange(from, to);
}

size_t RecordingKvStore::writes() const {
  std::lock_guard lock(mu_);
  return changes_.size();
}

std::unique_ptr<KvStore> RecordingKvStore::AfterCrash(size_t writes) const {
  std::lock_guard lock(mu_);
  std::unique_ptr<KvStore> store = NewMemoryKvStore();
  for (size_t i = 0; i < writes; ++i) {
    const Change& change = changes_[i];
    const absl::Status status = change.range ? store->DeleteRange(change.from, change.to) : store->Write(change.batch);
    EXPECT_TRUE(status.ok()) << status;
  }
  return store;
}

void RecordingKvStore::FailWrites(int count, int first) {
  std::lock_guard lock(mu_);
  failing_ = count;
  until_failing_ = first;
}

}  // namespace parley::test
