#include "eventstore/kv_store.h"

namespace parley {

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  // No key starting with 0xff… is followed by one that differs in that byte: carry into the byte before.
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace parley
