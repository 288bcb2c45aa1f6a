#include "tests/bench/curves.h"

#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/bench/disk.h"
#include "tests/bench/filled_store.h"
#include "tests/bench/memory.h"
#include "tests/bench/query_load.h"
#include "tests/bench/reports.h"
#include "tests/bench/server_process.h"
#include "tests/bench/start_time.h"
#include "tests/bench/svg.h"

namespace parley::bench {
namespace {

// Columns of the file, in order.
constexpr const char* kColumns[] = {"entries",    "commands_per_second", "dashboard_p99_us", "list_p99_us",
                                    "get_p99_us", "start_seconds",       "memory_mib",       "disk_mib",
                                    "stored_mib"};
enum Column : size_t { kEntries, kCommands, kDashboard, kList, kGet, kStart, kMemory, kDisk, kStored, kCount };
static_assert(std::size(kColumns) == kCount);

using Row = std::vector<double>;

// The load comes last, and is short: what it records is in the store that the next size is made of.
Row MeasureAt(const BenchOptions& options, const std::string& data, int step, const std::vector<std::string>& names) {
  Figures figures(std::cerr);  // For what went wrong only.
  Row row(kCount);
  const DiskUse disk = MeasureDisk(data);
  row[kEntries] = static_cast<double>(disk.entries);
  row[kDisk] = static_cast<double>(disk.on_disk) / (1 << 20);
  row[kStored] = static_cast<double>(disk.stored) / (1 << 20);
  row[kStart] = StartSeconds(options, data);
  Process server = StartServer(options, data);
  AwaitRest(options, {&server});
  const auto times = MeasureQueries(options, {{&server, data, names}}, figures);
  row[kDashboard] = times[0][0], row[kList] = times[0][1], row[kGet] = times[0][2];
  Ledgers fresh = Ledgers::Open(server.port(), "load-" + std::to_string(step), options.quick ? 20 : 200, 8);
  const LoadResult load = Report(server.port(), fresh, {.duration = options.duration() / 4});
  Complain(load, "commands", figures);
  row[kCommands] = load.per_second;
  row[kMemory] = static_cast<double>(ResidentBytes(server.pid())) / (1 << 20);
  server.Stop();
  return row;
}

std::vector<Row> ReadRows(const std::string& csv) {
  std::ifstream in(csv);
  std::string line;
  std::vector<Row> rows;
  std::getline(in, line);  // The columns' names.
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    Row row;
    for (std::string field; std::getline(fields, field, ',');) row.push_back(std::strtod(field.c_str(), nullptr));
    if (row.size() != kCount) Die(csv + " is no file of curves");
    rows.push_back(std::move(row));
  }
  if (rows.empty()) Die(csv + " has no rows");
  return rows;
}

Series Curve(const std::vector<Row>& rows, const std::string& name, Column column) {
  Series series{name, {}};
  for (const Row& row : rows) series.points.emplace_back(row[kEntries], row[column]);
  return series;
}

}  // namespace

void BenchCurves(const BenchOptions& options, const std::string& csv) {
  std::ofstream out(csv);
  const auto tell = [&](const std::string& line) {
    out << line << std::endl;
    std::cout << line << std::endl;
  };
  std::string names;
  for (const char* column : kColumns) names += (names.empty() ? "" : ",") + std::string(column);
  tell(names);
  const std::string data = options.scratch + "/curves";
  std::vector<std::string> ledgers;
  int step = 0;
  for (uint64_t part = 1000; part >= 1; part /= 10, ++step) {
    const uint64_t size = options.large() / part;
    const uint64_t there = ledgers.size() * kEntriesEach;
    if (size > there || ledgers.empty()) {
      Process server = StartServer(options, data);
      Ledgers more =
          Fill(server.port(), ThousandEach("curves-" + std::to_string(step), std::max(kEntriesEach, size - there)));
      Settle(server.port(), more);
      ledgers.insert(ledgers.end(), more.names().begin(), more.names().end());
      server.Stop();
    }
    std::ostringstream line;
    line.precision(6);
    const Row row = MeasureAt(options, data, step, ledgers);
    for (size_t i = 0; i < row.size(); ++i) line << (i == 0 ? "" : ",") << static_cast<int64_t>(row[i] * 1000) / 1000.0;
    tell(line.str());
  }
}

void DrawCurves(const std::string& csv, const std::string& svg) {
  const std::vector<Row> rows = ReadRows(csv);
  std::ofstream(svg) << DrawPanels({
      {"Durable commands per second, 256 in flight", {Curve(rows, "commands", kCommands)}},
      {"Queries: 99th percentile, microseconds",
       {Curve(rows, "dashboards", kDashboard), Curve(rows, "lists", kList), Curve(rows, "gets", kGet)}},
      {"Resident memory under load, MiB", {Curve(rows, "memory", kMemory)}},
      {"Disk after compaction, MiB", {Curve(rows, "everything", kDisk), Curve(rows, "headers and parts", kStored)}},
      {"Start to serving, seconds", {Curve(rows, "start", kStart)}},
  });
}

}  // namespace parley::bench
