// What the lint rules look at: the checkout's files, as text and as code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley::lint {

struct SourceFile {
  std::string path;  // From the project's root, with slashes.
  std::string text;
  // C++ only: `text` with comments, the contents of string and character literals, and the names in #include lines
  // blanked out. Same length, same lines: what is found in one is at the same place in the other.
  std::string code;
};

SourceFile MakeSource(std::string path, std::string text);

// Every file of the checkout but what is built or downloaded, in path order. Read once.
const std::vector<SourceFile>& Tree();
// Those of C++.
std::vector<const SourceFile*> CppTree();

bool IsCpp(std::string_view path);
// Shell wildcards; `*` matches slashes too.
bool Matches(std::string_view path, std::string_view pattern);
bool MatchesAny(std::string_view path, const std::vector<std::string_view>& patterns);

std::vector<std::string_view> Lines(std::string_view text);
// The line that the offset is in, from 1.
int LineOf(std::string_view text, size_t offset);
bool IsIdentifier(char c);
// Where `word` stands in `code` from `from` on, not as a part of a longer identifier; npos where it does not.
size_t FindWord(std::string_view code, std::string_view word, size_t from);

struct Finding {
  std::string path;
  int line = 0;  // 0: the file as a whole.
  std::string message;
};

// One finding a line, for EXPECT_EQ(Report(…), "").
std::string Report(const std::vector<Finding>& findings);

}  // namespace parley::lint
