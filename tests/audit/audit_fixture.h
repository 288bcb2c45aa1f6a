// The server's side of the proof over a log in memory: a relationship between buyer and provider, read models, a pipeline, checkpoints.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "eventstore/base/status.h"
#include "eventstore/kv_memory.h"
#include "eventstore/person_keys.h"
#include "parley/v1/key.pb.h"
#include "services/audit/audit.h"
#include "services/audit/checkpointer.h"
#include "services/command/pipeline.h"
#include "services/decision/decision.h"
#include "services/key/key.h"
#include "tests/support/fixtures.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_log.h"

namespace parley::test {

inline const LedgerId kAcmeLedger("acme");
inline constexpr char kDomain[] = "log.example";

class AuditFixture : public testing::Test {
 protected:
  AuditFixture() {
    World world;
    Chartered(world);
    log_.AddWorld(world);
    OpenOn(log_);
  }
  ~AuditFixture() override { Close(); }

  // Starts everything over `log`, which may be another one than before; the checkpoints stay.
  void OpenOn(TestLog& log) {
    using_ = &log;
    auto runner = Runner::Start({.log = &log.log(), .store = views_.get(), .projections = AllProjections()});
    ASSERT_TRUE(runner.ok()) << runner.status();
    runner_ = *std::move(runner);
    pipeline_ = std::make_unique<CommandPipeline>(PipelineOptions{.log = &log.log(),
                                                                  .snapshots = snapshots_.get(),
                                                                  .clock = &clock_,
                                                                  .random = &random_,
                                                                  .person_keys = person_keys_.get(),
                                                                  .fingerprint_key = std::string(32, 'f')});
    auto keys = LogKeys::Open({.secrets_dir = secrets_.path(),
                               .log_domain = kDomain,
                               .log = &log.log(),
                               .pipeline = pipeline_.get(),
                               .random = &random_});
    ASSERT_TRUE(keys.ok()) << keys.status();
    keys_ = *std::move(keys);
    tree_ = std::make_unique<LedgerTree>(&log.log(), derived_.get());
    guard_ = std::make_unique<HistoryGuard>(&log.log(), &runner_->reading(), tree_.get(), &store_, keys_.get());
    StartCheckpointer(absl::ZeroDuration());
  }
  void StartCheckpointer(absl::Duration every, absl::Duration poll = absl::Milliseconds(20)) {
    checkpointer_.reset();
    checkpointer_ = std::make_unique<Checkpointer>(
        CheckpointerOptions{.log = &using_->log(),
                            .read_store = &runner_->reading(),
                            .runner = runner_.get(),
                            .pipeline = pipeline_.get(),
                            .clock = &clock_,
                            .tree = tree_.get(),
                            .store = &store_,
                            .guard = guard_.get(),
                            .keys = keys_.get(),
                            .stamp = stamp_,
                            .every = every,
                            .poll = poll,
                            .trouble = [this](const LedgerId&, const absl::Status& what) {
                              std::lock_guard lock(mu_);
                              troubles_.push_back(what);
                            }});
    audit_ = std::make_unique<Audit>(AuditOptions{.log = &using_->log(),
                                                  .read_store = &runner_->reading(),
                                                  .tree = tree_.get(),
                                                  .store = &store_,
                                                  .guard = guard_.get(),
                                                  .checkpointer = checkpointer_.get(),
                                                  .page_token_key = "a key of some length"});
  }
  void Close() {
    audit_.reset();
    checkpointer_.reset();
    guard_.reset();
    tree_.reset();
    keys_.reset();
    pipeline_.reset();
    runner_.reset();
  }
  // Read models and the tree's rows are lost.
  void LoseDerived() {
    views_ = NewMemoryKvStore();
    derived_ = NewMemoryKvStore();
    snapshots_ = NewMemoryKvStore();
  }

