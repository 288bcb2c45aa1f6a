#include "services/audit/checkpointer.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/rest.h"
#include "eventstore/base/status.h"
#include "projections/replayed_store.h"
#include "services/digest/digest.h"
#include "services/query/access.h"

namespace parley {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(1);  // For read models.
constexpr auto kGlance = std::chrono::milliseconds(50);
constexpr size_t kMaxWaiting = 1000;
constexpr int kDigestAttempts = 100;
constexpr int kAttestAttempts = 10;
constexpr size_t kChunk = 256;
constexpr absl::Duration kLongestWait = absl::Hours(1);  // One for ever is more than a condition variable can count.

std::string NameOf(const LedgerId& ledger) { return "relationships/" + ledger.str(); }

absl::Status Draining() { return Reject(v1::REASON_DRAINING, "the server is shutting down"); }

// Entries that say nothing of what the read models show a cosigner: digests, and the keys themselves.
bool IsAboutProof(const Entry& entry) {
  const std::string& type = entry.record.event_type();
  return type.starts_with("digest.") || type.starts_with("key.");
}

}  // namespace

Checkpointer::Checkpointer(CheckpointerOptions options)
    : options_(std::move(options)),
      kept_{.look = [this](const LedgerId& ledger) { return CheckKept(ledger); }},
      due_{.look = [this](const LedgerId& ledger) { return MakeIfDue(ledger); }, .every = options_.poll} {
  if (options_.every == absl::ZeroDuration()) due_.next = absl::InfiniteDuration();
  thread_ = std::thread([this] { Run(); });
}

Checkpointer::~Checkpointer() {
  Stop();
  Join();
}

