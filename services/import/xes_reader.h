// Reads IEEE XES event logs (1849-2016, and the 1.0 that OpenXES writes), plain or gzipped, one case at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/import/pseudonymizer.h"

namespace parley {

// What a case or an event says of itself, in file order. Values of person keys are handles, never names: nothing
// outside the parser ever holds a name.
using XesAttributes = std::vector<std::pair<std::string, std::string>>;

// The value of `key`; empty where there is none.
std::string_view XesValue(const XesAttributes& attributes, std::string_view key);

struct XesEvent {
  int index_in_case = 0;  // From 0, in file order: with the case id, the event's stable id.
  uint64_t line = 0;      // Where in the file it begins.
  absl::Time time;        // time:timestamp, always there.
  XesAttributes attributes;

  std::string_view Value(std::string_view key) const { return XesValue(attributes, key); }
  std::string_view activity() const { return Value("concept:name"); }
  std::string_view lifecycle() const { return Value("lifecycle:transition"); }
  std::string_view group() const { return Value("org:group"); }
  std::string_view role() const { return Value("org:role"); }
  std::string_view person() const { return Value("org:resource"); }  // A handle.
};

struct XesTrace {
  std::string case_id;  // concept:name; unique in the log.
  XesAttributes attributes;
  std::vector<XesEvent> events;  // In file order, which need not be time order.
};

struct XesOptions {
  // Attributes to pass on, besides those that XesEvent has accessors for. Everything else is only counted.
  std::set<std::string, std::less<>> keep;
  // Attributes whose values name people, besides org:resource.
  std::set<std::string, std::less<>> person_keys;
  size_t max_value_bytes = 64 << 10;  // One attribute's value.
  size_t max_trace_bytes = 32 << 20;  // One case in memory.
  size_t max_token_bytes = 1 << 20;   // One tag of the file.
  size_t max_depth = 64;              // Nested elements.
};

// What was read so far and what was left out.
struct XesSummary {
  uint64_t traces = 0;
  uint64_t events = 0;
  uint64_t log_attributes_withheld = 0;    // On log level; their keys are often people's names.
  uint64_t nested_attributes_ignored = 0;  // Attributes of attributes, in cases and events.
  uint64_t events_outside_cases = 0;       // XES allows them; they belong to no case.
  uint64_t events_out_of_order = 0;        // Earlier than the event before them in their case.
  // Attributes not passed on, by key, if the log declares that key as a global; others are counted under "".
  std::map<std::string, uint64_t> attributes_not_kept;
};

struct XesProgress {
  uint64_t bytes_read = 0;  // Of the file as it is stored, compressed or not.
  uint64_t bytes_total = 0;
};

// Pulls cases out of a file. Memory is bounded by one case and one block of the file, plus eight bytes per case seen.
// The order is the file's, so a second run sees the same cases and events under the same ids. Document type
// declarations are refused: there are no entities to expand. Not thread-safe.
class XesReader {
 public:
  // `pseudonymizer` must outlive the reader.
  static absl::StatusOr<std::unique_ptr<XesReader>> Open(const std::string& path, Pseudonymizer& pseudonymizer,
                                                         XesOptions options = {});
  ~XesReader();

  // The next case; nullopt after the last. Every case before an error is given out before the error is, and after an
  // error the same error is given again. Errors are ImportError()s with the line in the uncompressed file.
  absl::StatusOr<std::optional<XesTrace>> Next();

  const XesSummary& summary() const;
  XesProgress progress() const;

 private:
  class Impl;
  explicit XesReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// An xs:dateTime with a time zone: "2010-03-31T16:59:42.123+02:00". nullopt for anything else; no zone is guessed.
std::optional<absl::Time> ParseImportedTime(std::string_view text);

}  // namespace parley
