#include "tests/lint/tree_rules.h"

#include <filesystem>
#include <map>

namespace parley::lint {
namespace {

std::string FolderOf(std::string_view path) { return std::string(path.substr(0, path.rfind('/'))); }

}  // namespace

std::vector<Finding> CheckTestsAreRegistered(const std::vector<const SourceFile*>& files,
                                             std::string_view cmake_lists) {
  std::set<std::string> unregistered;
  for (const SourceFile* file : files) {
    if (!Matches(file->path, "tests/*_test.cc")) continue;
    const std::string folder = FolderOf(file->path).substr(sizeof("tests/") - 1);
    const std::string line = "\nparley_tests(" + folder;
    const size_t at = cmake_lists.find(line);
    const bool registered = at != std::string_view::npos && !IsIdentifier(cmake_lists[at + line.size()]);
    if (!registered) unregistered.insert(folder);
  }
  std::vector<Finding> findings;
  for (const auto& folder : unregistered) {
    findings.push_back({"tests/" + folder, 0,
                        "has tests that nobody runs: tests/CMakeLists.txt needs parley_tests(" + folder + " …)"});
  }
  return findings;
}

std::vector<Finding> CheckNothingIsDead(const std::vector<const SourceFile*>& files,
                                        const std::set<std::string>& compiled) {
  std::string includes;
  for (const SourceFile* file : files) {
    for (std::string_view line : Lines(file->text)) {
      if (line.starts_with("#include \"")) includes += std::string(line) + "\n";
    }
  }
  std::vector<Finding> findings;
  for (const SourceFile* file : files) {
    if (file->path.ends_with(".cc") && !compiled.contains(file->path)) {
      findings.push_back({file->path, 0, "belongs to no target: nothing compiles it"});
    }
    // deploy/pch.h is given to the compiler by CMakeLists.txt.
    if (file->path.ends_with(".h") && file->path != "deploy/pch.h" &&
        includes.find("#include \"" + file->path + "\"") == std::string::npos) {
      findings.push_back({file->path, 0, "is included by nothing (includes name files from the project's root)"});
    }
  }
  return findings;
}

std::vector<Finding> CheckTopLevel(const std::vector<const SourceFile*>& files) {
  static const std::set<std::string, std::less<>> kTop = {"CMakeLists.txt", "CMakePresets.json", "README.md",
                                                          "deploy",         "eventstore",        "projections",
                                                          "proto",          "services",          "tests"};
  std::vector<Finding> findings;
  for (const SourceFile* file : files) {
    const std::string top = file->path.substr(0, file->path.find('/'));
    if (!top.starts_with(".") && !kTop.contains(top))
      findings.push_back({file->path, 0, "the top level is fixed: find it a folder"});
  }
  return findings;
}

std::vector<Finding> CheckLinks(const std::vector<const SourceFile*>& files) {
  std::set<std::string> there;
  for (const SourceFile* file : files) {
    for (std::string path = file->path; !path.empty();
         path = path.find('/') == std::string::npos ? "" : FolderOf(path)) {
      there.insert(path);
    }
  }
  std::vector<Finding> findings;
  for (const SourceFile* file : files) {
    if (!file->path.ends_with(".md")) continue;
    const std::string_view text = file->text;
    for (size_t at = text.find("]("); at != std::string_view::npos; at = text.find("](", at + 1)) {
      std::string target(text.substr(at + 2, text.find(')', at) - at - 2));
      target = target.substr(0, target.find('#'));
      if (target.empty() || target.find("://") != std::string::npos) continue;
      std::filesystem::path path = std::filesystem::path(file->path).parent_path() / target;
      std::string normal = path.lexically_normal().generic_string();
      if (normal.ends_with('/')) normal.pop_back();
      if (!there.contains(normal))
        findings.push_back({file->path, LineOf(text, at), "links to " + target + ", which is not there"});
    }
  }
  return findings;
}

std::set<std::string> CompiledFiles(std::string_view compile_commands, std::string_view root) {
  static constexpr std::string_view kKey = "\"file\": \"";
  std::set<std::string> compiled;
  for (size_t at = compile_commands.find(kKey); at != std::string_view::npos;
       at = compile_commands.find(kKey, at + 1)) {
    const size_t start = at + kKey.size();
    std::string_view path = compile_commands.substr(start, compile_commands.find('"', start) - start);
    if (!path.starts_with(root) || path.size() <= root.size()) continue;
    compiled.insert(std::string(path.substr(root.size() + 1)));
  }
  return compiled;
}

}  // namespace parley::lint
