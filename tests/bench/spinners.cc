#include "tests/bench/spinners.h"

#include <pthread.h>
#include <sched.h>

#include "tests/bench/process.h"

namespace parley::bench {

Spinners::Spinners() {
  const unsigned cores = std::thread::hardware_concurrency();
  for (unsigned core = 0; core < cores; ++core) {
    threads_.emplace_back([this, core] {
      cpu_set_t only;
      CPU_ZERO(&only);
      CPU_SET(core, &only);
      const sched_param none{};
      // Runs where nothing else wants to. At any other priority it would take what is measured its time.
      if (::pthread_setaffinity_np(::pthread_self(), sizeof(only), &only) != 0 ||
          ::pthread_setschedparam(::pthread_self(), SCHED_IDLE, &none) != 0) {
        Die("this machine does not let a thread wait on a core of its own at idle priority");
      }
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
