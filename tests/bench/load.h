// A closed loop: so many calls are always under way, and each that ends starts the next.
#pragma once

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "eventstore/base/clock.h"

namespace parley::bench {

struct LoadOptions {
  int in_flight = 256;
  int threads = 2;  // Of the client.
  absl::Duration warm_up = absl::Milliseconds(300);
  absl::Duration duration = absl::Seconds(3);
  bool keep_latencies = true;  // False for runs so long that they would fill the memory.
};

struct LoadResult {
  double per_second = 0;
  uint64_t calls = 0;
  uint64_t failures = 0;
  std::string first_failure;
  std::vector<int64_t> latencies;  // Nanoseconds, ascending; of the calls that began after the warm-up.

  // In microseconds; `part` of 1, for example 0.99.
  double Quantile(double part) const {
    return latencies.empty() ? 0 : latencies[static_cast<size_t>(part * (latencies.size() - 1))] / 1e3;
  }
};

template <class Response>
using Reader = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>>;

// `next(n)` gives the n-th request, counted over all threads; `start` begins the call. `answered`, if given, sees each good answer on
// the thread that got it.
template <class Request, class Response>
LoadResult RunLoad(
    const LoadOptions& options, const std::function<Request(uint64_t)>& next,
    const std::function<Reader<Response>(grpc::ClientContext*, const Request&, grpc::CompletionQueue*)>& start,
    const std::function<void(const Response&)>& answered = nullptr) {
  struct Call {
    grpc::ClientContext context;
    Response response;
    grpc::Status status;
    Reader<Response> reader;
    absl::Duration begun;
  };
  struct PerThread {
    grpc::CompletionQueue queue;
    LoadResult result;
  };
  std::atomic<uint64_t> count{0};
  const absl::Duration from = Monotonic() + options.warm_up;
  const absl::Duration to = from + options.duration;
  const auto begin = [&](PerThread& thread) {
    auto* call = new Call;
    call->begun = Monotonic();
    call->reader = start(&call->context, next(count.fetch_add(1)), &thread.queue);
    call->reader->StartCall();
    call->reader->Finish(&call->response, &call->status, call);
  };
  const auto run = [&](PerThread& thread, int in_flight) {
    for (int i = 0; i < in_flight; ++i) begin(thread);
    int open = in_flight;
    void* tag = nullptr;
    for (bool ok = false; open > 0 && thread.queue.Next(&tag, &ok);) {
      const std::unique_ptr<Call> call(static_cast<Call*>(tag));
      const absl::Duration now = Monotonic();
      if (!call->status.ok()) {
        if (thread.result.failures++ == 0) thread.result.first_failure = call->status.error_message();
      } else {
        if (answered) answered(call->response);
        if (now >= from && now < to) ++thread.result.calls;
        if (options.keep_latencies && call->begun >= from && now < to) {
          thread.result.latencies.push_back(absl::ToInt64Nanoseconds(now - call->begun));
        }
      }
      now < to ? begin(thread) : void(--open);
    }
    thread.queue.Shutdown();
    for (bool ok = false; thread.queue.Next(&tag, &ok);) {
    }
  };
  std::vector<std::unique_ptr<PerThread>> threads;
  std::vector<std::thread> running;
  for (int i = 0; i < options.threads; ++i) threads.push_back(std::make_unique<PerThread>());
  for (int i = 0; i < options.threads; ++i) {
    const int share = options.in_flight / options.threads + (i < options.in_flight % options.threads);
    running.emplace_back([&, i, share] { run(*threads[i], share); });
  }
  for (std::thread& thread : running) thread.join();
  LoadResult sum;
  for (const auto& thread : threads) {
    sum.calls += thread->result.calls;
    sum.failures += thread->result.failures;
    if (sum.first_failure.empty()) sum.first_failure = thread->result.first_failure;
    sum.latencies.insert(sum.latencies.end(), thread->result.latencies.begin(), thread->result.latencies.end());
  }
  std::sort(sum.latencies.begin(), sum.latencies.end());
  sum.per_second = sum.calls / absl::ToDoubleSeconds(options.duration);
  return sum;
}

}  // namespace parley::bench
