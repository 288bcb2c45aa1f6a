// Activities on their way to the server, in batches, several of them at a time.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "parley/v1/activity.pb.h"
#include "services/cli/client.h"

namespace parley {

// A batch that gets no answer, or is turned away under load, is sent again under the same request id, a few times. What
// the ledger has already is passed over by source and source id, so that an import may be repeated or taken up again.
// Request ids are new in each run: the answer then counts what this run added, not what an earlier one did. Used by one
// thread.
class ActivitySender {
 public:
  struct Counts {
    int64_t recorded = 0;
    int64_t duplicates = 0;
  };

  // `client` outlives the sender.
  ActivitySender(Client& client, std::string parent, int batch_size, int in_flight);
  // Waits for what is under way.
  ~ActivitySender();

  // Blocks while too much is under way. False: a batch failed for good, and Finish says why.
  bool Add(v1::Activity activity);
  // Sends what is left and waits for every answer.
  grpc::Status Finish();

  Counts counts() const;
  // From one of the answers: stands for at least all that was recorded before this import, not for all of it. Empty where
  // nothing was answered.
  std::string consistency_token() const;

 private:
  struct Batch {
    v1::RecordActivitiesRequest request;
    v1::RecordActivitiesResponse response;
    int attempts = 0;
  };
  void Flush();
  void Send(std::shared_ptr<Batch> batch);
  void Answered(const std::shared_ptr<Batch>& batch, const grpc::Status& status);
  // Until at most `most` batches are under way; sends again what has to be.
  void AwaitRoom(int most);

  Client& client_;
  const std::string parent_;
  const int batch_size_;
  const int in_flight_;
  std::shared_ptr<Batch> next_;

  mutable std::mutex mu_;
  std::condition_variable changed_;
  int under_way_ = 0;  // Those to be sent again included.
  std::deque<std::shared_ptr<Batch>> again_;
  grpc::Status failure_;
  Counts counts_;
  std::string token_;
};

}  // namespace parley
