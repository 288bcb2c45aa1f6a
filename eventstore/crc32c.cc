#include "eventstore/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace parley {

uint32_t Crc32c(std::string_view data, uint32_t crc) {
  constexpr size_t kMost = 1 << 30;  // At a time: the library counts in ints.
  for (; !data.empty(); data.remove_prefix(std::min(data.size(), kMost))) {
    // Only read from, although the library does not say so. It leaves both inversions to its caller.
    auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(data.data()));
    crc = ~crc32_iscsi(bytes, static_cast<int>(std::min(data.size(), kMost)), ~crc);
  }
  return crc;
}

}  // namespace parley
