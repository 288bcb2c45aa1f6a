#include "tests/support/bundle_builder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/entry.h"
#include "eventstore/kv_memory.h"
#include "eventstore/proof/key_statement.h"
#include "parley/v1/digest.pb.h"
#include "projections/replayed_store.h"
#include "projections/runner.h"
#include "services/activity/activity.h"
#include "services/decision/decision.h"
#include "services/digest/digest.h"
#include "services/dispute/dispute.h"
#include "services/key/key.h"
#include "services/objective/objective.h"
#include "services/person/person.h"
#include "tests/support/decision_fixtures.h"
#include "tests/support/dispute_fixtures.h"
#include "tests/support/metric_fixtures.h"

namespace parley::test {
namespace {

constexpr int kActivities = 300;

const NoteSigningKey& LogKey(int number) {
  static const auto* const kKeys = new std::vector<NoteSigningKey>{TestKey(kOrigin, NoteKeyType::kEd25519, "log 1"),
                                                                   TestKey(kOrigin, NoteKeyType::kEd25519, "log 2")};
  return kKeys->at(number - 1);
}
const NoteSigningKey& BuyerKey(int number) {
  static const auto* const kKeys =
      new std::vector<NoteSigningKey>{TestKey("buyer.example/acme", NoteKeyType::kEd25519Cosignature, "buyer 1"),
                                      TestKey("buyer.example/acme", NoteKeyType::kEd25519Cosignature, "buyer 2")};
  return kKeys->at(number - 1);
}
const NoteSigningKey& ProviderKey() {
  static const auto* const kKey =
      new NoteSigningKey(TestKey("provider.example/acme", NoteKeyType::kEd25519Cosignature, "provider 1"));
  return *kKey;
}

std::string Statement(const NoteSigningKey& key, const std::string& previous_name, std::string_view previous_seed) {
  const auto statement = SignKeyStatement(kAcme, key.verifier(), previous_name, Sha256(previous_seed));
  EXPECT_TRUE(statement.ok()) << statement.status();
  return *statement;
}

Policy PolicyOf(const std::string& text) {
  const auto policy = Policy::Parse(text, nullptr);
  EXPECT_TRUE(policy.ok()) << policy.status();
  return *policy;
}

template <class Request>
Request Of(std::string_view name, std::string_view text = "") {
  Request request = Parse<Request>(text);
  request.set_name(std::string(name));
  return request;
}

// The joint read models of these entries.
std::vector<v1::ReadModelDigest> DigestsOf(const std::vector<v1::StoredEntry>& entries, size_t size) {
  auto models = ReplayedStore::Make(NewMemoryKvStore(), AllProjections());
  EXPECT_TRUE(models.ok()) << models.status();
  for (size_t i = 0; i < size; ++i) {
    const auto entry = DecodeEntry(entries[i], {.offset = i});
    EXPECT_TRUE(entry.ok()) << entry.status();
    // An operator's read models may stop at what it made; then they say nothing more.
    if (!entry.ok() || !(*models)->Add(*entry).ok()) break;
  }
  return *(*models)->Digests(LedgerId("acme"));
}

}  // namespace

NoteSigningKey TestKey(std::string_view name, NoteKeyType type, std::string_view seed) {
  return *NoteSigningKey::Make(name, type, Sha256(seed));
}

BundleBuilder::BundleBuilder() : world_(std::make_shared<World>()) {
  Begin();
  Work();
  RecordDigest();
  MakeCheckpoint();
  RotateKeys();
  EraseKay();
  Do<v1::Decision>("bill", decisions::Propose("d2", "criteria: 'cheap'"));
  Do<v1::Decision>("bill", decisions::Propose("d3"));
  Do<v1::Decision>("pat", Of<v1::GiveDecisionInputRequest>(InAcme("decisions/d2"), "text: 'as before'"));
  RecordDigest();
  MakeCheckpoint();
}

template <class R, class Request>
void BundleBuilder::Do(std::string_view principal, const Request& request) {
  Pass(absl::Minutes(10));
  world_->Act(principal);
  const auto recorded = world_->Run(MakeCommand<R>(std::make_shared<const Request>(request)));
  EXPECT_TRUE(recorded.ok()) << recorded.status() << "\n" << request.DebugString();
  while (entries.size() < world_->entries().size()) entries.push_back(world_->entries()[entries.size()].stored);
}

void BundleBuilder::Pass(absl::Duration time) { world_->AdvanceTo(world_->now() + time); }

void BundleBuilder::RegisterKey(std::string_view principal, const std::string& id, const NoteSigningKey& key,
                                std::string_view statement) {
  v1::RegisterKeyRequest request;
  request.set_parent(kAcme);
  request.set_key_id(id);
  request.set_vkey(key.verifier().ToString());
  request.set_statement(std::string(statement));
  if (principal == "bea") request.set_party_id("buyer");
  if (principal == "pat") request.set_party_id("provider");
  Do<v1::Key>(principal, request);
}

void BundleBuilder::Begin() {
  Chartered(*world_);
  RegisterKey(kSystemActor, "log-1", LogKey(1));
  RegisterKey("bea", "buyer-1", BuyerKey(1));
  RegisterKey("pat", "provider-1", ProviderKey());
  Do<v1::Person>("bea", Parse<v1::RegisterPersonRequest>(
                            "parent: 'relationships/acme' person_id: 'kay' party_id: 'buyer' principal: 'bill' "
                            "display_name: 'Kay Kestrel' email: 'kay@buyer.example' phone: '+31 20 555 0101'"));
  Do<v1::Person>("pat", Parse<v1::RegisterPersonRequest>(
                            "parent: 'relationships/acme' person_id: 'max' party_id: 'provider' principal: 'petra' "
                            "display_name: 'Max Merlin' email: 'max@provider.example'"));
  Do<v1::Person>("pat",
                 Parse<v1::RegisterPersonRequest>("parent: 'relationships/acme/parties/provider' person_id: 'sub' "
                                                  "party_id: 'provider' display_name: 'Subo Sorrel'"));
  Do<v1::Person>("petra", Of<v1::CommentOnPersonRequest>(kKay, "text: 'answers within the hour'"));
  Do<v1::Person>("bill", Of<v1::CommentOnPersonRequest>(kMax, "text: 'knows the desk well'"));
}

void BundleBuilder::Work() {
  Do<v1::Objective>("bea", Parse<v1::StateObjectiveRequest>(
                               "parent: 'relationships/acme' objective_id: 'o1' title: 'Back to work fast'"));
  Do<v1::Objective>("bea", Parse<v1::StateObjectiveRequest>("parent: 'relationships/acme/parties/buyer' "
                                                            "objective_id: 'own' title: 'Pay less next year'"));
  Do<v1::Objective>("pat", Parse<v1::StateObjectiveRequest>("parent: 'relationships/acme/parties/provider' "
                                                            "objective_id: 'own' title: 'Keep the contract'"));
  Do<v1::Decision>("petra", decisions::Propose("d1"));
  Do<v1::Decision>("pat", Of<v1::GiveDecisionInputRequest>(InAcme("decisions/d1"), "text: 'sounds right'"));
  Do<v1::Decision>("petra", decisions::kConcur);
  Do<v1::Decision>("bill", decisions::kDecide);
  Do<v1::Dispute>("bill", Raise("x1"));
  Do<v1::Dispute>("petra", Of<v1::AcknowledgeDisputeRequest>(InAcme("disputes/x1")));
  v1::RecordActivitiesRequest batch;
  batch.set_parent(kAcme);
  batch.set_historical(true);
  for (int i = 0; i < kActivities; ++i) {
    auto& activity = *batch.add_activities();
    activity.set_source("desk");
    activity.set_source_id(absl::StrCat("c", i / 3, ".", i % 3));
    activity.set_case_id(absl::StrCat("c", i / 3));
    activity.set_activity(i % 3 == 2 ? "Completed" : "Accepted");
    activity.set_status(i % 3 == 2 ? "Closed" : "In Progress");
    *activity.mutable_time() = ToProto(Epoch() - absl::Hours(kActivities - i));
  }
  Do<v1::Relationship>("petra", batch);
  // From here on the clock stands in February, and what fell due has been recorded.
  JanuaryReported(*world_);
}

void BundleBuilder::RecordDigest() {
  Pass(absl::Minutes(10));
  world_->Act(kSystemActor);
  EXPECT_TRUE(world_->Settle().ok());
  while (entries.size() < world_->entries().size()) entries.push_back(world_->entries()[entries.size()].stored);
  v1::RecordDigestRequest request;
  request.set_parent(kAcme);
  request.set_digest_id(std::to_string(entries.size()));
  request.set_size(entries.size());
  for (v1::ReadModelDigest& model : DigestsOf(entries, entries.size())) *request.add_models() = std::move(model);
  const auto recorded = world_->Run(MakeCommand<v1::Digest>(std::make_shared<const v1::RecordDigestRequest>(request)));
  EXPECT_TRUE(recorded.ok()) << recorded.status();
  entries.push_back(world_->entries().back().stored);
}

void BundleBuilder::RotateKeys() {
  log_rotated_in_ = entries.size();
  RegisterKey(kSystemActor, "log-2", LogKey(2), Statement(LogKey(2), kOrigin, "log 1"));
  RegisterKey("bea", "buyer-2", BuyerKey(2), Statement(BuyerKey(2), "buyer.example/acme", "buyer 1"));
  buyer_rotated_ = true;
}

void BundleBuilder::EraseKay() {
  Do<v1::Person>("bea", Of<v1::ErasePersonRequest>(kKay, "reason: 'left the company, asked for it'"));
  for (v1::StoredEntry& stored : entries) {
    const auto entry = DecodeEntry(stored, {});
    for (int i = 1; entry.ok() && i < stored.parts_size(); ++i) {
      if (entry->record.personal_parts(i - 1).person() == kKay) stored.mutable_parts(i)->Clear();
    }
  }
}

size_t BundleBuilder::Find(std::string_view event_type, size_t index) const {
  for (size_t i = 0; i < entries.size(); ++i) {
    if (RecordOf(i).event_type() == event_type && index-- == 0) return i;
  }
  ADD_FAILURE() << "the record has no such entry: " << event_type;
  return 0;
}

v1::EntryHeader BundleBuilder::HeaderOf(size_t sequence) const {
  const auto header = DecodeHeader(entries.at(sequence), {});
  EXPECT_TRUE(header.ok()) << header.status();
  return header.value_or(v1::EntryHeader());
}

v1::Record BundleBuilder::RecordOf(size_t sequence) const {
  v1::Record record;
  EXPECT_TRUE(record.ParseFromString(entries.at(sequence).parts(0).content()));
  return record;
}

void BundleBuilder::Rewrite(size_t sequence, const std::function<void(v1::EntryHeader&, v1::Record&)>& change) {
  v1::EntryHeader header = HeaderOf(sequence);
  v1::Record record = RecordOf(sequence);
  change(header, record);
  v1::StoredEntry& stored = entries.at(sequence);
  v1::StoredPart& part = *stored.mutable_parts(0);
  part.set_content(Canonical(record));
  header.set_commitments(0, Commitment(part.salt(), part.content()));
  stored.set_header(std::string("parley/leaf/v1\0", 15) + Canonical(header));
}

void BundleBuilder::Renumber() {
  for (size_t i = 0; i < entries.size(); ++i) {
    if (HeaderOf(i).sequence() == i) continue;
    Rewrite(i, [&](v1::EntryHeader& header, v1::Record&) { header.set_sequence(i); });
  }
}

void BundleBuilder::RecomputeDigests() {
  for (size_t i = 0; i < entries.size(); ++i) {
    if (RecordOf(i).event_type() != "digest.recorded") continue;
    RewriteEvent<v1::DigestEvent>(i, [&](v1::DigestEvent& event) {
      event.mutable_recorded()->set_size(i);
      event.mutable_recorded()->clear_models();
      for (auto& model : DigestsOf(entries, i)) *event.mutable_recorded()->add_models() = std::move(model);
    });
    Rewrite(i, [&](v1::EntryHeader&, v1::Record& record) { record.set_stream(InAcme(absl::StrCat("digests/", i))); });
  }
}

void BundleBuilder::AppendDigest() {
  const size_t at = entries.size();
  const auto time = HeaderOf(at - 1).recorded_at();
  entries.push_back(world_->entries()[world_->entries().size() - 1].stored);
  Rewrite(at, [&](v1::EntryHeader& header, v1::Record& record) {
    header.set_sequence(at);
    *header.mutable_recorded_at() = time;
    *record.mutable_effective_at() = time;
    record.set_request_id(absl::StrCat("digest-of-", at));
  });
  EXPECT_EQ(RecordOf(at).event_type(), "digest.recorded");
  RecomputeDigests();
}

SignedNote BundleBuilder::SignedByLog(size_t size) const {
  const Checkpoint checkpoint{.origin = kOrigin, .size = size, .root = RootOf(entries, size)};
  SignedNote note = *SignedNote::Make(checkpoint.ToText());
  const bool rotated = log_rotated_in_ > 0 && size > log_rotated_in_;
  EXPECT_TRUE(note.Sign(LogKey(rotated ? 2 : 1)).ok());
  return note;
}

void BundleBuilder::MakeCheckpoint() {
  notes.push_back(SignedByLog(entries.size()));
  Pass(absl::Minutes(1));
  Cosign();
  end_ = world_->now() + absl::Minutes(1);
}

void BundleBuilder::Cosign() {
  const uint64_t now = static_cast<uint64_t>(absl::ToUnixSeconds(world_->now()));
  EXPECT_TRUE(notes.back().Cosign(BuyerKey(buyer_rotated_ ? 2 : 1), now).ok());
  EXPECT_TRUE(notes.back().Cosign(ProviderKey(), now).ok());
}

void BundleBuilder::Resign() {
  std::vector<SignedNote> signed_again;
  for (const SignedNote& note : notes) {
    const uint64_t size = Checkpoint::Parse(note.text())->size;
    if (size > entries.size()) continue;
    const SignedNote again = SignedByLog(size);
    signed_again.push_back(again.text() == note.text() ? note : again);
  }
  if (Checkpoint::Parse(signed_again.back().text())->size < entries.size()) {
    signed_again.push_back(SignedByLog(entries.size()));
  }
  notes = std::move(signed_again);
}

TestBundle BundleBuilder::NaiveBundle(TestBundle untouched) const {
  untouched.PutEntries(entries);
  return untouched;
}

std::string BundleBuilder::BothMustSignText(std::string_view more) {
  return absl::StrCat("log ", LogKey(1).verifier().ToString(), "\nwitness buyer ", BuyerKey(1).verifier().ToString(),
                      "\nwitness provider ", ProviderKey().verifier().ToString(),
                      "\ngroup both all buyer provider\nquorum both\n", std::string(more));
}

Policy BundleBuilder::BothMustSign(std::string_view more) { return PolicyOf(BothMustSignText(more)); }

std::string BundleBuilder::LogAloneText() {
  return absl::StrCat("log ", LogKey(1).verifier().ToString(), "\nquorum none\n");
}

Policy BundleBuilder::LogAlone() { return PolicyOf(LogAloneText()); }

v1::PersonKeys BundleBuilder::ReleasedKeys() const {
  v1::PersonKeys keys;
  keys.set_relationship(kAcme);
  for (const char* person : {kMax, kSub}) {
    const auto key = world_->keys().Find(person);
    EXPECT_TRUE(key.ok()) << key.status();
    auto& released = *keys.add_keys();
    released.set_person(person);
    released.set_key(key.value_or(""));
  }
  return keys;
}

}  // namespace parley::test
