// A relationship in which everything happens: every type of event that can be recorded, each by the rules.
#pragma once

#include "tests/support/world.h"

namespace parley::test {

// relationships/acme, from its beginning to its end and after. `world` is new.
void Eventful(World& world);

}  // namespace parley::test
