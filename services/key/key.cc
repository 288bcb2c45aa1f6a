#include "services/key/key.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/key_statement.h"
#include "services/aggregate/recheck.h"

namespace parley {
namespace {

using v1::Key;
using v1::KeyEvent;

constexpr std::string_view kLogKeyPrefix = "log-";

std::string RelationshipName(const Context& context) { return "relationships/" + context.ledger().ledger().str(); }

// The part of a resource's name after the last slash.
std::string_view IdOf(std::string_view name) { return name.substr(name.rfind('/') + 1); }

Reject Invalid(std::string_view why) { return std::move(Reject(v1::REASON_KEY_INVALID, why)).Field("vkey", why); }

// The log's key is registered by the system, a party's by that party's administrators.
absl::StatusOr<std::string> RequireRegistrar(const std::string& party, const Context& context) {
  if (context.actor().principal != kSystemActor) return context.RequireFor(party, v1::PERMISSION_ADMINISTER);
  if (!party.empty()) return Reject(v1::REASON_NOT_YOUR_PARTY, "a party registers its key itself");
  return std::string();
}

// What must be so of a party's key, or of the log's.
absl::Status CheckKind(const std::string& party, const NoteVerifierKey& key, const Context& context) {
  const std::string_view id = IdOf(context.target());
  const bool of_log = key.name().ends_with("/" + RelationshipName(context));
  if (!party.empty()) {
    if (id.starts_with(kLogKeyPrefix)) return InvalidField("key_id", "log-… is the log's");
    if (key.type() != NoteKeyType::kEd25519Cosignature) return Invalid("a party's key is of type 0x04");
    // A signature line under the log's name that is not the log's makes the note worthless to whoever trusts the log.
    if (of_log) return Invalid("a party's key is not named as the log's");
    // Public tools refuse a whole note for one name with white space in it, of which Unicode has more than ASCII.
    if (std::any_of(key.name().begin(), key.name().end(), [](char c) { return c <= ' ' || c > '~'; })) {
      return Invalid("a key's name is of printable ASCII");
    }
    return absl::OkStatus();
  }
  if (LogKeyGeneration(id) == 0) return InvalidField("key_id", "must be log-<generation> for the log's key");
  if (key.type() != NoteKeyType::kEd25519) return Invalid("the log's key is of type 0x01");
  if (!of_log) return Invalid("the log's key is named by its origin");
  return absl::OkStatus();
}

// What the ledger's keys so far mean for a new one.
struct Predecessors {
  const Key* in_use = nullptr;  // Of the same owner.
  absl::Status objection;
};

// Whether one of them must not be registered beside the other.
bool Clash(const std::string& party, const NoteVerifierKey& key, const std::string& other_party,
           const NoteVerifierKey& other) {
  // In a note, signatures are told apart by these two; four bytes of an id can be hit by trying.
  if (other.name() == key.name() && other.key_id() == key.key_id()) return true;
  // A public key is registered once, whatever the name: what one party's key signed could be passed off as another's. But the log's,
  // which every relationship of the server shows, is not to be kept out of one by a party that was first: nobody but the log can
  // sign with it, and what a cosigner signs begins otherwise.
  const bool log_after_party = party.empty() && !other_party.empty();
  return !log_after_party && other.public_key() == key.public_key();
}

Predecessors FindPredecessors(const std::string& party, const NoteVerifierKey& key, const Context& context) {
  Predecessors found;
  context.ledger().ForEach<Key>([&](const Key& other) {
    const auto registered = NoteVerifierKey::Parse(other.vkey());
    if (registered.ok() && Clash(party, key, other.party_id(), *registered)) {
      found.objection = Reject(v1::REASON_ALREADY_EXISTS, "this key was registered before").With("key", other.name());
    }
    if (other.party_id() != party) return;
    if (party.empty() && registered.ok() && registered->name() != key.name()) {
      found.objection = Invalid("the log's keys all have the same name");
    }
    if (party.empty() && LogKeyGeneration(IdOf(other.name())) >= LogKeyGeneration(IdOf(context.target()))) {
      found.objection = InvalidField("key_id", "must be of a later generation than the key before");
    }
    if (other.state() == v1::KEY_STATE_IN_USE) found.in_use = &other;
  });
  return found;
}

// The statement, where there is one, leads from the key before to this one.
absl::Status CheckStatement(const std::string& statement, const NoteVerifierKey& key, const Key* previous,
                            const Context& context) {
  if (statement.empty()) return absl::OkStatus();
  const auto invalid = [](std::string_view why) {
    return std::move(Reject(v1::REASON_KEY_INVALID, why)).Field("statement", why);
  };
  if (previous == nullptr) return invalid("there is no key in use that could have signed a statement");
  PARLEY_ASSIGN_OR_RETURN(const NoteVerifierKey signer, NoteVerifierKey::Parse(previous->vkey()));
  const absl::Status verified = VerifyKeyStatement(statement, RelationshipName(context), key, signer);
  if (!verified.ok()) return invalid(std::string(verified.message()));
  return absl::OkStatus();
}

}  // namespace

std::string LogKeyId(uint32_t generation) { return std::string(kLogKeyPrefix) + std::to_string(generation); }

uint32_t LogKeyGeneration(std::string_view id) {
  if (!id.starts_with(kLogKeyPrefix)) return 0;
  const std::string_view digits = id.substr(kLogKeyPrefix.size());
  uint32_t generation = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), generation);
  return error == std::errc() && end == digits.data() + digits.size() && LogKeyId(generation) == id ? generation : 0;
}

