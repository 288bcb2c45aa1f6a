#include "services/import/json_tree.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/import/import_error.h"

namespace parley {
namespace {

// Builds the tree from the parser's events; a false answer stops the parser, `status` says why. The parser keeps no
// recursion of its own, and numbers are taken by their text.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  bool null() override { return Leaf(JsonNode::Kind::kNull, ""); }
  bool boolean(bool value) override { return Leaf(JsonNode::Kind::kBoolean, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return Leaf(JsonNode::Kind::kNumber, std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    return Leaf(JsonNode::Kind::kNumber, std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& written) override { return Leaf(JsonNode::Kind::kNumber, written); }
  bool string(string_t& value) override { return Leaf(JsonNode::Kind::kString, std::move(value)); }
  bool binary(binary_t&) override { return Stop(ImportProblem::kMalformed, 0, "JSON has no binary values"); }
  bool start_object(std::size_t) override { return Open(JsonNode::Kind::kObject); }
  bool start_array(std::size_t) override { return Open(JsonNode::Kind::kArray); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second) {
      return Stop(ImportProblem::kForbidden, 0, "JSON: a key stands twice in one object");
    }
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    const auto end = text_.begin() + static_cast<ptrdiff_t>(std::min(position, text_.size()));
    const uint64_t line = 1 + static_cast<uint64_t>(std::count(text_.begin(), end, '\n'));
    if (error.id == kNumberOverflow) return Stop(ImportProblem::kTooLarge, line, "JSON: a number beyond all bounds");
    const std::string_view why = error.what();
    const bool cut = position >= text_.size() && (why.find("end of input") != std::string_view::npos ||
                                                  why.find("missing closing quote") != std::string_view::npos);
    return Stop(cut ? ImportProblem::kTruncated : ImportProblem::kMalformed, line,
                cut ? "JSON: the text ends too early" : "JSON: not well-formed");
  }

  std::unique_ptr<JsonNode> root;
  absl::Status status;

 private:
  static constexpr int kNumberOverflow = 406;  // The library's code.

  JsonNode* Add(JsonNode::Kind kind, std::string text) {
    if (++nodes_ > limits_.max_nodes) {
      Stop(ImportProblem::kTooLarge, 0, absl::StrCat("JSON: more than ", limits_.max_nodes, " values"));
      return nullptr;
    }
    auto node = std::make_unique<JsonNode>();
    node->kind = kind;
    node->text = std::move(text);
    JsonNode* raw = node.get();
    if (open_.empty()) {
      root = std::move(node);
    } else {
      open_.back()->children.emplace_back(open_.back()->is_object() ? std::move(key_) : "", std::move(node));
    }
    return raw;
  }
  bool Leaf(JsonNode::Kind kind, std::string text) { return Add(kind, std::move(text)) != nullptr; }
  bool Open(JsonNode::Kind kind) {
    if (open_.size() >= limits_.max_depth) {
      return Stop(ImportProblem::kTooLarge, 0, absl::StrCat("JSON: more than ", limits_.max_depth, " levels"));
    }
    JsonNode* node = Add(kind, "");
    if (node == nullptr) return false;
    open_.push_back(node);
    keys_.emplace_back();
    return true;
  }
  bool Close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }
  bool Stop(ImportProblem problem, uint64_t line, std::string_view message) {
    if (status.ok()) status = ImportError(problem, line, message);
    return false;
  }

  std::string_view text_;
  const JsonLimits& limits_;
  std::vector<JsonNode*> open_;
  std::vector<std::set<std::string>> keys_;  // Of each open container.
  std::string key_;
  size_t nodes_ = 0;
};

}  // namespace

JsonNode* JsonNode::Find(std::string_view key) const {
  if (!is_object()) return nullptr;
  for (const auto& [name, node] : children) {
    if (name == key) return node.get();
  }
  return nullptr;
}

const std::string& JsonNode::Use() {
  used = true;
  if (origin != nullptr) origin->used = true;
  return text;
}

std::string JsonNode::UseString(std::string_view key) const {
  JsonNode* node = Find(key);
  return node != nullptr && node->is_string() ? node->Use() : "";
}

absl::StatusOr<std::unique_ptr<JsonNode>> ParseJson(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return ImportError(ImportProblem::kTooLarge, 0, absl::StrCat("JSON: more than ", limits.max_bytes, " bytes"));
  }
  TreeBuilder builder(text, limits);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return builder.status;
  return std::move(builder.root);
}

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t max_bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return ImportError(ImportProblem::kUnreadable, 0, absl::StrCat("cannot open ", path));
  const std::streamoff size = file.tellg();
  if (size < 0) return ImportError(ImportProblem::kUnreadable, 0, absl::StrCat("cannot read ", path));
  if (static_cast<uint64_t>(size) > max_bytes) {
    return ImportError(ImportProblem::kTooLarge, 0, absl::StrCat(path, " has more than ", max_bytes, " bytes"));
  }
  std::string text(static_cast<size_t>(size), '\0');
  file.seekg(0);
  if (!file.read(text.data(), size)) {
    return ImportError(ImportProblem::kUnreadable, 0, absl::StrCat("cannot read ", path));
  }
  return text;
}

void ForEachLeaf(JsonNode& node, const std::string& path,
                 const std::function<void(const std::string& path, JsonNode& leaf)>& visit) {
  if (node.is_leaf()) return visit(path, node);
  for (size_t i = 0; i < node.children.size(); ++i) {
    ForEachLeaf(*node.children[i].second, JsonPath(path, node, i), visit);
  }
}

std::string JsonPath(const std::string& path, std::string_view key) {
  std::string out = path + "/";
  for (char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += absl::StrFormat("\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out;
}

std::string JsonPath(const std::string& path, const JsonNode& parent, size_t index) {
  const std::string& key = parent.children[index].first;
  if (parent.is_array() && key.empty()) return absl::StrCat(path, "/", index);
  return JsonPath(path, key);
}

}  // namespace parley
