#include "services/cli/cosign_agent.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/file.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/bundle_writer.h"
#include "services/cli/bundle_fetch.h"
#include "services/cli/policy_file.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/verify/bundle_entries.h"
#include "services/verify/contents.h"
#include "services/verify/erased_parts.h"
#include "services/verify/own_entries.h"

namespace parley {
namespace {

constexpr int kPage = 1000;
constexpr std::string_view kKeyRegistered = "key.registered";
constexpr uint64_t kMaxOwnFileBytes = uint64_t{1} << 30;

std::string Entries(uint64_t size) { return Grouped(static_cast<int64_t>(size)) + " entries"; }

// Whether `key` is among those whose signatures stand under the note, and good.
bool SignedBy(const std::string& text, const NoteVerifierKey& key) {
  const auto note = SignedNote::Parse(text);
  return note.ok() && note->Verify(key).ok();
}

// The first key that the record names as the log's. What later ones are worth follows from it.
absl::StatusOr<std::string> FirstLogKey(const BundleDir& bundle) {
  std::string vkey;
  const absl::Status status = ForEachReadable(bundle, 0, [&](const Entry& entry) -> absl::Status {
    v1::KeyEvent event;
    if (entry.record.event_type() != kKeyRegistered || !event.ParseFromString(entry.record.event()) ||
        !event.registered().party_id().empty()) {
      return absl::OkStatus();
    }
    vkey = event.registered().vkey();
    return absl::CancelledError();  // It is found: no more is read.
  });
  if (!vkey.empty()) return vkey;
  PARLEY_RETURN_IF_ERROR(status);
  return absl::FailedPreconditionError("the log has no key in the record");
}

}  // namespace

int CosignAgent::Round() {
  exit_code_ = kExitOk;
  if (LoadFiles() && FindKey() && ChooseCheckpoint() && FetchBundle() && Verify() && CheckOwn()) Cosign();
  return exit_code_;
}

bool CosignAgent::Stop(int exit_code) {
  exit_code_ = exit_code;
  return false;
}

bool CosignAgent::Refuse(const std::string& verdict, const std::string& why) {
  session_.streams.err << session_.err_screen.Paint(Tone::kBad, "not cosigned: " + verdict) << "\n  " << Printable(why)
                       << "\n";
  if (staged_.empty()) return Stop(kExitRefused);
  const auto kept = slot_->Refuse();
  if (!kept.ok()) return Stop(session_.FailHere(kept.status()));
  session_.streams.err << "  what the server sent is kept in " << *kept << "\n";
  return Stop(kExitRefused);
}

template <class Response>
bool CosignAgent::Call(const google::protobuf::Message& request, Response* response) {
  const grpc::Status called = session_.client().Call(request, response);
  return called.ok() || Stop(session_.Fail(called));
}

bool CosignAgent::LoadFiles() {
  state_.reset();  // It is held from one round to the next.
  auto state = CosignState::Open(options_.state_dir);
  if (!state.ok()) return Stop(session_.FailHere(state.status()));
  state_ = *std::move(state);
  auto slot = BundleSlot::Open(state_->bundle());
  if (!slot.ok()) return Stop(session_.FailHere(slot.status()));
  slot_ = *std::move(slot);
  staged_.clear();
  auto key = LoadCosignerKey(options_.key_file);
  if (!key.ok()) return Stop(session_.Misused(key.status()));
  key_ = *std::move(key);
  auto last = state_->LastCosigned();
  if (!last.ok()) return Stop(session_.FailHere(last.status()));
  last_ = *std::move(last);
  own_.clear();
  if (options_.own_file.empty()) return true;
  // Read each round: clients go on writing to it.
  const auto own = ReadFile(options_.own_file, kMaxOwnFileBytes);
  if (!own.ok()) return Stop(session_.Misused(own.status()));
  std::istringstream lines(*own);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) own_.insert(line);
  }
  return true;
}

