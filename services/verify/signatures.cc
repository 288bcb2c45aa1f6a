#include "services/verify/signatures.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/timestamp.h"

namespace parley {
namespace {

class SignatureCheck {
 public:
  SignatureCheck(const Policy& policy, const NoteVerifierKey& log_key, const BundleDir& bundle,
                 const BundleContents& contents, Findings& findings, VerifyReport& report)
      : policy_(policy),
        log_key_(log_key),
        bundle_(bundle),
        contents_(contents),
        findings_(findings),
        report_(report) {}

  std::vector<Witnessed> Check(absl::Time now) {
    for (const BundleNote& note : contents_.notes) {
      CheckNote(note);
      CountUnknown(note);
    }
    if (unknown_ > 0) {
      report_.warnings.push_back(absl::StrCat(
          unknown_, " signatures are by keys that neither policy nor record knows: they count for nothing"));
    }
    CheckQuorum();
    CheckTimestamps();
    CheckAge(now);
    return std::move(times_);
  }

 private:
  void Bad(std::string what) { findings_.Add(Verdict::kBadSignature, std::nullopt, std::move(what)); }
  bool IsHead(const BundleNote& note) const { return &note == &contents_.head(); }

  void CheckNote(const BundleNote& note) {
    const uint64_t size = note.checkpoint.size;
    const Signed by_log = SignedBy(note.note, LogKeysFor(note, contents_, log_key_));
    if (by_log.wrong) Bad(note.path + ": the log's signature is wrong");
    if (!by_log.good && !by_log.wrong) {
      Bad(note.path + ": no signature by the log's key that the policy trusts and that was valid at this size");
    }
    for (const auto& [name, trusted] : policy_.witnesses()) {
      const Signed by_witness = SignedBy(note.note, contents_.keys.ValidAt(trusted, size));
      if (by_witness.wrong) Bad(note.path + ": the cosignature by " + name + " is wrong");
      if (!by_witness.good || by_witness.wrong) continue;
      times_.push_back({size, name, by_witness.time});
      if (IsHead(note)) cosigned_[name] = by_witness.time;
    }
    CheckPartyKeys(note);
  }

  // Keys of parties that the policy says nothing of: who signs wrongly is told, who signs is not asked for.
  void CheckPartyKeys(const BundleNote& note) {
    for (const KeyRing::Key& key : contents_.keys.keys()) {
      if (key.party_id.empty() || IsWitness(key.key, note.checkpoint.size)) continue;
      const Signed by_party = SignedBy(note.note, {key.key});
      if (by_party.wrong) Bad(note.path + ": the cosignature under " + key.name + " is wrong");
      if (!by_party.good || by_party.wrong) continue;
      if (!key.ValidAt(note.checkpoint.size)) {
        report_.warnings.push_back(
            absl::StrCat(note.path, ": ", key.name, " cosigned, but was not valid at size ", note.checkpoint.size));
      } else if (IsHead(note)) {
        report_.cosigned.push_back({note.checkpoint.size, "party " + key.party_id, by_party.time});
      }
    }
  }

  // As C2SP signed-note wants it, such signatures are passed over.
  void CountUnknown(const BundleNote& note) {
    const auto is = [](const NoteSignature& signature, const NoteVerifierKey& key) {
      return signature.name == key.name() && signature.key_id == key.key_id();
    };
    for (const NoteSignature& signature : note.note.signatures()) {
      const auto& recorded = contents_.keys.keys();
      const auto& witnesses = policy_.witnesses();
      const bool known =
          is(signature, log_key_) ||
          std::any_of(recorded.begin(), recorded.end(), [&](const auto& key) { return is(signature, key.key); }) ||
          std::any_of(witnesses.begin(), witnesses.end(), [&](const auto& one) { return is(signature, one.second); });
      if (!known) ++unknown_;
    }
  }

  bool IsWitness(const NoteVerifierKey& key, uint64_t size) const {
    for (const auto& [name, trusted] : policy_.witnesses()) {
      for (const NoteVerifierKey& valid : contents_.keys.ValidAt(trusted, size)) {
        if (valid.ToString() == key.ToString()) return true;
      }
    }
    return false;
  }

  void CheckQuorum() {
    for (const auto& [name, time] : cosigned_) {
      report_.cosigned.push_back({contents_.head().checkpoint.size, name, time});
    }
    const auto cosigned = [&](const std::string& witness) { return cosigned_.contains(witness); };
    if (policy_.QuorumMet(cosigned)) return;
    Bad(absl::StrCat("the policy's quorum did not cosign size ", contents_.head().checkpoint.size,
                     ": missing, or under a key not valid then: ", absl::StrJoin(policy_.Missing(cosigned), ", ")));
  }

  void CheckTimestamps() {
    std::map<uint64_t, const BundleNote*> notes;
    for (const BundleNote& note : contents_.notes) notes[note.checkpoint.size] = &note;
    uint64_t unchecked = 0;
    for (const auto& [path, file] : bundle_.manifest().files) {
      const auto id = ParseTimestampPath(path);
      if (!id) continue;
      const auto response = bundle_.Read(path);
      if (!response.ok()) {
        findings_.Add(Verdict::kDamaged, std::nullopt, std::string(response.status().message()));
      } else if (!notes.contains(id->size)) {
        findings_.Add(Verdict::kDamaged, std::nullopt, path + " is over no checkpoint of this bundle");
      } else if (policy_.timestamp_authority().empty()) {
        ++unchecked;
      } else {
        const auto time = VerifyTimestamp(*response, notes[id->size]->note.text(), policy_.timestamp_authority());
        if (!time.ok()) {
          Bad(path + ": " + std::string(time.status().message()));
          continue;
        }
        report_.timestamps.push_back({id->size, "timestamp-authority", *time});
        times_.push_back(report_.timestamps.back());
      }
    }
    if (unchecked == 0) return;
    report_.warnings.push_back(
        absl::StrCat(unchecked, " time-stamps were not checked: the policy trusts no timestamp-authority"));
  }