bool ValidAt(const Key& key, uint64_t size) {
  return size > key.registered_in() && (!key.has_ended_in() || size <= key.ended_in());
}

absl::StatusOr<Events> Decide(const Key&, const v1::RegisterKeyRequest& request, const Context& context) {
  PARLEY_ASSIGN_OR_RETURN(const std::string role, RequireRegistrar(request.party_id(), context));
  const auto key = NoteVerifierKey::Parse(request.vkey());
  if (!key.ok()) return Invalid(std::string(key.status().message()));
  PARLEY_RETURN_IF_ERROR(CheckKind(request.party_id(), *key, context));
  const Predecessors before = FindPredecessors(request.party_id(), *key, context);
  PARLEY_RETURN_IF_ERROR(before.objection);
  PARLEY_RETURN_IF_ERROR(CheckStatement(request.statement(), *key, before.in_use, context));

  KeyEvent registered;
  registered.mutable_registered()->set_party_id(request.party_id());
  registered.mutable_registered()->set_vkey(request.vkey());
  registered.mutable_registered()->set_statement(request.statement());
  if (before.in_use == nullptr) return Events(role).Emit(context.target(), std::move(registered));
  registered.mutable_registered()->set_previous(before.in_use->name());
  KeyEvent replaced;
  replaced.mutable_replaced()->set_by(context.target());
  return Events(role).Emit(context.target(), std::move(registered)).Emit(before.in_use->name(), std::move(replaced));
}

absl::StatusOr<Events> Decide(const Key& key, const v1::RevokeKeyRequest& request, const Context& context) {
  // The log's is nobody's to revoke: no caller acts for the party "".
  PARLEY_ASSIGN_OR_RETURN(const std::string role, context.RequireFor(key.party_id(), v1::PERMISSION_ADMINISTER));
  if (key.state() != v1::KEY_STATE_IN_USE) {
    return Reject(v1::REASON_WRONG_STATE, "the key is not in use").With("state", v1::KeyState_Name(key.state()));
  }
  if (request.reason().empty()) return InvalidField("reason", "must be given");
  KeyEvent event;
  event.mutable_revoked()->set_reason(request.reason());
  return Events(role).Emit(context.target(), std::move(event));
}

void Evolve(Key& key, const KeyEvent& event, const EventInfo& info) {
  switch (event.kind_case()) {
    case KeyEvent::kRegistered:
      key.set_state(v1::KEY_STATE_IN_USE);
      key.set_party_id(event.registered().party_id());
      key.set_vkey(event.registered().vkey());
      key.set_registered_in(info.sequence);
      key.set_previous(event.registered().previous());
      key.set_statement(event.registered().statement());
      return;
    case KeyEvent::kReplaced:
      key.set_state(v1::KEY_STATE_REPLACED);
      key.set_ended_in(info.sequence);
      return;
    case KeyEvent::kRevoked:
      key.set_state(v1::KEY_STATE_REVOKED);
      key.set_ended_in(info.sequence);
      key.set_revoke_reason(event.revoked().reason());
      return;
    case KeyEvent::KIND_NOT_SET:
      return;  // Poison: DecodeEvent never lets it through.
  }
}

}  // namespace parley
