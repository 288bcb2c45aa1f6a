#include "services/server/options.h"

#include <CLI/CLI.hpp>

#include "absl/strings/match.h"
#include "eventstore/proof/ed25519.h"
#include "eventstore/proof/note.h"

namespace parley {

absl::Status CheckOptions(const ServerOptions& options) {
  const std::string host = options.listen.substr(0, options.listen.rfind(':'));
  const bool loopback = absl::StartsWith(host, "127.") || host == "localhost" || host == "[::1]";
  if (!loopback) {
    return absl::InvalidArgumentError(
        "--listen must be a loopback address: callers are believed to be who they say (development identity)");
  }
  if (!NoteVerifierKey::Make(options.log_domain, NoteKeyType::kEd25519, std::string(kEd25519KeyBytes, '\0')).ok()) {
    return absl::InvalidArgumentError("--log-domain must be a name without white space and '+'");
  }
  absl::Time start;
  std::string error;
  if (!options.manual_clock.empty() && !absl::ParseTime(absl::RFC3339_full, options.manual_clock, &start, &error)) {
    return absl::InvalidArgumentError("--manual-clock must be an RFC 3339 time: " + error);
  }
  const std::string& authority = options.timestamp_authority;
  if (!authority.empty() && !absl::StartsWith(authority, "http://") && !absl::StartsWith(authority, "https://")) {
    return absl::InvalidArgumentError("--timestamp-authority must be an http:// or https:// URL");
  }
  return absl::OkStatus();
}

namespace {

// How much of the machine it may take.
void AddLimits(CLI::App& app, ServerOptions& o) {
  app.add_option("--workers", o.workers, "Threads that decide commands; ledgers are spread over them")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--projection-partitions", o.projection_partitions, "Threads that fold read models")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--cache-mib", o.cache_mib, "Memory for ledger states, in MiB")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--max-message-kib", o.max_message_kib, "Largest request accepted, in KiB")
      ->capture_default_str()
      ->check(CLI::Range(64, 65536));
  app.add_option("--max-queued-commands", o.max_queued_commands, "Commands that may wait; more get RESOURCE_EXHAUSTED")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--query-threads", o.query_threads, "Threads that answer queries")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option(
         "--past-threads", o.past_threads,
         "Threads that answer queries as of the past, each of which folds a relationship's history anew, in memory")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--max-queued-queries", o.max_queued_queries,
                 "Queries that may wait, of the present and of the past; more get RESOURCE_EXHAUSTED")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--max-watches", o.max_watches, "Timelines watched at a time; more get RESOURCE_EXHAUSTED")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--max-exports", o.max_exports, "Bundles exported at a time; more get RESOURCE_EXHAUSTED")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000));
}

}  // namespace

ParsedCommandLine ParseCommandLine(int argc, char** argv) {
  ParsedCommandLine parsed;
  ServerOptions& o = parsed.options;
  CLI::App app{
      "parleyd serves the shared record of outsourcing relationships over gRPC.\n\n"
      "Everything lives below one directory: log/ is the record itself, derived/ and views/ are computed from it and "
      "may be\n"
      "deleted while the server is down (they are rebuilt at the next start), checkpoints/ and notes/ hold what was "
      "signed,\n"
      "secrets/ and keyring/ hold keys.\n"
      "Every answer waits until the disk has what it rests on. SIGTERM or Ctrl-C drains and ends.\n",
      "parleyd"};
  app.set_config("--config", "",
                 "Read options from this file: one `name = value` a line, names as below without dashes");
  app.allow_config_extras(CLI::config_extras_mode::error);  // A misspelt name must not be taken for a default.
  app.add_option("--data", o.data_dir, "Directory of the store; made where it is not there")->required();
  app.add_option("--listen", o.listen,
                 "Address and port for gRPC; port 0 picks a free one. Loopback only: callers are believed to be who "
                 "they say")
      ->capture_default_str();
  app.add_option("--metrics-listen", o.metrics_listen, "Address and port for Prometheus' GET /metrics; \"\" for none")
      ->capture_default_str();
  app.add_option("--port-file", o.port_file, "Write the gRPC port here once the server listens");
  app.add_option("--manual-clock", o.manual_clock,
                 "Development only: start at this RFC 3339 time and stand still until DevelopmentService.AdvanceClock");
  app.add_option(
         "--log-domain", o.log_domain,
         "Domain under which checkpoints are signed: a relationship's log is <domain>/relationships/<id>. Cannot "
         "be changed once it was used")
      ->capture_default_str();
  app.add_option("--notes-dir", o.notes_dir,
                 "Keep each relationship's newest checkpoint here, too; default <data>/notes. On another disk, or "
                 "copied elsewhere, it tells a store that was restored from an old backup: such a store is not served");
  app.add_option(
         "--checkpoint-hours", o.checkpoint_hours,
         "Make a checkpoint where an entry has been without one for so long; 0, and under --manual-clock: only when "
         "asked for")
      ->capture_default_str()
      ->check(CLI::Range(0, 24 * 365));
  app.add_option("--operator", o.operators,
                 "Handle of whoever may make backups and rotate the log's key; may be repeated")
      ->type_name("HANDLE");
  AddLimits(app, o);
  app.add_option("--timestamp-authority", o.timestamp_authority,
                 "Have every checkpoint time-stamped by the RFC 3161 authority at this http:// or https:// URL");
  app.add_option("--drain-seconds", o.drain_seconds, "How long calls under way may take when shutting down")
      ->capture_default_str()
      ->check(CLI::Range(0, 3600));
  app.add_option("--log-level", o.log_level, "Least that is logged: debug, info, warning or error")
      ->transform(CLI::CheckedTransformer(std::map<std::string, LogLevel>{{"debug", LogLevel::kDebug},
                                                                          {"info", LogLevel::kInfo},
                                                                          {"warning", LogLevel::kWarning},
                                                                          {"error", LogLevel::kError}},
                                          CLI::ignore_case))
      ->default_str("info")
      ->type_name("LEVEL");
  app.fallthrough();  // Subcommands inherit it when they are added: options may stand after them.
  auto* fsck = app.add_subcommand("fsck",
                                  "Check the store in --data, which no server may be using, and list what is wrong; "
                                  "exit status 1 where anything is");
  app.footer(
      "Exit status: 0 ended as asked, 1 could not start or serve; fsck: 0 clean, 1 problems found, 2 could not check.\n"
      "2 for a command line that makes no sense.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    parsed.exit_code = app.exit(error) == 0 ? 0 : 2;
    return parsed;
  }
  parsed.action = fsck->parsed() ? ServerAction::kFsck : ServerAction::kServe;
  return parsed;
}

}  // namespace parley
