// Keeps every core awake with work that gives way to anything else.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace parley::bench {

// An idle core sleeps, and on many machines a wake-up out of that costs more than what is to be measured: where the kernel ticks 250
// times a second, one fsync of an idle machine may take 4 ms, and 0.1 ms of a busy one. So latencies that are compared with each other
// are all measured beside these, on cores as awake as those of a server with work to do.
class Spinners {
 public:
  Spinners();
  ~Spinners();
  Spinners(const Spinners&) = delete;
  Spinners& operator=(const Spinners&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace parley::bench
