// The demo's chance: SplitMix64 (Steele, Lea, Flood 2014), the same numbers on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::demo {

class Dice {
 public:
  // What is thrown follows from the seed and from what it is thrown for, not from what else was thrown before.
  Dice(uint64_t seed, std::string_view what_for);

  uint64_t Next();
  // `low` to `high`, both included.
  int64_t Between(int64_t low, int64_t high);
  // 32 bytes: stands in for the hash of a document that the demo does not have.
  std::string Digest();

 private:
  uint64_t state_;
};

}  // namespace parley::demo
