// Which file may include what.
#pragma once

#include <vector>

#include "tests/lint/source.h"

namespace parley::lint {

// The includes of one C++ file that its layer may not use.
std::vector<Finding> CheckLayering(const SourceFile& file);

}  // namespace parley::lint
