// bench: Parley measured beside the limits of the same machine. tests/bench/run.sh and curves.sh run it.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "absl/synchronization/mutex.h"
#include "tests/bench/batch.h"
#include "tests/bench/curves.h"
#include "tests/bench/empty_server.h"
#include "tests/bench/figures.h"
#include "tests/bench/growth.h"
#include "tests/bench/rebuild.h"
#include "tests/bench/single.h"
#include "tests/bench/unary.h"
#include "tests/bench/verify.h"

namespace {

using namespace parley::bench;

struct Group {
  const char* name;
  void (*run)(const BenchOptions&, Figures&);
};
constexpr Group kGroups[] = {
    {"unary", BenchUnary},     {"single", BenchSingle}, {"batch", BenchBatch},
    {"rebuild", BenchRebuild}, {"verify", BenchVerify}, {"growth", BenchGrowth},
};

void RunGroups(const BenchOptions& options, const std::vector<std::string>& only, Figures& figures) {
  for (const Group& group : kGroups) {
    if (!only.empty() && std::find(only.begin(), only.end(), group.name) == only.end()) continue;
    // Each group has the disk to itself.
    BenchOptions own = options;
    own.scratch += std::string("/") + group.name;
    std::filesystem::create_directories(own.scratch);
    group.run(own, figures);
    std::filesystem::remove_all(own.scratch);
  }
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // As the server does.
  if (argc == 4 && std::string(argv[1]) == "serve-empty") return ServeEmpty(argv[2], std::atoi(argv[3]));
  if (argc == 5 && std::string(argv[1]) == "serve-bare") return ServeBare(argv[2], std::atoi(argv[3]), argv[4]);
  if (argc == 4 && std::string(argv[1]) == "draw") return DrawCurves(argv[2], argv[3]), 0;
  BenchOptions options;
  std::string json, table, curves;
  std::vector<std::string> only, groups;
  for (const Group& group : kGroups) groups.emplace_back(group.name);
  CLI::App app{"Measures Parley beside the limits of the machine it runs on."};
  app.add_flag("--quick", options.quick, "Shorter and smaller: in under 40 s");
  app.add_option("--watch", options.watch_minutes, "Minutes for which memory is watched under load")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--only", only, "Only these groups of figures")->check(CLI::IsMember(groups));
  app.add_option("--entries", options.entries, "In the large store; default 10,000,000, with --quick 20,000")
      ->check(CLI::Range(10'000, 1'000'000'000));
  app.add_option("--curves", curves, "Measure curves instead, into this CSV file");
  app.add_option("--json", json, "Write the figures here, too");
  app.add_option("--table", table, "Write the figures here as a table of Markdown, too");
  app.add_option("--parleyd", options.parleyd, "The server's binary; parley's is beside it")->required();
  app.add_option("--scratch", options.scratch, "A directory on the disk to be measured; made and removed")->required();
  CLI11_PARSE(app, argc, argv);
  std::filesystem::create_directories(options.scratch);
  if (!curves.empty()) {
    BenchCurves(options, curves);
  } else {
    Figures figures(std::cout);
    RunGroups(options, only, figures);
    const std::string mode = options.quick ? "quick" : "full";
    if (!json.empty()) std::ofstream(json) << figures.ToJson(mode);
    if (!table.empty()) std::ofstream(table) << figures.ToMarkdown(mode);
  }
  std::filesystem::remove_all(options.scratch);
  return 0;
}
