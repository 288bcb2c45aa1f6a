// JSON read into a tree that keeps numbers as they are written, refuses duplicate keys, and remembers what was used.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace parley {

struct JsonLimits {
  size_t max_bytes = 32 << 20;
  size_t max_nodes = 1'000'000;
  size_t max_depth = 64;
};

struct JsonNode {
  enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  std::string text;  // Of a boolean ("true"), a number (as written; an integer in plain decimals) or a string.
  // Of an object by key, or of an array, in file order. An item of an array has no key; in a tree made from another one
  // it may have its place there as its key.
  std::vector<std::pair<std::string, std::unique_ptr<JsonNode>>> children;
  bool used = false;           // Somebody took this leaf's value.
  JsonNode* origin = nullptr;  // The leaf this one repeats; Use() marks that too.

  bool is_object() const { return kind == Kind::kObject; }
  bool is_array() const { return kind == Kind::kArray; }
  bool is_string() const { return kind == Kind::kString; }
  bool is_number() const { return kind == Kind::kNumber; }
  // Nothing below: a scalar, a null, or a container with nothing in it.
  bool is_leaf() const { return children.empty(); }

  // The member `key` of an object; nullptr where there is none.
  JsonNode* Find(std::string_view key) const;
  // The text, marked as used.
  const std::string& Use();
  // The member's text, marked as used; empty where it is no string.
  std::string UseString(std::string_view key) const;
};

// Errors are ImportError()s with the line; they quote nothing of the text.
absl::StatusOr<std::unique_ptr<JsonNode>> ParseJson(std::string_view text, const JsonLimits& limits = {});

// The whole of a file, up to `max_bytes`.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t max_bytes);

// Calls `visit(path, leaf)` for every leaf at or under `node`, in file order; `path` is a JSON Pointer (RFC 6901) that
// begins with `path`, control characters written as \uXXXX.
void ForEachLeaf(JsonNode& node, const std::string& path,
                 const std::function<void(const std::string& path, JsonNode& leaf)>& visit);

// `path` one step further down: to a member, or to the child at `index` of `parent`.
std::string JsonPath(const std::string& path, std::string_view key);
std::string JsonPath(const std::string& path, const JsonNode& parent, size_t index);

}  // namespace parley
