// Every gRPC service there is: the one list.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "services/server/calls.h"

namespace parley {

// Each area's is defined beside its decider, in services/<area>/<area>_service.cc.
std::unique_ptr<grpc::Service> MakeRelationshipService(Calls& calls);
std::unique_ptr<grpc::Service> MakeDecisionService(Calls& calls);
std::unique_ptr<grpc::Service> MakeObjectiveService(Calls& calls);
std::unique_ptr<grpc::Service> MakeMetricService(Calls& calls);
std::unique_ptr<grpc::Service> MakeDisputeService(Calls& calls);
std::unique_ptr<grpc::Service> MakeActivityService(Calls& calls);
std::unique_ptr<grpc::Service> MakeKeyService(Calls& calls);
std::unique_ptr<grpc::Service> MakePersonService(Calls& calls);
std::unique_ptr<grpc::Service> MakeDashboardService(Calls& calls);

// As the server offers them; the timeline, which streams, and the development service stand apart in server.cc.
inline constexpr std::unique_ptr<grpc::Service> (*kServices[])(Calls&) = {
    MakeRelationshipService, MakeDecisionService, MakeObjectiveService, MakeMetricService,    MakeDisputeService,
    MakeActivityService,     MakeKeyService,      MakePersonService,    MakeDashboardService,
};

}  // namespace parley