  // How new the newest is: since when the quorum, or a time-stamp, has said that it is the newest. Of the quorum the eldest counts, so
  // that nobody alone makes an old history look new.
  void CheckAge(absl::Time now) {
    if (!policy_.max_age()) return;
    std::vector<absl::Time> times;
    for (const auto& [name, time] : cosigned_) times.push_back(time);
    std::sort(times.begin(), times.end(), std::greater<>());
    absl::Time newest = absl::InfinitePast();
    for (const absl::Time time : times) {
      const auto since = [&](const std::string& witness) {
        const auto it = cosigned_.find(witness);
        return it != cosigned_.end() && it->second >= time;
      };
      if (!policy_.QuorumMet(since)) continue;
      newest = time;
      break;
    }
    for (const Witnessed& timestamp : report_.timestamps) {
      if (timestamp.size == contents_.head().checkpoint.size) newest = std::max(newest, timestamp.time);
    }
    if (now - newest <= *policy_.max_age()) return;
    findings_.Add(Verdict::kStale, std::nullopt,
                  newest == absl::InfinitePast()
                      ? "nobody that the policy trusts says when the newest checkpoint was the newest"
                      : absl::StrCat("the newest checkpoint is of ", Rfc3339(newest), ", which is more than ",
                                     absl::FormatDuration(*policy_.max_age()), " before ", Rfc3339(now)));
  }

  const Policy& policy_;
  const NoteVerifierKey& log_key_;
  const BundleDir& bundle_;
  const BundleContents& contents_;
  Findings& findings_;
  VerifyReport& report_;
  std::map<std::string, absl::Time> cosigned_;  // Of the newest checkpoint, by witness.
  std::vector<Witnessed> times_;
  uint64_t unknown_ = 0;  // Signatures by nobody known.
};

}  // namespace

Signed SignedBy(const SignedNote& note, const std::vector<NoteVerifierKey>& keys) {
  Signed result;
  for (const NoteVerifierKey& key : keys) {
    const auto time = note.Verify(key);
    if (time.ok()) {
      result.good = true;
      result.time = std::max(result.time, absl::FromUnixSeconds(static_cast<int64_t>(*time)));
    } else if (!absl::IsNotFound(time.status())) {
      result.wrong = true;
    }
  }
  return result;
}

std::vector<NoteVerifierKey> LogKeysFor(const BundleNote& note, const BundleContents& contents,
                                        const NoteVerifierKey& log_key) {
  std::vector<NoteVerifierKey> keys = contents.keys.ValidAt(log_key, note.checkpoint.size);
  if (&note == &contents.head()) return keys;
  // The tree is known by the signature under the newest note. Earlier ones only have to be what the record says they were, under
  // keys that may be older than the one trusted.
  for (NoteVerifierKey& key : contents.keys.LogKeysAt(note.checkpoint.size)) keys.push_back(std::move(key));
  return keys;
}

std::vector<Witnessed> CheckSignatures(const Policy& policy, const NoteVerifierKey& log_key, const BundleDir& bundle,
                                       const BundleContents& contents, absl::Time now, Findings& findings,
                                       VerifyReport& report) {
  return SignatureCheck(policy, log_key, bundle, contents, findings, report).Check(now);
}

absl::StatusOr<std::vector<SeenNote>> ParseSeen(const std::vector<std::string>& notes) {
  std::vector<SeenNote> seen;
  for (const std::string& text : notes) {
    SeenNote one;
    PARLEY_ASSIGN_OR_RETURN(one.note, SignedNote::Parse(text));
    PARLEY_ASSIGN_OR_RETURN(one.checkpoint, Checkpoint::Parse(one.note.text()));
    seen.push_back(std::move(one));
  }
  return seen;
}

absl::Status CheckSeen(const std::vector<SeenNote>& seen, const Policy& policy, const NoteVerifierKey& log_key,
                       const BundleContents& contents, Findings& findings) {
  const uint64_t size = contents.head().checkpoint.size;
  for (const SeenNote& one : seen) {
    if (one.checkpoint.origin != log_key.name()) {
      return absl::InvalidArgumentError("a seen checkpoint is of another log: " + one.checkpoint.origin);
    }
    // It may be of a size, and under a key, that this history does not reach: whatever key is known to follow will do.
    Signed by = SignedBy(one.note, contents.keys.Following(log_key));
    for (const auto& [name, trusted] : policy.witnesses()) {
      if (!by.good) by = SignedBy(one.note, contents.keys.Following(trusted));
    }
    if (!by.good) {
      return absl::InvalidArgumentError(
          absl::StrCat("the seen checkpoint of size ", one.checkpoint.size,
                       " is signed neither by the log nor by a witness of the policy, or wrongly: it proves nothing"));
    }
    if (one.checkpoint.size > size) {
      findings.Add(Verdict::kTruncated, size,
                   absl::StrCat("a checkpoint of ", one.checkpoint.size, " entries was seen; here are ", size));
    } else if (contents.roots.at(one.checkpoint.size) != one.checkpoint.root) {
      findings.Add(
          Verdict::kForked, std::nullopt,
          absl::StrCat("a checkpoint of ", one.checkpoint.size, " entries was seen that has another root than these ",
                       one.checkpoint.size, " entries"));
    }
  }
  return absl::OkStatus();
}

}  // namespace parley
