#include "services/cli/activity_sender.h"

#include <chrono>
#include <utility>

#include "services/cli/errors.h"

namespace parley {
namespace {

constexpr int kMaxAttempts = 5;
constexpr std::chrono::milliseconds kPause(
    200);  // Before what was turned away is sent again, times the attempts so far.

}  // namespace

ActivitySender::ActivitySender(Client& client, std::string parent, int batch_size, int in_flight)
    : client_(client), parent_(std::move(parent)), batch_size_(batch_size), in_flight_(in_flight) {}

ActivitySender::~ActivitySender() { AwaitRoom(0); }

bool ActivitySender::Add(v1::Activity activity) {
  if (next_ == nullptr) next_ = std::make_shared<Batch>();
  *next_->request.add_activities() = std::move(activity);
  if (next_->request.activities_size() >= batch_size_) Flush();
  std::lock_guard lock(mu_);
  return failure_.ok();
}

grpc::Status ActivitySender::Finish() {
  Flush();
  AwaitRoom(0);
  std::lock_guard lock(mu_);
  return failure_;
}

void ActivitySender::Flush() {
  if (next_ == nullptr) return;
  next_->request.set_parent(parent_);
  next_->request.set_historical(true);
  next_->request.set_request_id(NewRequestId());
  AwaitRoom(in_flight_ - 1);
  {
    std::lock_guard lock(mu_);
    if (!failure_.ok()) return;
    ++under_way_;
  }
  Send(std::exchange(next_, nullptr));
}

void ActivitySender::Send(std::shared_ptr<Batch> batch) {
  const bool patient = batch->attempts++ > 0;
  Batch& sent = *batch;
  client_.Start(sent.request, &sent.response, patient,
                [this, batch](const grpc::Status& status) { Answered(batch, status); });
}

void ActivitySender::Answered(const std::shared_ptr<Batch>& batch, const grpc::Status& status) {
  std::lock_guard lock(mu_);
  if (status.ok()) {
    counts_.recorded += batch->response.recorded_count();
    counts_.duplicates += batch->response.duplicate_count();
    token_ = batch->response.consistency_token();
    --under_way_;
  } else if (ExitCodeOf(status) == kExitUnavailable && batch->attempts < kMaxAttempts && failure_.ok()) {
    again_.push_back(batch);
  } else {
    if (failure_.ok()) failure_ = status;
    --under_way_;
  }
  changed_.notify_all();
}

void ActivitySender::AwaitRoom(int most) {
  std::unique_lock lock(mu_);
  while (under_way_ > most) {
    changed_.wait(lock, [&] { return under_way_ <= most || !again_.empty(); });
    if (again_.empty()) continue;
    std::shared_ptr<Batch> batch = std::move(again_.front());
    again_.pop_front();
    changed_.wait_for(lock, kPause * batch->attempts, [] { return false; });
    lock.unlock();
    Send(std::move(batch));
    lock.lock();
  }
}

ActivitySender::Counts ActivitySender::counts() const {
  std::lock_guard lock(mu_);
  return counts_;
}

std::string ActivitySender::consistency_token() const {
  std::lock_guard lock(mu_);
  return token_;
}

}  // namespace parley
