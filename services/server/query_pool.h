// The threads that answer queries. Waiting for a consistency token takes none of them.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace parley {

// Thread-safe.
class QueryPool {
 public:
  // At most `max_queued` jobs wait.
  QueryPool(int threads, size_t max_queued);
  // Runs what is queued, then ends.
  ~QueryPool();

  // False: too much is waiting; the job will not run.
  [[nodiscard]] bool Run(std::function<void()> job);
  size_t queued() const;

 private:
  void Work();

  const size_t max_queued_;
  mutable std::mutex mu_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace parley
