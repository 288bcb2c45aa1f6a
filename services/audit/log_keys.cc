#include "services/audit/log_keys.h"

#include <filesystem>
#include <future>

#include "absl/strings/numbers.h"
#include "eventstore/base/key_file.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/ed25519.h"
#include "eventstore/proof/key_statement.h"
#include "services/aggregate/aggregate.h"
#include "services/key/key.h"

namespace parley {
namespace {

constexpr std::string_view kPrefix = "log-key-";
constexpr char kSeed[] = ".seed";
constexpr char kLost[] = ".lost";

std::string RelationshipName(const LedgerId& ledger) { return "relationships/" + ledger.str(); }

std::string KeyName(const LedgerId& ledger, uint32_t generation) {
  return RelationshipName(ledger) + "/keys/" + LogKeyId(generation);
}

uint32_t GenerationOf(const v1::Key& key) { return LogKeyGeneration(key.name().substr(key.name().rfind('/') + 1)); }

// The generation in a file's name; 0 where it is none of ours.
uint32_t GenerationInFile(std::string_view file, std::string_view ending) {
  if (!file.starts_with(kPrefix) || !file.ends_with(ending)) return 0;
  const std::string digits(file.substr(kPrefix.size(), file.size() - kPrefix.size() - ending.size()));
  uint32_t generation = 0;
  return absl::SimpleAtoi(digits, &generation) && std::to_string(generation) == digits ? generation : 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogKeys>> LogKeys::Open(LogKeysOptions options) {
  auto keys = std::unique_ptr<LogKeys>(new LogKeys(std::move(options)));
  std::lock_guard lock(keys->mu_);
  PARLEY_RETURN_IF_ERROR(keys->ReadSeeds());
  const uint32_t newest_seed = keys->seeds_.empty() ? 0 : keys->seeds_.rbegin()->first;
  const uint32_t newest_lost = keys->lost_.empty() ? 0 : *keys->lost_.rbegin();
  if (newest_seed == 0 && newest_lost == 0 && keys->options_.notes_exist) {
    return absl::FailedPreconditionError(keys->PathOf(1, kSeed) +
                                         " is missing, and checkpoints have been signed under such a key: restore it. "
                                         "If every copy is lost, make a file " +
                                         keys->PathOf(1, kLost) +
                                         " (or of the last generation): auditors will have to be told of the next key");
  }
  if (newest_seed <= newest_lost) PARLEY_RETURN_IF_ERROR(keys->MakeNext());
  return keys;
}

std::string LogKeys::PathOf(uint32_t generation, const char* ending) const {
  return options_.secrets_dir + "/" + std::string(kPrefix) + std::to_string(generation) + ending;
}

absl::Status LogKeys::ReadSeeds() {
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(options_.secrets_dir, error)) {
    const std::string name = file.path().filename().string();
    if (const uint32_t generation = GenerationInFile(name, kSeed); generation > 0) {
      PARLEY_ASSIGN_OR_RETURN(seeds_[generation], LoadKey(file.path().string()));
    }
    if (const uint32_t generation = GenerationInFile(name, kLost); generation > 0) lost_.insert(generation);
  }
  if (error) return absl::UnavailableError("cannot read " + options_.secrets_dir + ": " + error.message());
  return absl::OkStatus();
}

absl::Status LogKeys::MakeNext() {
  const uint32_t newest_seed = seeds_.empty() ? 0 : seeds_.rbegin()->first;
  const uint32_t newest_lost = lost_.empty() ? 0 : *lost_.rbegin();
  const uint32_t next = std::max(newest_seed, newest_lost) + 1;
  PARLEY_ASSIGN_OR_RETURN(std::string seed, LoadOrMakeKey(PathOf(next, kSeed), *options_.random));
  seeds_[next] = std::move(seed);
  return absl::OkStatus();
}

absl::StatusOr<LogKeys::Generation> LogKeys::Rotate() {
  {
    std::lock_guard lock(mu_);
    PARLEY_RETURN_IF_ERROR(MakeNext());
  }
  return newest();
}

LogKeys::Generation LogKeys::newest() const { return generations().back(); }

std::vector<LogKeys::Generation> LogKeys::generations() const {
  std::lock_guard lock(mu_);
  std::vector<Generation> all;
  for (const auto& [number, seed] : seeds_) all.push_back({number, Ed25519PublicKey(seed).value_or("")});
  return all;
}

std::string LogKeys::OriginOf(const LedgerId& ledger) const {
  return options_.log_domain + "/" + RelationshipName(ledger);
}

absl::StatusOr<std::string> LogKeys::SeedOf(uint32_t generation) const {
  std::lock_guard lock(mu_);
  const auto it = seeds_.find(generation);
  if (it != seeds_.end()) return it->second;
  return absl::FailedPreconditionError(PathOf(generation, kSeed) + " is missing: restore it");
}

absl::StatusOr<NoteSigningKey> LogKeys::SigningKey(const LedgerId& ledger, uint32_t generation) const {
  PARLEY_ASSIGN_OR_RETURN(const std::string seed, SeedOf(generation));
  return NoteSigningKey::Make(OriginOf(ledger), NoteKeyType::kEd25519, seed);
}

absl::StatusOr<std::vector<v1::Key>> LogKeys::Registered(const LedgerId& ledger) const {
  std::vector<v1::Key> keys;
  const uint32_t last = newest().number;
  for (uint32_t generation = 1; generation <= last; ++generation) {
    PARLEY_ASSIGN_OR_RETURN(const auto entries, options_.log->ReadStream(ledger, KeyName(ledger, generation), 0, {}));
    if (entries.empty()) continue;
    v1::Key key;
    for (const Entry& entry : entries) {
      PARLEY_ASSIGN_OR_RETURN(const RecordedEvent event, DecodeEvent(entry));
      event.type->evolve(key, *event.event, event.info);
      StampResource(key, event.info);
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

absl::StatusOr<std::string> LogKeys::Statement(const LedgerId& ledger, const NoteVerifierKey& next,
                                               const v1::Key& previous) const {
  const auto seed = SeedOf(GenerationOf(previous));
  if (!seed.ok() && lost_.contains(GenerationOf(previous))) return "";
  PARLEY_RETURN_IF_ERROR(seed.status());
  return SignKeyStatement(RelationshipName(ledger), next, OriginOf(ledger), *seed);
}

absl::Status LogKeys::EnsureRegistered(const LedgerId& ledger) {
  const uint32_t generation = newest().number;
  PARLEY_ASSIGN_OR_RETURN(const NoteSigningKey key, SigningKey(ledger, generation));
  PARLEY_ASSIGN_OR_RETURN(const std::vector<v1::Key> keys, Registered(ledger));
  if (!keys.empty() && keys.back().state() != v1::KEY_STATE_IN_USE) {
    return absl::FailedPreconditionError(keys.back().name() + " was replaced by a key whose seed is not in " +
                                         options_.secrets_dir + ": restore it");
  }
  if (!keys.empty() && GenerationOf(keys.back()) == generation) return KeyFor(ledger, UINT64_MAX).status();

  auto request = std::make_shared<v1::RegisterKeyRequest>();
  request->set_parent(RelationshipName(ledger));
  request->set_key_id(LogKeyId(generation));
  request->set_vkey(key.verifier().ToString());
  // Whoever asks at the same time asks for the same.
  request->set_request_id(LogKeyId(generation));
  if (!keys.empty()) {
    PARLEY_ASSIGN_OR_RETURN(*request->mutable_statement(), Statement(ledger, key.verifier(), keys.back()));
  }
  auto answered = std::make_shared<std::promise<absl::Status>>();
  auto answer = answered->get_future();
  options_.pipeline->SubmitSystem(
      ledger, MakeCommand<v1::Key, v1::RegisterKeyRequest>(std::move(request)),
      [answered](const absl::StatusOr<Answer>& outcome) { answered->set_value(outcome.status()); });
  return answer.get();
}

absl::StatusOr<NoteSigningKey> LogKeys::KeyFor(const LedgerId& ledger, uint64_t size) const {
  PARLEY_ASSIGN_OR_RETURN(const std::vector<v1::Key> keys, Registered(ledger));
  const v1::Key* valid = nullptr;
  for (const v1::Key& key : keys) {
    if (ValidAt(key, size)) valid = &key;
  }
  if (valid == nullptr) {
    return absl::FailedPreconditionError("no key of those in " + options_.secrets_dir + " is valid for " +
                                         RelationshipName(ledger) + " at size " + std::to_string(size));
  }
  PARLEY_ASSIGN_OR_RETURN(NoteSigningKey key, SigningKey(ledger, GenerationOf(*valid)));
  if (key.verifier().ToString() != valid->vkey()) {
    return absl::FailedPreconditionError("the record has " + valid->name() + " as " + valid->vkey() +
                                         ", which is not the key that " + PathOf(GenerationOf(*valid), kSeed) +
                                         " gives under the origin " + OriginOf(ledger) +
                                         ": restore that seed, or the log domain it was used with");
  }
  return key;
}

}  // namespace parley
