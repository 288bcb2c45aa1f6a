#include "tests/bench/spinners.h"

#include <pthread.h>
#include <sched.h>

namespace parley::bench {

Spinners::Spinners() {
  const unsigned cores = std::thread::hardware_concurrency();
  for (unsigned core = 0; core < cores; ++core) {
    threads_.emplace_back([this, core] {
      cpu_set_t only;
      CPU_ZERO(&only);
      CPU_SET(core, &only);
      ::pthread_setaffinity_np(::pthread_self(), sizeof(only), &only);
      const sched_param none{};
      ::pthread_setschedparam(::pthread_self(), SCHED_IDLE, &none);  // Runs where nothing else wants to.
      while (!stop_.load(std::memory_order_relaxed)) {
      }
    });
  }
}

Spinners::~Spinners() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace parley::bench