bool CosignAgent::FindKey() {
  const std::string vkey = key_->SigningKey()->verifier().ToString();
  v1::ListKeysRequest request;
  request.set_parent(options_.relationship);
  request.set_page_size(kPage);
  registered_.Clear();
  do {
    v1::ListKeysResponse page;
    if (!Call(request, &page)) return false;
    for (const v1::Key& key : page.keys()) {
      if (key.vkey() == vkey) registered_ = key;
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (registered_.state() == v1::KEY_STATE_IN_USE) return true;
  const std::string why = registered_.name().empty() ? " is not registered: parley keys register " +
                                                           options_.relationship + " --party-id PARTY --vkey " + vkey
                                                     : " was replaced or revoked: " + registered_.name();
  return Stop(session_.Misused(absl::FailedPreconditionError("the key " + key_->name + why)));
}

bool CosignAgent::CreateCheckpoint() {
  v1::CreateCheckpointRequest create;
  create.set_name(options_.relationship);
  create.set_seen(last_.note);
  v1::CreateCheckpointResponse created;
  if (!Call(create, &created)) return false;
  checkpoint_ = std::move(*created.mutable_checkpoint());
  return true;
}

bool CosignAgent::ChooseCheckpoint() {
  // What the other party cosigned already comes before a new one: so both meet.
  v1::GetCheckpointRequest newest;
  newest.set_name(options_.relationship);
  newest.set_seen(last_.note);
  v1::GetCheckpointResponse found;
  const grpc::Status called = session_.client().Call(newest, &found);
  if (!called.ok() && called.error_code() != grpc::StatusCode::NOT_FOUND) return Stop(session_.Fail(called));
  checkpoint_ = std::move(*found.mutable_checkpoint());
  if (!called.ok() || checkpoint_.size() <= std::max(last_.size, registered_.registered_in())) {
    if (!CreateCheckpoint()) return false;
  }
  if (checkpoint_.size() < last_.size) {
    return Refuse("truncated", "the server has a checkpoint of " + Entries(checkpoint_.size()) + ", and " +
                                   Entries(last_.size) + " were cosigned");
  }
  if (checkpoint_.size() > last_.size || !SignedBy(checkpoint_.note(), key_->SigningKey()->verifier())) return true;
  return KeepOthers();
}

bool CosignAgent::KeepOthers() {
  const auto shown = SignedNote::Parse(checkpoint_.note());
  auto kept = SignedNote::Parse(last_.note);
  if (!shown.ok() || !kept.ok() || shown->text() != kept->text()) {
    return Refuse("forked", "the server's checkpoint of " + Entries(last_.size) + " is not the one that was cosigned");
  }
  const auto others = OthersUnder(*shown, *kept);
  if (!others.ok()) return Stop(session_.FailHere(others.status()));
  if (others->empty()) {
    if (!options_.quiet) session_.streams.out << "nothing new since " << Entries(last_.size) << "\n";
    return Stop(kExitOk);
  }
  for (const NoteSignature& signature : *others) {
    kept->Add(signature);
    session_.streams.out << "cosigned by " << Printable(signature.name) << ", too: " << Entries(last_.size) << "\n";
  }
  absl::Status done = state_->KeepCosigned(last_.size, kept->ToString());
  if (done.ok()) done = PutCheckpoint(state_->bundle(), kept->ToString());
  return Stop(done.ok() ? static_cast<int>(kExitOk) : session_.FailHere(done));
}

absl::Status CosignAgent::PutCheckpoint(const std::string& bundle, const std::string& note) const {
  PARLEY_ASSIGN_OR_RETURN(BundleWriter writer, BundleWriter::Open(bundle, registered_.party_id()));
  PARLEY_RETURN_IF_ERROR(writer.Amend());
  PARLEY_RETURN_IF_ERROR(writer.Replace(kCheckpointPath, note));
  return writer.Finish();
}

absl::StatusOr<std::vector<NoteSignature>> CosignAgent::OthersUnder(const SignedNote& shown,
                                                                    const SignedNote& kept) const {
  const auto is = [](const NoteSignature& a) {
    return [&a](const NoteSignature& b) { return a.name == b.name && a.key_id == b.key_id; };
  };
  std::vector<NoteSignature> more, good;
  for (const NoteSignature& s : shown.signatures()) {
    if (std::none_of(kept.signatures().begin(), kept.signatures().end(), is(s))) more.push_back(s);
  }
  if (more.empty() || slot_->size() != last_.size) return good;
  // One that is no good under a key's name would spoil the note: only what the verified record's keys made is taken.
  PARLEY_ASSIGN_OR_RETURN(const BundleDir bundle, BundleDir::Open(state_->bundle()));
  PARLEY_RETURN_IF_ERROR(ForEachReadable(bundle, 0, [&](const Entry& entry) -> absl::Status {
    v1::KeyEvent event;
    if (entry.record.event_type() != kKeyRegistered || !event.ParseFromString(entry.record.event())) {
      return absl::OkStatus();
    }
    PARLEY_ASSIGN_OR_RETURN(const NoteVerifierKey key, NoteVerifierKey::Parse(event.registered().vkey()));
    for (const NoteSignature& s : more) {
      PARLEY_ASSIGN_OR_RETURN(SignedNote alone, SignedNote::Make(shown.text()));
      alone.Add(s);
      if (alone.Verify(key).ok()) good.push_back(s);
    }
    return absl::OkStatus();
  }));
  return good;
}

bool CosignAgent::FetchBundle() {
  auto staged = slot_->Stage(registered_.party_id());
  if (!staged.ok()) return Stop(session_.FailHere(staged.status()));
  FetchedBundle fetched;
  for (bool first = true;; first = false) {
    int exit_code = kExitOk;
    const BundleFetch wanted{.relationship = options_.relationship,
                             .reader = registered_.party_id(),
                             .directory = *staged,
                             .size = checkpoint_.size(),
                             .quiet = true};
    if (parley::FetchBundle(session_, wanted, &fetched, &exit_code)) break;
    // What ends before an erasure is handed out no more: a later checkpoint is.
    const bool refused = exit_code == kExitRefused;
    if (!first || !refused) return Stop(exit_code);
    const uint64_t size = checkpoint_.size();
    if (!CreateCheckpoint()) return false;
    if (checkpoint_.size() <= size) return Stop(exit_code);
  }
  staged_ = *std::move(staged);
  note_ = fetched.note;
  const auto fetched_note = SignedNote::Parse(note_), shown = SignedNote::Parse(checkpoint_.note());
  if (fetched_note.ok() && shown.ok() && fetched_note->text() == shown->text()) return true;
  return Refuse("forked", "the bundle's checkpoint is not the one that the server shows");
}

absl::StatusOr<Policy> CosignAgent::PolicyNow() {
  pinned_.clear();
  if (!options_.policy_file.empty()) return LoadPolicy(options_.policy_file);
  auto pinned = state_->PinnedPolicy();
  if (!absl::IsNotFound(pinned.status())) return pinned;
  PARLEY_ASSIGN_OR_RETURN(const BundleDir bundle, BundleDir::Open(staged_));
  PARLEY_ASSIGN_OR_RETURN(const std::string first_key, FirstLogKey(bundle));
  pinned_ = CosignState::PolicyOf(first_key);
  return Policy::Parse(pinned_, nullptr);
}

bool CosignAgent::Verify() {
  const auto policy = PolicyNow();
  if (!policy.ok()) return Stop(session_.FailHere(policy.status()));
  VerifyOptions options{.bundle = staged_, .policy = policy->BeforeCosigning(), .scratch = state_->scratch()};
  if (!last_.note.empty()) options.seen.push_back(last_.note);
  auto report = VerifyBundle(options);
  if (!report.ok()) return Stop(session_.FailHere(report.status()));
  report_ = *std::move(report);
  if (!IsGood(report_.verdict)) {
    std::string why = report_.detail;
    if (report_.offence) why = "entry " + std::to_string(*report_.offence) + ": " + why;
    return Refuse(std::string(VerdictName(report_.verdict)), why);
  }
  if (!IsWhatWasAsked()) return false;
  if (!pinned_.empty()) {
    const absl::Status kept = state_->PinLog(pinned_);
    if (!kept.ok()) return Stop(session_.FailHere(kept));
    session_.streams.err << session_.err_screen.Paint(Tone::kWarn, "the log's key is taken on trust now, and kept in " +
                                                                       options_.state_dir +
                                                                       "/policy: compare it with the other party's")
                         << "\n";
  }
  return true;
}

bool CosignAgent::IsWhatWasAsked() {
  const auto ledger = LedgerOfOrigin(report_.origin);
  if (!ledger || "relationships/" + ledger->str() != options_.relationship) {
    return Refuse("another record", "it is the history of " + report_.origin + ", not of " + options_.relationship);
  }
  const auto note = SignedNote::Parse(note_);
  if (!note.ok() || note->text() != Checkpoint{report_.origin, report_.size, report_.root}.ToText()) {
    return Refuse("forked", "the checkpoint is not that of what was verified");
  }
  // To cosign is to say: this is what the dashboards said. That it is in the record, of all of it, is what the digest is for.
  if (!report_.digests_agree) {
    std::string why = "the record has no digests of this build's read models for all that is in it";
    for (const std::string& warning : report_.warnings) why += "; " + warning;
    return Refuse("divergent", why);
  }
  const auto party = RegisteredFor();
  if (!party.ok()) return Stop(session_.FailHere(party.status()));
  if (*party != registered_.party_id()) {
    return Refuse("not ours",
                  "the server says that this key is of " + registered_.party_id() +
                      (party->empty() ? ", the record has no such key" : ", the record, that it is of " + *party));
  }
  return true;
}

absl::StatusOr<std::string> CosignAgent::RegisteredFor() const {
  const std::string vkey = key_->SigningKey()->verifier().ToString();
  PARLEY_ASSIGN_OR_RETURN(const BundleDir bundle, BundleDir::Open(staged_));
  std::string party;
  PARLEY_RETURN_IF_ERROR(ForEachReadable(bundle, 0, [&](const Entry& entry) -> absl::Status {
    v1::KeyEvent event;
    if (entry.record.event_type() == kKeyRegistered && event.ParseFromString(entry.record.event()) &&
        event.registered().vkey() == vkey) {
      party = event.registered().party_id();
    }
    return absl::OkStatus();
  }));
  return party;
}

bool CosignAgent::CheckOwn() {
  const auto bundle = BundleDir::Open(staged_);
  if (!bundle.ok()) return Stop(session_.FailHere(bundle.status()));
  const OwnEntries own{registered_.party_id(), options_.own_file.empty() ? nullptr : &own_};
  const absl::Status status = CheckOwnEntries(*bundle, slot_->size(), own);
  if (status.ok()) return true;
  if (!absl::IsPermissionDenied(status)) return Stop(session_.FailHere(status));
  return Refuse("not ours", std::string(status.message()));
}

absl::StatusOr<std::string> CosignAgent::CosignedNote(const std::string& text) {
  PARLEY_ASSIGN_OR_RETURN(const NoteSigningKey key, key_->SigningKey());
  // Signed before, and not taken then: the same once more.
  if (last_.size == checkpoint_.size() && SignedBy(last_.note, key.verifier())) return last_.note;
  PARLEY_ASSIGN_OR_RETURN(SignedNote note, SignedNote::Parse(text));
  const int64_t now = absl::ToUnixSeconds(SystemClock().Now());
  // A signature that is older than what it is under proves that somebody lied.
  if (now < absl::ToUnixSeconds(report_.last_recorded_at)) {
    return absl::UnavailableError("this machine's clock is behind the record, of " + Rfc3339(report_.last_recorded_at));
  }
  PARLEY_RETURN_IF_ERROR(note.Cosign(key, static_cast<uint64_t>(now)));
  return note.ToString();
}

bool CosignAgent::Cosign() {
  const auto note = CosignedNote(note_);
  if (!note.ok()) return Stop(session_.FailHere(note.status()));
  // Kept before anybody gets it: what was signed must never be forgotten.
  const absl::Status kept = state_->KeepCosigned(checkpoint_.size(), *note);
  if (!kept.ok()) return Stop(session_.FailHere(kept));
  // The order in which it may break off: what is verified replaces what was, then others hear of it.
  absl::Status settled = DropErasedParts(staged_, slot_->size()).status();
  if (settled.ok()) settled = PutCheckpoint(staged_, *note);
  if (settled.ok()) settled = slot_->Accept();
  if (!settled.ok()) return Stop(session_.FailHere(settled));
  v1::AddCosignatureRequest request;
  request.set_name(options_.relationship);
  request.set_note(*note);
  v1::AddCosignatureResponse response;
  if (!Call(request, &response)) return false;
  std::string others;
  for (const std::string& party : response.checkpoint().cosigned_by()) {
    others += (others.empty() ? " " : ", ") + Printable(party);
  }
  session_.streams.out << "cosigned " << Entries(checkpoint_.size()) << " as " << key_->name << " ("
                       << VerdictName(report_.verdict) << "); so did:" << others
                       << (response.checkpoint().cosigned() ? ": final" : "") << "\n";
  return true;
}

}  // namespace parley
