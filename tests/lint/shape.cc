#include "tests/lint/shape.h"

#include <algorithm>
#include <string>

namespace parley::lint {
namespace {

constexpr int kMaxFileLines = 500;
// One proto holds all of an area: resource, events, requests, service. It is flat, and read by looking things up.
constexpr int kMaxProtoLines = 1000;
constexpr int kMaxFunctionLines = 100;
// Pages for people are read from top to bottom.
constexpr int kMaxPageLines = 400;

// Functions that may be longer, by file: each is one flat list that would not get clearer in pieces.
struct LongFunction {
  std::string_view pattern;
  int lines;
  std::string_view reason;
};
constexpr LongFunction kLongFunctions[] = {
    {"services/*/*evolve.cc", 200, "one switch over every event of the area, a few lines each"},
};

int MaxLines(std::string_view path) {
  if (path.ends_with(".proto")) return kMaxProtoLines;
  if (path.ends_with(".md")) return kMaxPageLines;
  const bool counted = IsCpp(path) || path.ends_with(".sh") || path.ends_with(".txt") || path.ends_with(".js");
  return counted ? kMaxFileLines : 0;
}

int MaxFunctionLines(std::string_view path) {
  for (const LongFunction& exception : kLongFunctions) {
    if (Matches(path, exception.pattern)) return exception.lines;
  }
  return kMaxFunctionLines;
}

// Whether a brace outside all functions opens the body of one; `head` is the code since the last ';', '{' or '}'.
// Namespaces, classes, enums and initialisers have no parameters in front of theirs.
bool OpensFunction(std::string_view head) { return head.find(')') != std::string_view::npos; }

// Preprocessor lines hold unbalanced code.
std::string WithoutDirectives(std::string_view code) {
  std::string out;
  bool directive = false;
  for (std::string_view line : Lines(code)) {
    directive = directive || line.starts_with("#");
    out += directive ? std::string(line.size(), ' ') : std::string(line);
    out += '\n';
    directive = directive && line.ends_with("\\");
  }
  return out;
}

std::string_view Trim(std::string_view text) {
  const size_t from = text.find_first_not_of(" \n");
  if (from == std::string_view::npos) return "";
  return text.substr(from, text.find_last_not_of(" \n") - from + 1);
}

// The offset of the brace that closes the one at `open`.
size_t Closing(std::string_view code, size_t open) {
  int depth = 0;
  for (size_t i = open; i < code.size(); ++i) {
    if (code[i] == '{') ++depth;
    if (code[i] == '}' && --depth == 0) return i;
  }
  return code.size();
}

// `default:` at the switch's own depth; npos where there is none.
size_t DefaultOf(std::string_view body) {
  int depth = 0;
  for (size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '{') ++depth;
    if (body[i] == '}') --depth;
    if (depth == 1 && FindWord(body.substr(i, sizeof("default:") - 1), "default:", 0) == 0 &&
        !IsIdentifier(body[i - 1])) {
      return i;
    }
  }
  return std::string_view::npos;
}

// Whether the labels are ours to keep complete: a oneof's cases or an enum of this project.
bool OverOurs(std::string_view condition, std::string_view body) {
  if (condition.find("_case()") != std::string_view::npos) return true;
  const size_t label = FindWord(body, "case", 0);
  if (label == std::string_view::npos) return false;
  size_t end = body.find(':', label);
  while (end != std::string_view::npos && body.substr(end, 2) == "::") end = body.find(':', end + 2);
  const std::string_view first = Trim(body.substr(label + 4, end - label - 4));
  const size_t scope = first.rfind("::");
  const std::string_view last = scope == std::string_view::npos ? first : first.substr(scope + 2);
  const bool constant = last.size() > 1 && last[0] == 'k' && last[1] >= 'A' && last[1] <= 'Z';
  const bool foreign = first.starts_with("absl::") || first.starts_with("grpc::") || first.starts_with("rocksdb::");
  return first.starts_with("v1::") || (constant && !foreign);
}

}  // namespace

