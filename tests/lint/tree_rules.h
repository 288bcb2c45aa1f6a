// What holds of the checkout as a whole.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/lint/source.h"

namespace parley::lint {

// Folders with tests that tests/CMakeLists.txt does not know: nobody would run them.
std::vector<Finding> CheckTestsAreRegistered(const std::vector<const SourceFile*>& files, std::string_view cmake_lists);
// Sources that no target compiles, by the build's own list of what it compiles; headers that nothing includes.
std::vector<Finding> CheckNothingIsDead(const std::vector<const SourceFile*>& files,
                                        const std::set<std::string>& compiled);
// What stands at the top level though the layout is fixed.
std::vector<Finding> CheckTopLevel(const std::vector<const SourceFile*>& files);
// Links from pages to files of the checkout that are not there.
std::vector<Finding> CheckLinks(const std::vector<const SourceFile*>& files);

// The files named in a compile_commands.json, relative to `root`.
std::set<std::string> CompiledFiles(std::string_view compile_commands, std::string_view root);

}  // namespace parley::lint
