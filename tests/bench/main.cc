// bench: Parley measured beside the limits of the same machine. tests/bench/run.sh runs it.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/bench/batch.h"
#include "tests/bench/empty_server.h"
#include "tests/bench/figures.h"
#include "tests/bench/unary.h"
#include "tests/bench/verify.h"

int main(int argc, char** argv) {
  using namespace parley::bench;
  if (argc == 4 && std::string(argv[1]) == "serve-empty") return ServeEmpty(argv[2], std::atoi(argv[3]));
  BenchOptions options;
  std::string json;
  std::string only;
  CLI::App app{"Measures Parley beside the limits of the machine it runs on."};
  app.add_flag("--quick", options.quick, "Shorter and smaller: in under 40 seconds");
  app.add_option("--json", json, "Write the figures here, too");
  app.add_option("--only", only, "Only this group of figures");
  app.add_option("--parleyd", options.parleyd, "The server's binary")->required();
  app.add_option("--scratch", options.scratch, "A directory on the disk to be measured; made and removed")->required();
  CLI11_PARSE(app, argc, argv);
  std::filesystem::create_directories(options.scratch);
  Figures figures(std::cout);
  if (only.empty() || only == "unary") BenchUnary(options, figures);
  if (only.empty() || only == "batch") BenchBatch(options, figures);
  if (only.empty() || only == "verify") BenchVerify(options, figures);
  if (!json.empty()) std::ofstream(json) << figures.ToJson(options.quick);
  std::filesystem::remove_all(options.scratch);
  return 0;
}