  absl::StatusOr<v1::CheckpointRecord> Create() {
    std::promise<absl::StatusOr<v1::CheckpointRecord>> made;
    checkpointer_->Create(kAcmeLedger,
                          [&](absl::StatusOr<v1::CheckpointRecord> record) { made.set_value(std::move(record)); });
    return made.get_future().get();
  }
  // The size of a new checkpoint; 0 and a failure where there is none.
  uint64_t Checkpointed() {
    const auto record = Create();
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? CheckpointOf(record->note())->size : 0;
  }

  template <class R, class Request>
  absl::StatusOr<parley::Answer> Send(const std::string& principal, const Request& request) {
    std::promise<absl::StatusOr<parley::Answer>> answered;
    pipeline_->Submit({.principal = principal}, MakeCommand<R>(std::make_shared<const Request>(request)), nullptr,
                      [&](absl::StatusOr<parley::Answer> answer) { answered.set_value(std::move(answer)); });
    return answered.get_future().get();
  }
  void Propose(const std::string& id) {
    auto request = Parse<v1::ProposeDecisionRequest>(
        "title: 't' class_id: 'staffing' options { option_id: 'yes' } options { option_id: 'no' }");
    request.set_parent(kAcme);
    request.set_decision_id(id);
    const auto answer = Send<v1::Decision>("petra", request);
    ASSERT_TRUE(answer.ok()) << answer.status();
  }
  // A party's signing key, the same for the same name.
  static NoteSigningKey PartyKey(const std::string& name) {
    std::string seed = name;
    seed.resize(32, 's');
    return *NoteSigningKey::Make(name, NoteKeyType::kEd25519Cosignature, seed);
  }
  void Register(const std::string& principal, const std::string& party, const std::string& key) {
    v1::RegisterKeyRequest request;
    request.set_parent(kAcme);
    request.set_key_id(key);
    request.set_party_id(party);
    request.set_vkey(PartyKey(key).verifier().ToString());
    const auto answer = Send<v1::Key>(principal, request);
    ASSERT_TRUE(answer.ok()) << answer.status();
  }
  // The note with a cosignature under it.
  std::string Cosigned(const std::string& note, const std::string& key, uint64_t posix_seconds) {
    auto parsed = SignedNote::Parse(note);
    EXPECT_TRUE(parsed->Cosign(PartyKey(key), posix_seconds).ok());
    return parsed->ToString();
  }
  uint64_t NowSeconds() const { return static_cast<uint64_t>(absl::ToUnixSeconds(clock_.Now())); }
  uint64_t End() const { return using_->log().NextSequence(kAcmeLedger).value(); }
  Entry At(uint64_t sequence) const { return using_->log().Read(kAcmeLedger, sequence, {.entries = 1}).value().at(0); }
  std::vector<absl::Status> Troubles() {
    std::lock_guard lock(mu_);
    return troubles_;
  }

  TestLog log_;
  TestLog restored_;  // Of the same incarnation: for what was put back to an earlier state.
  TestLog* using_ = &log_;
  ScratchDir secrets_, notes_;
  SeededRandom random_{5};
  ManualClock clock_{Epoch() + absl::Hours(1)};
  std::unique_ptr<KvStore> views_ = NewMemoryKvStore();
  std::unique_ptr<KvStore> derived_ = NewMemoryKvStore();
  std::unique_ptr<KvStore> snapshots_ = NewMemoryKvStore();
  std::unique_ptr<KvStore> kept_ = NewMemoryKvStore();
  std::unique_ptr<PersonKeys> person_keys_ = NewMemoryPersonKeys(random_);
  CheckpointStore store_{kept_.get(), notes_.path()};
  std::function<absl::StatusOr<std::string>(const std::string&)> stamp_;
  std::mutex mu_;
  std::vector<absl::Status> troubles_;
  std::unique_ptr<Runner> runner_;
  std::unique_ptr<CommandPipeline> pipeline_;
  std::unique_ptr<LogKeys> keys_;
  std::unique_ptr<LedgerTree> tree_;
  std::unique_ptr<HistoryGuard> guard_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<Audit> audit_;
};

}  // namespace parley::test
