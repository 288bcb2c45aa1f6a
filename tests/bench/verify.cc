#include "tests/bench/verify.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "eventstore/base/clock.h"
#include "eventstore/base/hash.h"
#include "eventstore/proof/bundle.h"
#include "eventstore/proof/merkle.h"
#include "eventstore/proof/policy.h"
#include "parley/v1/entry.pb.h"
#include "parley/v1/key.grpc.pb.h"
#include "services/verify/contents.h"
#include "services/verify/findings.h"
#include "services/verify/verify.h"
#include "tests/bench/activities.h"
#include "tests/bench/server_process.h"

namespace parley::bench {
namespace {

// Nothing but what must be done to every entry: its bytes are read, hashed, and taken apart.
uint64_t HashAndDecode(const BundleDir& bundle) {
  uint64_t entries = 0;
  constexpr size_t kLeafPrefix = sizeof("parley/leaf/v1");  // Its NUL included.
  for (uint64_t tile = 0; tile * kTileWidth < bundle.manifest().size; ++tile) {
    const auto stored = bundle.ReadEntries(tile);
    if (!stored.ok()) Die("a tile of entries cannot be read");
    for (const v1::StoredEntry& entry : *stored) {
      v1::EntryHeader header;
      v1::Record record;
      entries += !LeafHash(entry.header()).empty() && header.ParseFromString(entry.header().substr(kLeafPrefix)) &&
                 !Commitment(entry.parts(0).salt(), entry.parts(0).content()).empty() &&
                 record.ParseFromString(entry.parts(0).content());
    }
  }
  return entries;
}

// The log's key, as the relationship's record has it.
std::string LogKey(int port, const std::string& relationship) {
  grpc::ClientContext context;
  AsProvider(context);
  v1::GetKeyRequest request;
  request.set_name(relationship + "/keys/log-1");
  v1::GetKeyResponse response;
  v1::KeyService::NewStub(Connect(port))->GetKey(&context, request, &response);
  return response.key().vkey();
}

// What something took, at its best.
struct Best {
  double seconds = std::numeric_limits<double>::max();
  double cpu_seconds = std::numeric_limits<double>::max();  // Of all threads together.

  template <class Work>
  void Time(const Work& work) {
    const absl::Duration start = Monotonic(), cpu_start = CpuTime(::getpid());
    work();
    seconds = std::min(seconds, absl::ToDoubleSeconds(Monotonic() - start));
    cpu_seconds = std::min(cpu_seconds, absl::ToDoubleSeconds(CpuTime(::getpid()) - cpu_start));
  }
};

}  // namespace

void BenchVerify(const BenchOptions& options, Figures& figures) {
  const std::string bundle_dir = options.scratch + "/bundle";
  Process server = StartServer(options, options.scratch + "/verify-data");
  const Ledgers ledgers = Ledgers::Open(server.port(), "verify", 1, 1);
  RecordBatches(server.port(), ledgers, {.count = options.quick ? 60u : 2000u});
  const std::string parley = (std::filesystem::path(options.parleyd).parent_path() / "parley").string();
  const std::string id = ledgers.names()[0].substr(ledgers.names()[0].find('/') + 1);
  const std::string exported = parley + " --server 127.0.0.1:" + std::to_string(server.port()) +
                               " --as pat --deadline 10m audit export " + id + " " + bundle_dir + " >/dev/null 2>&1";
  if (std::system(exported.c_str()) != 0) Die("nothing was exported");
  const std::string key = LogKey(server.port(), ledgers.names()[0]);
  server.Stop();

  const auto policy = Policy::Parse("log " + key + "\nquorum none\n",
                                    [](const std::string&) { return absl::NotFoundError("no files here"); });
  const auto bundle = BundleDir::Open(bundle_dir);
  if (!policy.ok() || !bundle.ok()) Die("what was exported is no bundle");
  const double entries = static_cast<double>(bundle->manifest().size);
  Best bare, hashed, replayed;
  for (int i = 0; i < (options.quick ? 2 : 3); ++i) {  // The best of the rounds, one after another.
    bare.Time([&] {
      if (HashAndDecode(*bundle) != bundle->manifest().size) Die("an entry does not decode");
    });
    hashed.Time([&] {
      Findings findings;
      VerifyReport report;
      ReadContents(*bundle, nullptr, {}, findings, report);
      if (!findings.List().empty()) Die("the bundle does not verify");
    });
    replayed.Time([&] {
      const auto report =
          VerifyBundle({.bundle = bundle_dir, .policy = *policy, .scratch = options.scratch + "/replay"});
      if (!report.ok() || !IsGood(report->verdict)) Die("the bundle does not replay");
    });
  }
  figures.Add({"hash_decode", entries / bare.seconds, "entries/s", "",
               std::to_string(bundle->manifest().size) + " entries, by one thread"});
  figures.Add({"verify", entries / hashed.seconds, "entries/s", "",
               "every byte re-hashed, no replay; one thread reads ahead of another"});
  figures.Add({"verify_ratio", bare.seconds / hashed.seconds, "", ">= 0.5"});
  figures.Add({"verify_cpu_ratio", bare.cpu_seconds / hashed.cpu_seconds, "", "", "the same by the time of all CPUs"});
  figures.Add({"verify_replay", entries / replayed.seconds, "entries/s", "", "decided and folded again, too"});
  figures.Add({"verify_replay_ratio", bare.seconds / replayed.seconds, ""});
}

}  // namespace parley::bench
