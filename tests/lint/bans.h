// What code must not use, where, and why.
#pragma once

#include <vector>

#include "tests/lint/source.h"

namespace parley::lint {

// Uses of clocks, randomness, sleeping, floating point, hash maps and locales where they do not belong.
std::vector<Finding> CheckBans(const SourceFile& file);

// Exceptions in the tables that no longer apply to anything in `files`.
std::vector<Finding> CheckExceptionsAreUsed(const std::vector<const SourceFile*>& files);

}  // namespace parley::lint
