// What server-streaming RPCs have in common: the next piece is made on one of the query pool's threads once the client took the one
// before, so that a slow client costs one piece of memory and no thread.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"
#include "services/server/calls.h"

namespace parley {

class OpenStream {
 public:
  virtual ~OpenStream() = default;
  // Finishes the stream, once; after a write under way.
  virtual void End(const absl::Status& status) = 0;
};

// The streams of one RPC that are open, so that a server that shuts down need not wait for them. Thread-safe.
class OpenStreams {
 public:
  // At most `max` at a time; more get OVERLOADED, which says `too_many`.
  OpenStreams(size_t max, std::string too_many) : max_(max), too_many_(std::move(too_many)) {}

  // Not OK: it is refused.
  absl::Status Admit(const std::shared_ptr<OpenStream>& stream);
  void Forget(const OpenStream* stream);
  // Ends all of them, and every later one, with `status`.
  void EndAll(const absl::Status& status);
  size_t count() const;

 private:
  const size_t max_;
  const std::string too_many_;
  mutable std::mutex mu_;
  std::map<const OpenStream*, std::weak_ptr<OpenStream>> open_;
  absl::Status ended_;
};

// Owns itself from Begin until gRPC says that the stream is over and the last step has returned. One step or one write is under way at a
// time, so what steps use needs no lock.
template <class Response>
class PulledStream : public grpc::ServerWriteReactor<Response>,
                     public OpenStream,
                     public std::enable_shared_from_this<PulledStream<Response>> {
 public:
  // `method`: as metrics name it.
  PulledStream(grpc::CallbackServerContext* context, Calls& calls, OpenStreams& streams, std::string method)
      : context_(context), calls_(calls), streams_(streams), method_(std::move(method)), start_(Monotonic()) {}

  // Starts, or ends at once where it is refused. Returns what gRPC keeps.
  grpc::ServerWriteReactor<Response>* Begin() {
    self_ = this->shared_from_this();
    if (const absl::Status admitted = streams_.Admit(self_); !admitted.ok()) {
      End(admitted);
    } else if (const auto identity = calls_.Authenticate(*context_); !identity.ok()) {
      End(identity.status());
    } else {
      caller_.principal = identity->principal;
      Started();
    }
    return this;
  }

  void End(const absl::Status& status) final {
    std::lock_guard lock(mu_);
    if (finished_) return;
    if (writing_) {
      if (end_.ok()) end_ = status;
      return;
    }
    finished_ = true;
    calls_.metrics()->CallFinished(method_, static_cast<int>(status.code()), Monotonic() - start_);
    this->Finish(ToGrpc(status));
  }

 protected:
  // The caller is known: what comes first. Must not block.
  virtual void Started() = 0;
  // The client took what was written: what comes next. Must not block.
  virtual void Taken() = 0;
  // Nothing more is asked of this one. A step may still be under way.
  virtual void Over() {}

  // Schedules the first step once the read models have seen what `request` says that the caller has (Queries::Await), or ends.
  void AwaitThen(const google::protobuf::Message& request, std::function<void()> step) {
    const auto seen = [self = this->shared_from_this(), step = std::move(step)](const absl::Status& status) {
      status.ok() ? self->Schedule(step) : self->End(status);
    };
    calls_.queries()->Await(caller_, request, TimeLeft(*context_), seen);
  }
  // Runs a step that may block, unless the stream is finished by then.
  void Schedule(std::function<void()> step) {
    bool queued = false;
    {
      // The pool stands as long as a stream is unfinished, and this one stays so for as long as the lock is held.
      std::lock_guard lock(mu_);
      if (finished_) return;
      queued = calls_.pool()->Run([self = this->shared_from_this(), step = std::move(step)] {
        if (!self->finished()) step();
      });
    }
    if (!queued) End(Reject(v1::REASON_OVERLOADED, "too many queries are waiting: try again later"));
  }
  void Write(Response response) {
    std::lock_guard lock(mu_);
    if (finished_) return;
    writing_ = true;
    response_ = std::move(response);
    this->StartWrite(&response_);
  }

  grpc::CallbackServerContext* context() const { return context_; }
  Calls& calls() const { return calls_; }
  const Caller& caller() const { return caller_; }

 private:
  void OnWriteDone(bool ok) final {
    absl::Status end;
    {
      std::lock_guard lock(mu_);
      writing_ = false;
      end = ok ? end_ : absl::CancelledError("the client has gone");
    }
    end.ok() ? Taken() : End(end);
  }
  void OnCancel() final { End(absl::CancelledError("the client stopped the stream")); }
  void OnDone() final {
    streams_.Forget(this);
    Over();
    self_.reset();
  }
  bool finished() {
    std::lock_guard lock(mu_);
    return finished_;
  }

  grpc::CallbackServerContext* const context_;
  Calls& calls_;
  OpenStreams& streams_;
  const std::string method_;
  const absl::Duration start_;
  Caller caller_;
  std::shared_ptr<PulledStream> self_;
  Response response_;

  std::mutex mu_;
  bool writing_ = false;
  bool finished_ = false;
  absl::Status end_;  // How to end after the write under way.
};

}  // namespace parley
