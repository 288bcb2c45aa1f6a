// Whom a verifier trusts: C2SP tlog-policy (c2sp.org/tlog-policy), with two kinds of line of Parley's own.
//   log <vkey> [<url>]
//   witness <name> <vkey> [<url>]
//   group <name> all|any|<k> <name>…
//   quorum <name>|none
//   max-age <hours>                        Parley: the newest cosigned checkpoint may be at most this old
//   timestamp-authority <file>             Parley: certificates (PEM), relative to the policy, that time-stamps must lead to
// Lines that begin with '#' are comments. Names are those of lines before; each stands in one group at most; there is one quorum line. A
// public key is that of one log and one witness at most; here, besides, of an origin there is one log.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventstore/proof/note.h"

namespace parley {

class Policy {
 public:
  // INVALID_ARGUMENT with the line's number. `read` gives the bytes of a file that a line names.
  static absl::StatusOr<Policy> Parse(std::string_view text,
                                      const std::function<absl::StatusOr<std::string>(const std::string&)>& read);

  // The log whose key's name is `origin`; null where the policy lists none.
  const NoteVerifierKey* LogOf(std::string_view origin) const;
  // Witnesses by their name in the policy.
  const std::map<std::string, NoteVerifierKey, std::less<>>& witnesses() const { return witnesses_; }
  // Whether the quorum is met by these witnesses (names in the policy).
  bool QuorumMet(const std::function<bool(const std::string& witness)>& cosigned) const;
  // Where the quorum is not met: the witnesses it could be met with, who did not cosign. For people.
  std::vector<std::string> Missing(const std::function<bool(const std::string& witness)>& cosigned) const;
  std::optional<absl::Duration> max_age() const { return max_age_; }
  // The same for whoever is asked to cosign: nobody need have done so before, and nothing is too old.
  Policy BeforeCosigning() const {
    Policy policy = *this;
    policy.quorum_.clear();
    policy.max_age_.reset();
    return policy;
  }
  // PEM; empty: no authority is trusted.
  const std::string& timestamp_authority() const { return timestamp_authority_; }

 private:
  struct Group {
    size_t threshold = 0;
    std::vector<std::string> members;
  };
  friend class PolicyParser;
  // Whether the witness or group `name` cosigned; whether `witness` is it, or somewhere in it.
  bool Met(const std::string& name, const std::function<bool(const std::string&)>& cosigned) const;
  bool Counts(const std::string& name, const std::string& witness) const;

  std::vector<NoteVerifierKey> logs_;
  std::map<std::string, NoteVerifierKey, std::less<>> witnesses_;
  std::map<std::string, Group, std::less<>> groups_;
  std::string quorum_;  // Empty: none.
  std::optional<absl::Duration> max_age_;
  std::string timestamp_authority_;
};

}  // namespace parley
