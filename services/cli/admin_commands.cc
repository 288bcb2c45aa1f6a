// parley admin: the AdminService, and what is done to a store that no server runs on.
#include <filesystem>
#include <memory>

#include "eventstore/base/checksums.h"
#include "eventstore/base/durable_file.h"
#include "eventstore/base/status.h"
#include "services/cli/session.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr char kHelp[] =
    "Makes the data directory of a server from a backup. Works on files alone: no server runs on them meanwhile. The "
    "log "
    "in it is another incarnation: consistency tokens from before are refused. Start parleyd on it with the "
    "--notes-dir it had, so "
    "that it can tell whether it was set back behind what was cosigned.";

struct RestoreOptions {
  std::string backup;
  std::string data;
  std::string secrets;
  std::string keyring;
};

absl::Status Copy(const std::string& from, const std::string& to) {
  std::error_code error;
  if (!fs::is_directory(from, error)) return absl::NotFoundError(from + " is no directory");
  fs::copy(from, to, fs::copy_options::recursive, error);
  if (error) return absl::UnavailableError("cannot copy " + from + " to " + to + ": " + error.message());
  return absl::OkStatus();
}

absl::Status CopyInto(const RestoreOptions& options, const std::string& draft) {
  PARLEY_RETURN_IF_ERROR(Copy(options.backup + "/log", draft + "/log"));
  PARLEY_RETURN_IF_ERROR(Copy(options.backup + "/checkpoints", draft + "/checkpoints"));
  PARLEY_RETURN_IF_ERROR(
      Copy(options.keyring.empty() ? options.backup + "/keyring" : options.keyring, draft + "/keyring"));
  PARLEY_RETURN_IF_ERROR(Copy(options.secrets, draft + "/secrets"));
  std::error_code error;
  fs::permissions(draft + "/secrets", fs::perms::owner_all, error);
  if (error) return absl::UnavailableError("cannot protect " + draft + "/secrets: " + error.message());
  // For the server's next start: it draws another incarnation, and removes this.
  return WriteFileDurably(draft + "/restored", "", 0644);
}

absl::StatusOr<ChecksummedFiles> Restore(const RestoreOptions& options) {
  PARLEY_ASSIGN_OR_RETURN(const ChecksummedFiles files, VerifyChecksums(options.backup));
  std::error_code error;
  if (fs::exists(options.data, error)) return absl::AlreadyExistsError(options.data + " is there already");
  const std::string draft = options.data + ".partial";
  fs::remove_all(draft, error);
  if (!fs::create_directories(draft, error)) {
    return absl::UnavailableError("cannot make " + draft + ": " + error.message());
  }
  absl::Status copied = CopyInto(options, draft);
  if (copied.ok()) {
    fs::rename(draft, options.data, error);
    if (error) copied = absl::UnavailableError("cannot make " + options.data + ": " + error.message());
  }
  if (!copied.ok()) {
    fs::remove_all(draft, error);
    return copied;
  }
  return files;
}

int Run(const RestoreOptions& options, Session& session) {
  const auto restored = Restore(options);
  if (!restored.ok()) return session.Misused(restored.status());
  session.streams.out << options.data << " holds the backup: " << restored->files << " files, " << restored->bytes
                      << " bytes, as their checksums say\n";
  return kExitOk;
}

}  // namespace

void AddAdminCommands(CLI::App& app, Session& session, Action& action) {
  CLI::App* admin = app.add_subcommand("admin", "For whoever runs the server: backups, restoring, the log's key.");
  admin->group("Operation")->require_subcommand(1);
  auto options = std::make_shared<RestoreOptions>();
  CLI::App* restore = admin->add_subcommand("restore", kHelp);
  restore->add_option("BACKUP", options->backup, "The backup's directory")->required();
  restore->add_option("DATA", options->data, "The data directory to be made; must not exist")->required();
  restore->add_option("--secrets", options->secrets, "The newest copy of the server's secrets")
      ->required()
      ->type_name("DIR");
  restore
      ->add_option("--keyring", options->keyring,
                   "A newer copy of the wrapped person keys: after an erasure those of an older backup open nothing")
      ->type_name("DIR");
  restore->callback([options, &session, &action] { action = [options, &session] { return Run(*options, session); }; });
  AddServiceVerbs(*admin, "admin", {}, session, action);
}

}  // namespace parley
