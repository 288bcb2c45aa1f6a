// gRPC for activities: one line per RPC.
#include "parley/v1/activity.grpc.pb.h"
#include "services/activity/activity.h"
#include "services/server/calls.h"
#include "services/server/services.h"

namespace parley {

// The answer is about the batch, not about a resource.
void FillAnswer(const v1::RecordActivitiesRequest& request, const Answer& answer,
                v1::RecordActivitiesResponse* response) {
  response->set_recorded_count(static_cast<int32_t>(answer.entries));
  response->set_duplicate_count(request.activities_size() - static_cast<int32_t>(answer.entries));
}

namespace {

class ActivityServiceImpl final : public v1::ActivityService::CallbackService {
 public:
  explicit ActivityServiceImpl(Calls& calls) : calls_(calls) {}

  PARLEY_COMMAND(Relationship, RecordActivities)
  PARLEY_QUERY(GetActivity)
  PARLEY_QUERY(ListActivities)

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeActivityService(Calls& calls) {
  return std::make_unique<ActivityServiceImpl>(calls);
}

}  // namespace parley
