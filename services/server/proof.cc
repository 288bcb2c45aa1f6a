#include "services/server/proof.h"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "eventstore/base/status.h"
#include "services/server/log.h"

namespace parley {

namespace {

std::string NotesDir(const ServerOptions& options) {
  return options.notes_dir.empty() ? options.data_dir + "/notes" : options.notes_dir;
}

}  // namespace

NotesRead ReadNotes(const ServerOptions& options) {
  return std::async([notes = NotesDir(options)]() -> absl::StatusOr<std::vector<SignedSize>> {
    std::error_code error;
    std::filesystem::create_directories(notes, error);
    if (error) return absl::UnavailableError("cannot make " + notes + ": " + error.message());
    return SignedSizesOutside(notes);
  });
}

absl::StatusOr<std::unique_ptr<CheckpointStore>> OpenCheckpoints(const ServerOptions& options, const Store& store,
                                                                 NotesRead notes) {
  PARLEY_ASSIGN_OR_RETURN(const auto sizes, notes.get());
  PARLEY_RETURN_IF_ERROR(CheckNoneBehind(*store.log, sizes));
  auto checkpoints = std::make_unique<CheckpointStore>(store.checkpoints.get(), NotesDir(options));
  PARLEY_RETURN_IF_ERROR(checkpoints->PinDomain(options.log_domain));
  return checkpoints;
}

absl::StatusOr<Proof> StartProof(const ServerOptions& options, const ProofEnvironment& environment) {
  const Store& store = *environment.store;
  Proof proof;
  proof.tree = std::make_unique<LedgerTree>(store.log.get(), store.derived.get());
  PARLEY_ASSIGN_OR_RETURN(const bool notes_exist, environment.checkpoints->AnySigned());
  PARLEY_ASSIGN_OR_RETURN(proof.keys, LogKeys::Open({.secrets_dir = options.data_dir + "/secrets",
                                                     .log_domain = options.log_domain,
                                                     .log = store.log.get(),
                                                     .pipeline = environment.pipeline,
                                                     .random = environment.random,
                                                     .notes_exist = notes_exist}));
  proof.guard = std::make_unique<HistoryGuard>(store.log.get(), &environment.runner->reading(), proof.tree.get(),
                                               environment.checkpoints, proof.keys.get());
  std::function<absl::StatusOr<std::string>(const std::string&)> stamp;
  if (!options.timestamp_authority.empty()) {
    proof.timestamp_authority = std::make_unique<TimestampAuthority>(
        TimestampAuthorityOptions{.url = options.timestamp_authority, .random = environment.random});
    stamp = [authority = proof.timestamp_authority.get()](const std::string& text) { return authority->Stamp(text); };
  }
  proof.checkpointer = std::make_unique<Checkpointer>(CheckpointerOptions{
      .log = store.log.get(),
      .read_store = &environment.runner->reading(),
      .runner = environment.runner,
      .pipeline = environment.pipeline,
      .clock = environment.clock,
      .tree = proof.tree.get(),
      .store = environment.checkpoints,
      .guard = proof.guard.get(),
      .keys = proof.keys.get(),
      .stamp = std::move(stamp),
      // Time that somebody moves by hand is no reason to record anything: what a development server is told, it tells alike again.
      .every = absl::Hours(options.manual_clock.empty() ? options.checkpoint_hours : 0),
      .trouble = [](const LedgerId& ledger, const absl::Status& what) {
        Log(LogLevel::kWarning, "checkpoint", {{"relationship", ledger.str()}, {"error", what.ToString()}});
      }});
  proof.audit = std::make_unique<Audit>(AuditOptions{.log = store.log.get(),
                                                     .read_store = &environment.runner->reading(),
                                                     .tree = proof.tree.get(),
                                                     .store = environment.checkpoints,
                                                     .guard = proof.guard.get(),
                                                     .checkpointer = proof.checkpointer.get(),
                                                     .page_token_key = store.page_token_key});
  proof.bundles = std::make_unique<Bundles>(BundlesOptions{.log = store.log.get(),
                                                           .read_store = &environment.runner->reading(),
                                                           .tree = proof.tree.get(),
                                                           .store = environment.checkpoints,
                                                           .guard = proof.guard.get(),
                                                           .checkpointer = proof.checkpointer.get(),
                                                           .person_keys = store.person_keys.get(),
                                                           .clock = environment.clock});
  return proof;
}

}  // namespace parley
