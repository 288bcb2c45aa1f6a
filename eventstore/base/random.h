// Randomness as an input. Nothing but random.cc asks the machine for it (tests/lint holds that).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace parley {

// Thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual std::string Bytes(size_t n) = 0;
};

// Cryptographically secure, from OpenSSL.
class SystemRandom : public RandomSource {
 public:
  std::string Bytes(size_t n) override;
};

// The same bytes for the same seed, on every machine: SHA-256 over seed and a counter. For tests and the demo only.
class SeededRandom : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) : seed_(seed) {}
  std::string Bytes(size_t n) override;

 private:
  uint64_t seed_;
  uint64_t counter_ = 0;
};

// 20 lower-case base32 characters (100 bits): an id that nobody else picks.
std::string RandomId(RandomSource& random);
// The same form, from the first 20 bytes of a digest.
std::string IdFromDigest(std::string_view digest);

}  // namespace parley
