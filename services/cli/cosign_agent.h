// The agent that a party runs: it looks at everything new in a relationship's history, and cosigns what holds.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/proof/note.h"
#include "eventstore/proof/policy.h"
#include "parley/v1/audit.pb.h"
#include "parley/v1/key.pb.h"
#include "services/cli/bundle_slot.h"
#include "services/cli/cosign_key.h"
#include "services/cli/cosign_state.h"
#include "services/cli/session.h"
#include "services/verify/verify.h"

namespace parley {

struct CosignOptions {
  std::string relationship;  // Resource name.
  std::string key_file;
  std::string state_dir;
  std::string own_file;     // Request ids that the party's clients sent, one a line; empty: not known.
  std::string policy_file;  // Empty: the log's key as it was first seen.
  bool quiet = false;       // Nothing is said where nothing is new.
};

// Not thread-safe. A signature says: I have this history whole, it extends what I cosigned before, I decided it again and folded the
// read models again, and what passes for mine is mine.
class CosignAgent {
 public:
  CosignAgent(Session& session, CosignOptions options) : session_(session), options_(std::move(options)) {}

  // One round: the newest checkpoint (a new one, where that was cosigned already) is fetched, verified, cosigned and kept. Prints what it
  // came to. kExitOk: cosigned, or nothing is new; kExitUnavailable: the same may work later; anything else: it does not hold, and
  // nothing was signed.
  int Round();

 private:
  // Each is true where the round goes on; otherwise exit_code_ is set.
  bool LoadFiles();
  bool FindKey();
  bool ChooseCheckpoint();
  bool CreateCheckpoint();
  bool FetchBundle();
  bool Verify();
  // That what was verified is what is to be cosigned: of this relationship, under this checkpoint, with digests behind it, and with
  // this key as the party's.
  bool IsWhatWasAsked();
  bool CheckOwn();
  bool Cosign();
  // Nothing is new but, maybe, others' cosignatures under what was cosigned: those are kept, too.
  bool KeepOthers();

  template <class Response>
  bool Call(const google::protobuf::Message& request, Response* response);
  bool Stop(int exit_code);
  bool Refuse(const std::string& verdict, const std::string& why);
  absl::StatusOr<Policy> PolicyNow();
  // The party whose key the record says this one is; empty: it has no such key.
  absl::StatusOr<std::string> RegisteredFor() const;
  // Puts the note with more signatures under it into a bundle.
  absl::Status PutCheckpoint(const std::string& bundle, const std::string& note) const;
  // The signatures under the server's note that are not under the kept one, as far as keys in the record made them.
  absl::StatusOr<std::vector<NoteSignature>> OthersUnder(const SignedNote& shown, const SignedNote& kept) const;
  // The cosigned note, from the one that was kept where there is one of this checkpoint.
  absl::StatusOr<std::string> CosignedNote(const std::string& note);

  Session& session_;
  const CosignOptions options_;
  int exit_code_ = kExitOk;
  std::optional<CosignState> state_;
  std::optional<BundleSlot> slot_;
  std::string staged_;  // Directory of the bundle that is looked at.
  std::optional<CosignerKey> key_;
  std::set<std::string> own_;
  CosignState::Last last_;
  v1::Key registered_;  // As the server says.
  v1::SignedCheckpoint checkpoint_;
  std::string note_;    // Of the bundle that was fetched.
  std::string pinned_;  // The policy that is to be kept, where none was.
  VerifyReport report_;
};

}  // namespace parley
