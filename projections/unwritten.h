// What a worker has folded in and not written yet, and what of it readers want.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>

namespace parley {

// Thread-safe: readers want, the worker writes.
class Unwritten {
 public:
  // Some ledgers, or all.
  struct Ledgers {
    static Ledgers All() { return {.all = true}; }
    bool empty() const { return !all && names.empty(); }

    bool all = false;
    std::set<std::string> names = {};
  };

  // Returns when what was added before the call is written, of `ledger`, or of all where that is empty; false where it was given up.
  // `wake` gets the worker going, if it is needed.
  bool Await(const std::string& ledger, const std::function<void()>& wake);
  // The same without waiting.
  void Want(const std::string& ledger);
  // Nobody waits from here on.
  void Stop();

  // The worker's: it has folded in something of these; what there was of these is written, or given up.
  void Add(const std::set<std::string>& ledgers);
  void Remove(const Ledgers& ledgers);
  // Those that have something, and whether this is one.
  std::set<std::string> names() const;
  bool Has(const std::string& ledger) const;
  // What is wanted; to be followed by Served, when that is removed, and whether it was written.
  Ledgers TakeWanted();
  void Served(bool written);

 private:
  mutable std::mutex mu_;
  std::condition_variable served_cv_;
  std::set<std::string> names_;
  Ledgers wanted_;
  uint64_t asked_ = 0;   // How often something was waited for,
  uint64_t taken_ = 0;   // how many of those the worker has in hand,
  uint64_t served_ = 0;  // and has done;
  uint64_t failed_ = 0;  // the latest that it gave up.
  bool stop_ = false;
};

}  // namespace parley
