#include "eventstore/kv_store.h"

#include <algorithm>
#include <cstdint>

namespace parley {

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  // No key starting with 0xff… is followed by one that differs in that byte: carry into the byte before.
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

void AppendOrdered(std::string& out, uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xff));
}

uint64_t ParseOrdered(std::string_view bytes) {
  uint64_t value = 0;
  for (char c : bytes.substr(0, 8)) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

}  // namespace parley
