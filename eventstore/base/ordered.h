// Numbers as bytes that sort as the numbers do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley {

// Big-endian, 8 bytes.
void AppendOrdered(std::string& out, uint64_t value);
// Of the first 8 bytes.
uint64_t ParseOrdered(std::string_view bytes);

}  // namespace parley
