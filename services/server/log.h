// Structured logs: one JSON object a line, on standard error.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace parley {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Lines below this level are not written. Set once at start.
void SetLogLevel(LogLevel level);

// {"time":"…","level":"info","message":"…", …fields}. Thread-safe. Never write personal data or request bodies.
void Log(LogLevel level, std::string_view message,
         std::initializer_list<std::pair<std::string_view, std::string>> fields = {});

}  // namespace parley
