// What a decider may know besides the state it decides on. Nothing here reads a clock or a file: the pipeline puts in
// who, when, and the ids that may be handed out.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "parley/v1/relationship.pb.h"
#include "services/aggregate/ledger_state.h"

namespace parley {

// Who acts.
struct Actor {
  std::string principal;     // Handle; "system" for deadlines.
  std::string party;         // The party acted for; empty where the principal holds no role in the ledger.
  std::string on_behalf_of;  // Handle of a member of the same party, or empty.
};

inline constexpr std::string_view kSystemActor = "system";

// Valid during one Decide only.
class Context {
 public:
  Context(const LedgerState& ledger, Actor actor, std::string target, absl::Time now, absl::Time effective_at,
          bool historical)
      : ledger_(ledger),
        actor_(std::move(actor)),
        target_(std::move(target)),
        now_(now),
        effective_at_(effective_at),
        historical_(historical) {}

  const LedgerState& ledger() const { return ledger_; }
  const v1::Relationship& relationship() const { return ledger_.relationship(); }
  const Actor& actor() const { return actor_; }
  // Name of the resource that the command is about, or that it creates.
  const std::string& target() const { return target_; }
  // What will be the entry's recorded_at: windows count from here, rights are judged here.
  absl::Time now() const { return now_; }
  absl::Time effective_at() const { return effective_at_; }
  // Imported.
  bool historical() const { return historical_; }
  // What is imported starts none. What began live goes on with its timers, whatever a command says of itself: nobody ends
  // a running window by calling the next step history.
  bool StartsTimers() const { return !historical_ || ledger_.BeganLive(target_); }

  // The charter that binds; CHARTER_NOT_BINDING where none does.
  absl::StatusOr<const v1::Charter*> BindingCharter() const;
  // Any charter version ever proposed; null where there is no such version.
  const v1::Charter* CharterAt(int32_t version) const;

  // A role of the acting party that has `permission`. NOT_A_MEMBER or PERMISSION_MISSING otherwise.
  absl::StatusOr<std::string> Require(v1::Permission permission) const;
  // The same, and the acting party must be `party`: NOT_YOUR_PARTY.
  absl::StatusOr<std::string> RequireFor(std::string_view party, v1::Permission permission) const;
  // Whether the actor holds that role of that party.
  bool Holds(const v1::RoleRef& role) const;

  // A decision cited as authority must exist and be decided: DECISION_REQUIRED.
  absl::Status RequireDecided(std::string_view decision) const;
  // effective_at must not precede what the command cites: EFFECTIVE_AT_INVALID.
  absl::Status RequireNotBefore(absl::Time cited, std::string_view what) const;

 private:
  const LedgerState& ledger_;
  Actor actor_;
  std::string target_;
  absl::Time now_;
  absl::Time effective_at_;
  bool historical_;
};

}  // namespace parley
