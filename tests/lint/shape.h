// How files are made: lengths, switches, leftovers.
#pragma once

#include <vector>

#include "tests/lint/source.h"

namespace parley::lint {

// Length of the file and of each function in it.
std::vector<Finding> CheckLengths(const SourceFile& file);
// `default:` in a switch over the cases of a oneof or the values of an enum of ours.
std::vector<Finding> CheckSwitches(const SourceFile& file);
// Notes to self, machine paths, disabled tests, headers without a guard, text that does not end in a newline.
std::vector<Finding> CheckLeftovers(const SourceFile& file);

}  // namespace parley::lint
