#include "tests/lint/source.h"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace parley::lint {
namespace {

// A quote that opens or closes nothing: a digit separator.
bool IsSeparator(std::string_view text, size_t quote) {
  return quote > 0 && quote + 1 < text.size() && std::isxdigit(static_cast<unsigned char>(text[quote - 1])) != 0 &&
         std::isxdigit(static_cast<unsigned char>(text[quote + 1])) != 0;
}

// Past the end of the literal that opens at `open`.
size_t LiteralEnd(std::string_view text, size_t open) {
  if (text[open] == '"' && open > 0 && text[open - 1] == 'R') {
    const size_t paren = text.find('(', open);
    const std::string end = ")" + std::string(text.substr(open + 1, paren - open - 1)) + "\"";
    const size_t found = text.find(end, paren);
    return found == std::string_view::npos ? text.size() : found + end.size();
  }
  for (size_t i = open + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[open] || text[i] == '\n') {
      return i + 1;
    }
  }
  return text.size();
}

// Blanks comments, the insides of literals, and what #include lines name.
std::string CodeOf(std::string_view text) {
  std::string code(text);
  const auto blank = [&](size_t from, size_t to) {
    for (size_t i = from; i < to && i < code.size(); ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
  };
  size_t i = 0;
  while (i < text.size()) {
    size_t end = i + 1;
    if (text.substr(i, 2) == "//") {
      end = std::min(text.find('\n', i), text.size());
      blank(i, end);
    } else if (text.substr(i, 2) == "/*") {
      const size_t close = text.find("*/", i + 2);
      end = close == std::string_view::npos ? text.size() : close + 2;
      blank(i, end);
    } else if (text.substr(i, 8) == "#include" && (i == 0 || text[i - 1] == '\n')) {
      end = std::min(text.find('\n', i), text.size());
      blank(i + 8, end);
    } else if (text[i] == '"' || (text[i] == '\'' && !IsSeparator(text, i))) {
      end = LiteralEnd(text, i);
      blank(i + 1, end - 1);
    }
    i = end;
  }
  return code;
}

std::vector<SourceFile> ReadTree() {
  namespace fs = std::filesystem;
  static const std::set<std::string> kNotOurs = {".git", "build", "node_modules", "compile_commands.json"};
  const fs::path root = PARLEY_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator(); ++it) {
    if (kNotOurs.contains(it->path().filename().string())) {
      it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file()) continue;
    std::ifstream in(it->path(), std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    files.push_back(MakeSource(fs::relative(it->path(), root).generic_string(), text.str()));
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

}  // namespace

SourceFile MakeSource(std::string path, std::string text) {
  std::string code = IsCpp(path) ? CodeOf(text) : std::string();
  return {std::move(path), std::move(text), std::move(code)};
}

const std::vector<SourceFile>& Tree() {
  static const auto* const kTree = new std::vector<SourceFile>(ReadTree());
  return *kTree;
}

std::vector<const SourceFile*> CppTree() {
  std::vector<const SourceFile*> files;
  for (const SourceFile& file : Tree()) {
    if (IsCpp(file.path)) files.push_back(&file);
  }
  return files;
}

bool IsCpp(std::string_view path) { return path.ends_with(".cc") || path.ends_with(".h"); }

bool Matches(std::string_view path, std::string_view pattern) {
  return fnmatch(std::string(pattern).c_str(), std::string(path).c_str(), 0) == 0;
}

bool MatchesAny(std::string_view path, const std::vector<std::string_view>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view p) { return Matches(path, p); });
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

int LineOf(std::string_view text, size_t offset) {
  return 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(offset), '\n'));
}

bool IsIdentifier(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

size_t FindWord(std::string_view code, std::string_view word, size_t from) {
  for (size_t at = code.find(word, from); at != std::string_view::npos; at = code.find(word, at + 1)) {
    const bool starts = at == 0 || !IsIdentifier(word.front()) || !IsIdentifier(code[at - 1]);
    const size_t end = at + word.size();
    const bool ends = end == code.size() || !IsIdentifier(word.back()) || !IsIdentifier(code[end]);
    if (starts && ends) return at;
  }
  return std::string_view::npos;
}

std::string Report(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    out += finding.path + ":" + std::to_string(finding.line) + ": " + finding.message + "\n";
  }
  return out;
}

}  // namespace parley::lint
