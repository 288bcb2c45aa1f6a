#include "tests/bench/host_memory.h"

#include <sys/mman.h>

#include <cstddef>

namespace parley::bench {

void FetchHostMemory() {
  constexpr size_t kBytes = size_t{1} << 30;
  constexpr size_t kPage = 4096;
  void* const memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;  // Then there is little to spare, and none to fetch.
  ::madvise(memory, kBytes, MADV_HUGEPAGE);
  for (size_t at = 0; at < kBytes; at += kPage) static_cast<volatile char*>(memory)[at] = 1;
  ::munmap(memory, kBytes);
}

}  // namespace parley::bench
