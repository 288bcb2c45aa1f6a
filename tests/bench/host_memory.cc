#include "tests/bench/host_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <vector>

namespace parley::bench {

void FetchHostMemory(absl::Duration measured) {
  constexpr double kBytesPerSecond = 256 << 20;  // More than any load here takes.
  constexpr double kMost = 1 << 30;
  constexpr size_t kPage = 4096;
  const auto bytes = static_cast<size_t>(std::min(kMost, kBytesPerSecond * absl::ToDoubleSeconds(measured)));
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;  // Then there is little to spare, and none to fetch.
  ::madvise(memory, bytes, MADV_HUGEPAGE);
  for (size_t at = 0; at < bytes; at += kPage) static_cast<volatile char*>(memory)[at] = 1;
  ::munmap(memory, bytes);
}

void FetchFiles(const std::string& directory) {
  std::vector<char> buffer(1 << 20);
  std::error_code error;
  // Files come and go meanwhile.
  using Files = std::filesystem::recursive_directory_iterator;
  for (Files it(directory, error); !error && it != Files(); it.increment(error)) {
    if (std::error_code gone; !it->is_regular_file(gone)) continue;
    std::ifstream file(it->path(), std::ios::binary);
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()))) {
    }
  }
}

}  // namespace parley::bench
