#include "tests/lint/bans.h"

#include <algorithm>
#include <string>

namespace parley::lint {
namespace {

using Patterns = std::vector<std::string_view>;

// A file that may, and why.
struct Exception {
  std::string_view file;
  std::string_view reason;
};

struct Ban {
  std::string_view what;
  Patterns words;
  Patterns scope;   // Files it holds in,
  Patterns beyond;  // but for these.
  std::string_view reason;
  std::vector<Exception> exceptions;
};

const Patterns kEverywhere = {"*"};
const Patterns kSources = {"eventstore/*", "services/*", "projections/*"};
// Deciders and what they share, and everything that is folded: must come out the same on every machine. A new area is
// one of them without a line here.
const Patterns kFolds = {"services/*", "projections/*"};
const Patterns kNotFolds = {"services/access/*", "services/command/*", "services/query/*",    "services/server/*",
                            "services/cli/*",    "services/import/*",  "services/*_service.*"};
const Patterns kNotExact = {"services/access/*", "services/server/*", "services/cli/*"};

const std::vector<Ban>& Bans() {
  static const auto* const kBans = new std::vector<Ban>{
      {"a clock",
       {"absl::Now", "GetCurrentTimeNanos", "system_clock", "steady_clock", "high_resolution_clock", "gettimeofday",
        "clock_gettime", "std::time", "::time(", "time(nullptr)", "time(NULL)", "time(0)", "std::clock", "localtime",
        "gmtime"},
       kEverywhere,
       {},
       "time is an input: take a Clock, or Monotonic() to measure",
       {{"eventstore/base/clock.cc", "the one place that reads the machine's clock"}}},
      {"randomness",
       {"random_device", "RAND_bytes", "RAND_priv_bytes", "rand(", "srand(", "rand_r(", "arc4random", "getrandom",
        "absl::BitGen", "absl::InsecureBitGen", "absl::Uniform"},
       kEverywhere,
       {},
       "randomness is an input: take a RandomSource",
       {{"eventstore/base/random.cc", "the one place that asks the machine for randomness"}}},
      {"a random number generator",
       {"mt19937", "mt19937_64", "default_random_engine", "minstd_rand", "random_shuffle"},
       kSources,
       {},
       "randomness is an input: take a RandomSource",
       {}},
      {"sleeping",
       {"sleep_for", "sleep_until", "absl::SleepFor", "usleep", "nanosleep", "sleep("},
       kEverywhere,
       {},
       "wait for what you wait for, on a condition variable; a sleep is too long or too short",
       {}},
      {"floating point",
       {"float", "double", "strtod", "strtof", "stod", "stof", "atof", "SimpleAtod", "SimpleAtof", "ToDoubleSeconds",
        "ToDoubleMilliseconds", "ToDoubleMicroseconds", "ToDoubleNanoseconds", "ToDoubleMinutes", "ToDoubleHours",
        "FDivDuration", "lround", "llround"},
       kSources,
       kNotExact,
       "never a float in an event, a decider or a read model: use integers, Money, or numerator and denominator",
       {}},
      {"a hash table",
       {"flat_hash_map", "flat_hash_set", "node_hash_map", "node_hash_set", "unordered_map", "unordered_set",
        "unordered_multimap", "unordered_multiset", "std::hash"},
       kFolds,
       kNotFolds,
       "a fold is the same bytes on every machine, and hash order is not: use std::map",
       {{"services/aggregate/single_events.h", "only asked for membership; written to snapshots in sorted order"}}},
      {"the locale",
       {"std::locale", "setlocale", "strftime", "std::put_time", "std::tolower", "std::toupper", "std::isalpha",
        "std::isalnum", "std::isspace", "isalpha(", "isalnum(", "isspace(", "tolower(", "toupper("},
       kFolds,
       kNotFolds,
       "a fold is the same bytes on every machine, and locales are not: use absl/strings/ascii.h",
       {}},
  };
  return *kBans;
}

// Where a word is used, but for members of that name.
std::vector<size_t> Uses(const SourceFile& file, std::string_view word) {
  std::vector<size_t> uses;
  for (size_t at = FindWord(file.code, word, 0); at != std::string_view::npos; at = FindWord(file.code, word, at + 1)) {
    const std::string_view before = std::string_view(file.code).substr(0, at);
    const bool member = before.ends_with('.') || before.ends_with("->");
    const bool of_a_scope = word.starts_with("::") && at > 0 && (IsIdentifier(before.back()) || before.back() == '>');
    if (!member && !of_a_scope) uses.push_back(at);
  }
  return uses;
}

}  // namespace

std::vector<Finding> CheckBans(const SourceFile& file) {
  std::vector<Finding> findings;
  for (const Ban& ban : Bans()) {
    const bool excepted = std::any_of(ban.exceptions.begin(), ban.exceptions.end(),
                                      [&](const Exception& e) { return e.file == file.path; });
    if (excepted || !MatchesAny(file.path, ban.scope) || MatchesAny(file.path, ban.beyond)) continue;
    for (std::string_view word : ban.words) {
      for (size_t at : Uses(file, word)) {
        findings.push_back({file.path, LineOf(file.code, at),
                            std::string(ban.what) + " (" + std::string(word) + "): " + std::string(ban.reason)});
      }
    }
  }
  return findings;
}

std::vector<Finding> CheckExceptionsAreUsed(const std::vector<const SourceFile*>& files) {
  std::vector<Finding> findings;
  for (const Ban& ban : Bans()) {
    for (const Exception& exception : ban.exceptions) {
      const bool used = std::any_of(files.begin(), files.end(), [&](const SourceFile* file) {
        return file->path == exception.file &&
               std::any_of(ban.words.begin(), ban.words.end(),
                           [&](std::string_view word) { return !Uses(*file, word).empty(); });
      });
      if (!used) {
        findings.push_back({std::string(exception.file), 0,
                            "is excepted from the ban on " + std::string(ban.what) + " (" +
                                std::string(exception.reason) + ") but does not use it: remove the exception"});
      }
    }
  }
  return findings;
}

}  // namespace parley::lint
