#include "services/server/log.h"

#include <atomic>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "eventstore/base/clock.h"
#include "eventstore/base/proto_util.h"

namespace parley {
namespace {

std::atomic<LogLevel> g_level = LogLevel::kInfo;

const char* Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

}  // namespace

void SetLogLevel(LogLevel level) { g_level = level; }

void Log(LogLevel level, std::string_view message,
         std::initializer_list<std::pair<std::string_view, std::string>> fields) {
  if (level < g_level.load()) return;
  nlohmann::ordered_json line;
  line["time"] = Rfc3339(SystemClock().Now());
  line["level"] = Name(level);
  line["message"] = message;
  for (const auto& [key, value] : fields) line[std::string(key)] = value;
  const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace parley
