#include "services/cli/demo_dice.h"

namespace parley::demo {

Dice::Dice(uint64_t seed, std::string_view what_for) : state_(seed) {
  // FNV-1a, so that neighbouring names do not throw neighbouring numbers.
  uint64_t hash = 14695981039346656037u;
  for (const char c : what_for) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  state_ = Next() ^ hash;
}

uint64_t Dice::Next() {
  state_ += 0x9e3779b97f4a7c15u;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

int64_t Dice::Between(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(Next() % static_cast<uint64_t>(high - low + 1));
}

std::string Dice::Digest() {
  std::string digest;
  while (digest.size() < 32) {
    for (uint64_t word = Next(), i = 0; i < 8; ++i, word >>= 8) digest.push_back(static_cast<char>(word & 0xff));
  }
  return digest;
}

}  // namespace parley::demo
