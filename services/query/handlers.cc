#include "services/query/handlers.h"

#include "projections/resources.h"
#include "services/query/dashboards.h"
#include "services/query/resource_query.h"
#include "services/query/timeline.h"

namespace parley {

QueryHandlers::QueryHandlers()
    : get_{{ResourcesProjection::kName, OwnResourcesProjection::kName}, AnswerGet},
      list_{{ResourcesProjection::kName, OwnResourcesProjection::kName}, AnswerList} {
  AddDashboards(listed_);
  AddTimeline(listed_);
}

const QueryHandler& QueryHandlers::Of(const google::protobuf::Message& request) const {
  const auto it = listed_.find(request.GetDescriptor()->full_name());
  if (it != listed_.end()) return it->second;
  return request.GetDescriptor()->name().starts_with("List") ? list_ : get_;
}

}  // namespace parley