std::vector<Finding> CheckLengths(const SourceFile& file) {
  std::vector<Finding> findings;
  const int lines = static_cast<int>(Lines(file.text).size());
  const int limit = MaxLines(file.path);
  if (limit > 0 && lines > limit) {
    findings.push_back(
        {file.path, 0, "has " + std::to_string(lines) + " lines, more than " + std::to_string(limit) + ": split it"});
  }
  if (!IsCpp(file.path)) return findings;

  const std::string code = WithoutDirectives(file.code);
  size_t head = 0;  // Where the text before the next brace begins.
  size_t i = 0;
  while (i < code.size()) {
    if (code[i] == ';' || code[i] == '}') head = i + 1;
    if (code[i] == '{') {
      const std::string_view before = std::string_view(code).substr(head, i - head);
      if (OpensFunction(before)) {
        const size_t close = Closing(code, i);
        const int length = LineOf(code, std::min(close, code.size() - 1)) - LineOf(code, i) + 1;
        if (length > MaxFunctionLines(file.path)) {
          findings.push_back({file.path, LineOf(code, i),
                              "a function of " + std::to_string(length) + " lines, more than " +
                                  std::to_string(MaxFunctionLines(file.path)) + ": give its parts names"});
        }
        i = close;
      }
      head = i + 1;
    }
    ++i;
  }
  return findings;
}

std::vector<Finding> CheckSwitches(const SourceFile& file) {
  std::vector<Finding> findings;
  const std::string_view code = file.code;
  for (size_t at = FindWord(code, "switch", 0); at != std::string_view::npos; at = FindWord(code, "switch", at + 1)) {
    const size_t open = code.find('{', at);
    if (open == std::string_view::npos) break;
    const std::string_view body = code.substr(open, Closing(code, open) - open);
    const size_t found = DefaultOf(body);
    if (found != std::string_view::npos && OverOurs(code.substr(at, open - at), body)) {
      findings.push_back(
          {file.path, LineOf(code, open + found),
           "default: in a switch over a oneof or an enum of ours: list the cases, so that a new one breaks "
           "the build where it is not handled"});
    }
  }
  return findings;
}

std::vector<Finding> CheckLeftovers(const SourceFile& file) {
  // Put together here so that this file does not find itself.
  static const std::string kNotes[] = {std::string("TO") + "DO", std::string("FIX") + "ME", std::string("XX") + "X",
                                       std::string("HA") + "CK"};
  static const std::string kPaths[] = {std::string("/wo") + "rk/", std::string("/tm") + "p/",
                                       std::string("/ho") + "me/", std::string("/ro") + "ot/",
                                       std::string("/Us") + "ers/"};
  std::vector<Finding> findings;
  const auto find = [&](std::string_view text, std::string_view word, std::string_view why) {
    const size_t at = FindWord(text, word, 0);
    if (at != std::string_view::npos) {
      findings.push_back({file.path, LineOf(text, at), std::string(word) + ": " + std::string(why)});
    }
  };
  for (const auto& note : kNotes) find(file.text, note, "finish it, or write the decision down");
  for (const auto& path : kPaths)
    find(file.text, path, "a path of some machine; pass it in, or make a temporary directory");
  if (IsCpp(file.path)) {
    const auto lines = Lines(file.code);
    const bool header = file.path.ends_with(".h");
    const bool guarded = std::find(lines.begin(), lines.end(), "#pragma once") != lines.end();
    if (header && !guarded && file.path != "deploy/pch.h")
      findings.push_back({file.path, 0, "a header begins with #pragma once"});
    const size_t disabled = file.code.find(std::string("DISAB") + "LED_");
    if (disabled != std::string::npos) {
      findings.push_back({file.path, LineOf(file.code, disabled), "a test that nobody runs is worse than none"});
    }
  }
  const bool binary = file.text.find('\0') != std::string::npos;
  if (!binary && !file.text.empty() && file.text.back() != '\n' && !file.path.ends_with(".json")) {
    findings.push_back({file.path, 0, "does not end in a newline"});
  }
  return findings;
}

}  // namespace parley::lint
