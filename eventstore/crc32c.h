// CRC-32C (Castagnoli, RFC 3720): finds what a disk or a memory bit got wrong. Against people there are commitments.
#pragma once

#include <cstdint>
#include <string_view>

namespace parley {

// The checksum of `data`; `crc` is that of what stands before it, so that pieces can be summed one after the other.
uint32_t Crc32c(std::string_view data, uint32_t crc = 0);

}  // namespace parley