void Checkpointer::Join() {
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::Stop() {
  {
    std::lock_guard lock(mu_);
    stop_ = true;
  }
  wake_.notify_all();
}

void Checkpointer::Create(const LedgerId& ledger, Done done) {
  absl::Status refused;
  {
    std::lock_guard lock(mu_);
    if (stop_) {
      refused = Draining();
    } else if (jobs_.size() >= kMaxWaiting) {
      refused = Reject(v1::REASON_OVERLOADED, "too many checkpoints are being made: try again later");
    } else {
      jobs_.emplace_back(ledger, std::move(done));
      wake_.notify_all();
    }
  }
  if (!refused.ok()) done(refused);
}

bool Checkpointer::stopping() const {
  std::lock_guard lock(mu_);
  return stop_;
}

void Checkpointer::Report(const LedgerId& ledger, const absl::Status& what) const {
  if (!what.ok() && options_.trouble) options_.trouble(ledger, what);
}

void Checkpointer::Run() {
  std::unique_lock lock(mu_);
  while (!stop_) {
    const absl::Duration now = Monotonic();
    if (!jobs_.empty()) {  // Who asks comes first.
      const LedgerId ledger = jobs_.front().first;
      // One answers all who asked before it is begun.
      const std::vector<Done> waiting = TakeJobsFor(ledger);
      lock.unlock();
      const auto made = Make(ledger);
      for (const Done& done : waiting) done(made);
      lock.lock();
    } else if (Round& round = now >= due_.next ? due_ : kept_; now >= round.next) {
      lock.unlock();
      LookAtNext(round);
      lock.lock();
    } else {
      const absl::Duration rest = std::min(due_.next, kept_.next) - now;
      wake_.wait_for(lock, absl::ToChronoNanoseconds(std::min(rest, kLongestWait)));
    }
  }
  const auto unanswered = std::move(jobs_);
  jobs_.clear();
  lock.unlock();
  for (const auto& [ledger, done] : unanswered) done(Draining());
}

std::vector<Checkpointer::Done> Checkpointer::TakeJobsFor(const LedgerId& ledger) {
  std::vector<Done> taken;
  std::deque<std::pair<LedgerId, Done>> others;
  for (auto& job : jobs_) {
    job.first == ledger ? taken.push_back(std::move(job.second)) : others.push_back(std::move(job));
  }
  jobs_ = std::move(others);
  return taken;
}

void Checkpointer::LookAtNext(Round& round) {
  const absl::Duration begun = Monotonic();
  if (round.after.empty()) round.begun = begun;
  const auto next = options_.log->Ledgers(round.after, 1);
  Report(round.after, next.status());
  if (!next.ok()) {  // It goes on there, later.
    round.next = begun + options_.poll;
    return;
  }
  if (next->empty()) {
    round.after = LedgerId();
    round.next = round.begun + round.every;
    return;
  }
  round.after = next->front();
  if (round.look(round.after) == Rest::kNone) return;
  std::unique_lock lock(mu_);
  wake_.wait_for(lock, RestSince(begun), [this] { return stop_ || !jobs_.empty(); });
}

Checkpointer::Rest Checkpointer::CheckKept(const LedgerId& ledger) {
  Report(ledger, options_.guard->CheckKept(ledger));
  return Rest::kLong;
}

Checkpointer::Rest Checkpointer::MakeIfDue(const LedgerId& ledger) {
  const auto due = IsDue(ledger);
  Report(ledger, due.status());
  if (!due.value_or(false)) return Rest::kLong;
  Report(ledger, Make(ledger).status());
  return Rest::kNone;  // There may be thousands that are due, and they were promised.
}

absl::StatusOr<bool> Checkpointer::IsDue(const LedgerId& ledger) {
  if (!options_.guard->Trust(ledger).ok()) return false;  // Said when it was found.
  PARLEY_ASSIGN_OR_RETURN(const auto newest, options_.store->Newest(ledger));
  uint64_t size = 0;
  if (newest) {
    PARLEY_ASSIGN_OR_RETURN(const Checkpoint checkpoint, CheckpointOf(newest->note()));
    size = checkpoint.size;
    PARLEY_RETURN_IF_ERROR(Stamp(ledger, size, *newest).status());
  }
  PARLEY_ASSIGN_OR_RETURN(const auto next, options_.log->Read(ledger, size, {.entries = 1}));
  if (next.empty()) return false;
  // The next time that it is looked at would be too late.
  return FromProto(next[0].header.recorded_at()) + options_.every - options_.poll <= options_.clock->Now();
}

absl::StatusOr<v1::CheckpointRecord> Checkpointer::Make(const LedgerId& ledger) {
  PARLEY_RETURN_IF_ERROR(options_.guard->CheckKept(ledger));
  PARLEY_ASSIGN_OR_RETURN(uint64_t size, options_.log->NextSequence(ledger));
  if (size == 0) return NoSuchResource(NameOf(ledger));
  PARLEY_RETURN_IF_ERROR(options_.keys->EnsureRegistered(ledger));
  PARLEY_ASSIGN_OR_RETURN(size, AttestedSize(ledger));
  PARLEY_ASSIGN_OR_RETURN(auto record, options_.store->Get(ledger, size));
  if (!record) {
    PARLEY_ASSIGN_OR_RETURN(record, Sign(ledger, size));
  }
  // Whoever cosigns next is looked up in the read models.
  PARLEY_RETURN_IF_ERROR(AwaitReadModels(ledger, size));
  return Stamp(ledger, size, *std::move(record));
}

absl::StatusOr<uint64_t> Checkpointer::AttestedSize(const LedgerId& ledger) {
  PARLEY_ASSIGN_OR_RETURN(uint64_t size, options_.log->NextSequence(ledger));
  std::shared_ptr<void> hold;
  for (int attempt = 0; attempt < kAttestAttempts; ++attempt) {
    PARLEY_ASSIGN_OR_RETURN(const bool needs_digest, NeedsDigest(ledger, size));
    if (!needs_digest) return size;
    // Whatever is recorded between what the read models have seen and the digest is not spoken of: others wait for a moment. Deadlines
    // that are due come before the digest all the same, hence more than one attempt.
    if (attempt > 0 && hold == nullptr) hold = options_.pipeline->Hold(ledger);
    PARLEY_ASSIGN_OR_RETURN(size, RecordDigest(ledger));
  }
  return Reject(v1::REASON_READ_MODEL_BEHIND, "the record does not come to rest: try again later");
}

absl::StatusOr<bool> Checkpointer::NeedsDigest(const LedgerId& ledger, uint64_t end) const {
  uint64_t covered = 0;  // The entries below are spoken of by a digest.
  while (end > covered) {
    const uint64_t from = end - std::min<uint64_t>(end, kChunk);
    std::vector<Entry> entries;
    while (from + entries.size() < end) {
      PARLEY_ASSIGN_OR_RETURN(
          auto more, options_.log->Read(ledger, from + entries.size(), {.entries = end - from - entries.size()}));
      if (more.empty()) return absl::InternalError("the log ends before it ends");
      std::move(more.begin(), more.end(), std::back_inserter(entries));
    }
    for (auto entry = entries.rbegin(); entry != entries.rend() && entry->sequence() >= covered; ++entry) {
      if (!IsAboutProof(*entry)) return true;
      PARLEY_ASSIGN_OR_RETURN(const RecordedEvent event, DecodeEvent(*entry));
      if (const auto* digest = event.As<v1::DigestEvent>()) covered = std::max(covered, digest->recorded().size());
    }
    end = from;
  }
  return false;
}

absl::StatusOr<uint64_t> Checkpointer::RecordDigest(const LedgerId& ledger) {
  auto request = std::make_shared<v1::RecordDigestRequest>();
  absl::StatusOr<std::vector<v1::ReadModelDigest>> digests;
  for (int attempt = 0; attempt < kDigestAttempts && !stopping(); ++attempt) {
    PARLEY_ASSIGN_OR_RETURN(const uint64_t end, options_.log->NextSequence(ledger));
    PARLEY_RETURN_IF_ERROR(AwaitReadModels(ledger, end));
    ReadView view(*options_.read_store, ledger);
    uint64_t size = 0;
    digests = LiveDigests(view, ledger, &size);
    request->set_size(size);
    if (!absl::IsUnavailable(digests.status())) break;
    // Some of them are a batch ahead of the others, or one is being rebuilt.
    std::unique_lock lock(mu_);
    wake_.wait_for(lock, kGlance, [this] { return stop_; });
  }
  if (stopping()) return Draining();
  PARLEY_RETURN_IF_ERROR(digests.status());
  request->set_parent(NameOf(ledger));
  request->set_digest_id(std::to_string(request->size()));
  request->mutable_models()->Assign(digests->begin(), digests->end());
  auto answered = std::make_shared<std::promise<absl::StatusOr<Answer>>>();
  options_.pipeline->SubmitSystem(
      ledger, MakeCommand<v1::Digest, v1::RecordDigestRequest>(std::move(request)),
      [answered](absl::StatusOr<Answer> answer) { answered->set_value(std::move(answer)); });
  PARLEY_ASSIGN_OR_RETURN(const Answer answer, answered->get_future().get());
  return *answer.sequence + 1;
}

absl::Status Checkpointer::AwaitReadModels(const LedgerId& ledger, uint64_t size) {
  if (size == 0) return absl::OkStatus();
  const absl::Duration begun = Monotonic();
  for (const auto& projection : Projections()) {
    if (projection->sees() != Sees::kJoint) continue;
    auto reached = std::make_shared<std::promise<absl::Status>>();
    auto future = reached->get_future();
    const uint64_t waiter =
        options_.runner->NotifyWhenApplied(projection->name(), ledger, size - 1,
                                           [reached](absl::Status status) { reached->set_value(std::move(status)); });
    while (future.wait_for(kGlance) != std::future_status::ready) {
      const bool late = Monotonic() - begun > kPatience;
      if ((late || stopping()) && options_.runner->Cancel(waiter)) {
        if (!late) return Draining();
        return Reject(v1::REASON_READ_MODEL_BEHIND, "the read models do not come along: try again later");
      }
    }
    PARLEY_RETURN_IF_ERROR(future.get());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::CheckpointRecord> Checkpointer::Sign(const LedgerId& ledger, uint64_t size) {
  // Somebody may have shown meanwhile what contradicts it.
  PARLEY_RETURN_IF_ERROR(options_.guard->Trust(ledger));
  PARLEY_ASSIGN_OR_RETURN(std::string root, options_.tree->Root(ledger, size));
  PARLEY_ASSIGN_OR_RETURN(const NoteSigningKey key, options_.keys->KeyFor(ledger, size));
  const Checkpoint checkpoint{options_.keys->OriginOf(ledger), size, std::move(root)};
  PARLEY_ASSIGN_OR_RETURN(SignedNote note, SignedNote::Make(checkpoint.ToText()));
  PARLEY_RETURN_IF_ERROR(note.Sign(key));
  // A wrong signature would be kept, and handed out, for ever.
  PARLEY_RETURN_IF_ERROR(note.Verify(key.verifier()).status());
  v1::CheckpointRecord record;
  record.set_note(note.ToString());
  *record.mutable_create_time() = ToProto(options_.clock->Now());
  PARLEY_RETURN_IF_ERROR(options_.store->Put(ledger, size, record));
  return record;
}

absl::StatusOr<v1::CheckpointRecord> Checkpointer::Stamp(const LedgerId& ledger, uint64_t size,
                                                         v1::CheckpointRecord record) {
  if (!options_.stamp || !record.timestamps().empty() || stopping()) return record;
  const absl::Duration begun = Monotonic();
  if (begun < stamp_again_) return record;
  PARLEY_ASSIGN_OR_RETURN(const SignedNote note, SignedNote::Parse(record.note()));
  const auto stamp = options_.stamp(note.text());
  if (!stamp.ok()) {
    // The checkpoint stands without it; the next time that one is asked for, or looked for, it is tried again.
    Report(ledger, stamp.status());
    // One that is slow to fail must not hold up everybody: it gets a tenth of the time.
    stamp_again_ = Monotonic() + 10 * (Monotonic() - begun);
    return record;
  }
  return options_.store->Update(ledger, size, [&](v1::CheckpointRecord& kept) {
    kept.add_timestamps(*stamp);
    return absl::OkStatus();
  });
}

}  // namespace parley
