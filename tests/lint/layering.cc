#include "tests/lint/layering.h"

#include <algorithm>
#include <optional>
#include <string>

namespace parley::lint {
namespace {

using Patterns = std::vector<std::string_view>;

// What a file, or what an #include line names, belongs to: the first row that matches.
struct Layer {
  std::string_view pattern;
  std::string_view layer;
};
const Layer kLayers[] = {
    {"*.grpc.pb.h", "stubs"},
    {"parley/v1/*.pb.h", "proto"},
    {"google/rpc/*.pb.h", "proto"},
    {"google/type/*.pb.h", "proto"},
    {"eventstore/base/*", "base"},
    {"eventstore/proof/*", "proof"},
    {"eventstore/crc32c.*", "base"},  // Beside the record format that it protects, but it knows nothing of it.
    {"eventstore/entry.*", "entry"},
    {"eventstore/event_log.h", "log interface"},
    {"eventstore/kv_store.*", "log interface"},
    {"eventstore/person_keys.h", "log interface"},
    {"eventstore/*", "eventstore"},
    {"services/aggregate/registry.cc", "registry"},
    {"services/aggregate/*", "aggregate"},
    {"services/*_service.*", "adapter"},
    {"services/access/*", "access"},
    {"services/command/*", "command"},
    {"services/query/*", "query"},
    {"services/audit/*", "audit"},
    {"services/verify/*", "verify"},
    {"services/server/*", "server"},
    {"services/cli/*", "cli"},
    {"services/import/*", "import"},
    {"services/*", "decider"},
    {"projections/*", "projections"},
    {"tests/*", "tests"},
};

// Which layers a layer may use, beside itself.
struct Use {
  std::string_view layer;
  Patterns may_use;
  std::string_view reason;
};
const Use kUses[] = {
    {"base", {"proto"}, "everything stands on base, so base stands on nothing"},
    {"proof", {"base", "proto"}, "a verifier links nothing of the store"},
    {"entry", {"base", "proto"}, "an entry is bytes and their meaning, whatever engine keeps them"},
    {"log interface", {"base", "proto", "entry"}, "an interface knows none of its implementations"},
    {"eventstore", {"base", "proto", "entry", "log interface"}, "the log knows nothing of the domain"},
    {"aggregate", {"base", "proto", "entry"}, "what deciders share is as pure as they are"},
    {"registry", {"base", "proto", "aggregate", "decider"}, "the one list of all aggregates"},
    {"decider", {"base", "proof", "proto", "aggregate"}, "a decider is pure: no log, no read model, no transport"},
    {"command",
     {"base", "proto", "entry", "log interface", "aggregate"},
     "commands never read projections, and the pipeline treats all aggregates alike"},
    {"projections",
     {"base", "proto", "entry", "log interface", "aggregate", "decider"},
     "a projection is a fold of the log; it neither decides nor answers"},
    {"access",
     {"base", "proto", "entry", "log interface", "aggregate", "command", "projections"},
     "who is calling is settled before anything else is asked"},
    {"query",
     {"base", "proto", "entry", "log interface", "aggregate", "projections", "access"},
     "queries never decide"},
    {"audit",
     {"base", "proof", "proto", "entry", "log interface", "aggregate", "decider", "command", "projections", "query",
      "access"},
     "what the server does for auditors stands beside its queries"},
    {"verify",
     {"base", "proof", "proto", "entry", "log interface", "eventstore", "aggregate", "decider", "projections", "query"},
     "a verifier needs no server: it folds and decides again what a bundle holds"},
    {"adapter",
     {"base", "proto", "stubs", "entry", "log interface", "aggregate", "decider", "command", "projections", "query",
      "access", "audit", "server"},
     "an adapter stands between gRPC and one area"},
    {"server",
     {"base", "proof", "proto", "stubs", "entry", "log interface", "eventstore", "aggregate", "command", "projections",
      "query", "access", "audit", "adapter"},
     "the server puts the parts together; the CLI and its importers are clients"},
    {"cli", {"base", "proof", "proto", "stubs", "import", "verify"}, "the CLI is a gRPC client and the verifier"},
    {"import", {"base", "proto"}, "readers of foreign files know nothing of Parley's server"},
};

// What comes from outside, and the only files that may use it.
struct Outside {
  Patterns includes;
  Patterns files;
  std::string_view reason;
};
const Outside kOutside[] = {
    {{"rocksdb/*"},
     {"eventstore/*rocks*", "tests/eventstore/*", "tests/crash/*", "tests/support/*fault*", "tests/bench/*rocks*"},
     "only the engine and store files see RocksDB"},
    {{"grpc/*", "grpcpp/*", "*.grpc.pb.h"},
     {"services/*_service.*", "services/server/*", "services/cli/*", "services/access/*grpc*", "tests/server/*",
      "tests/cli/*", "tests/e2e/*", "tests/crash/*", "tests/bench/*", "tests/support/*server*"},
     "only adapters and binaries see gRPC"},
    {{"openssl/*"},
     {"eventstore/base/hash.cc", "eventstore/base/aead.cc", "eventstore/base/random.cc", "eventstore/proof/ed25519.cc",
      "eventstore/proof/timestamp.cc"},
     "cryptography has few doors"},
    {{"curl/*"}, {"services/server/timestamp_authority.cc"}, "the server asks one thing of others: the time"},
    {{"prometheus/*"}, {"services/server/*", "tests/server/*"}, "metrics are the server's"},
    {{"CLI/*"}, {"services/server/options.cc", "services/cli/*", "tests/bench/*"}, "command lines belong to binaries"},
    {{"expat.h", "zlib.h"},
     {"services/import/*", "tests/import/*", "tests/cli/*"},
     "foreign formats are the importers'"},
    {{"nlohmann/*"},
     {"services/import/*", "services/cli/*", "services/server/log.cc", "tests/*"},
     "JSON is read by importers and written for people; what is stored is protobuf"},
    {{"gtest/*", "gmock/*", "rapidcheck*", "benchmark/*"}, {"tests/*"}, "test libraries stay in tests"},
    {{"absl/time/clock.h"}, {"eventstore/base/clock.cc"}, "time enters through eventstore/base/clock.h only"},
    {{"random", "absl/random/*"}, {"tests/*"}, "randomness enters through eventstore/base/random.h only"},
};

std::string_view LayerOf(std::string_view path) {
  for (const Layer& layer : kLayers) {
    if (Matches(path, layer.pattern)) return layer.layer;
  }
  return "";
}

// What an #include line names; nullopt for any other line.
std::optional<std::string_view> IncludeIn(std::string_view line, std::string_view code) {
  if (!code.starts_with("#include")) return std::nullopt;
  const size_t open = line.find_first_of("<\"");
  if (open == std::string_view::npos) return std::nullopt;
  const size_t close = line.find_first_of(">\"", open + 1);
  return line.substr(open + 1, close - open - 1);
}

std::string Join(const Patterns& parts) {
  std::string out;
  for (std::string_view part : parts) out += (out.empty() ? "" : ", ") + std::string(part);
  return out;
}

// Empty: may include it.
std::string Objection(std::string_view path, std::string_view included) {
  for (const Outside& outside : kOutside) {
    if (MatchesAny(included, outside.includes) && !MatchesAny(path, outside.files)) {
      return std::string(outside.reason) + " (allowed in " + Join(outside.files) + ")";
    }
  }
  const std::string_view from = LayerOf(path);
  const std::string_view to = LayerOf(included);
  if (from == "tests" || to.empty() || from == to) return "";
  for (const Use& use : kUses) {
    if (use.layer != from) continue;
    if (std::find(use.may_use.begin(), use.may_use.end(), to) != use.may_use.end()) return "";
    return std::string(use.reason) + " (" + std::string(from) + " may use " + Join(use.may_use) + "; this is " +
           std::string(to) + ")";
  }
  return "this file is in no layer: add its folder to tests/lint/layering.cc";
}

}  // namespace

std::vector<Finding> CheckLayering(const SourceFile& file) {
  std::vector<Finding> findings;
  const auto lines = Lines(file.text);
  const auto code = Lines(file.code);
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto included = IncludeIn(lines[i], code[i]);
    if (!included) continue;
    const std::string objection = Objection(file.path, *included);
    if (!objection.empty()) {
      findings.push_back(
          {file.path, static_cast<int>(i) + 1, "must not include " + std::string(*included) + ": " + objection});
    }
  }
  return findings;
}

}  // namespace parley::lint
