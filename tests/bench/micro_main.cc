// microbench: single steps of the pipeline, by Google Benchmark. tests/bench/run.sh runs it; --benchmark_* flags work, too.
#include <benchmark/benchmark.h>

#include <cstring>
#include <fstream>
#include <iostream>

#include "tests/bench/figures.h"

namespace {

// As the other figures: "micro_encode_entry 3.21 us".
class FigureReporter final : public benchmark::BenchmarkReporter {
 public:
  explicit FigureReporter(parley::bench::Figures& figures) : figures_(figures) {}
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred) {
        std::cerr << "bench: " << run.benchmark_name() << ": " << run.error_message << "\n";
        failed_ = true;
      } else {
        figures_.Add({"micro_" + run.benchmark_name(), run.GetAdjustedCPUTime() / 1e3, "us", "", run.report_label});
      }
    }
  }
  bool failed() const { return failed_; }

 private:
  parley::bench::Figures& figures_;
  bool failed_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  std::string json;
  if (argc >= 3 && std::strcmp(argv[1], "--json") == 0) {
    json = argv[2];
    std::copy(argv + 3, argv + argc, argv + 1);
    argc -= 2;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  parley::bench::Figures figures(std::cout);
  FigureReporter reporter(figures);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  if (!json.empty()) std::ofstream(json) << figures.ToJson("micro");
  return reporter.failed() ? 1 : 0;
}
