// Get and List of every kind of resource, by reflection over their messages:
//   Get<R>Request{name, consistency_token, as_of} -> {R = 1, basis}
//   List<Rs>Request{parent, page_size, page_token, filter, order_by, consistency_token, as_of}
//     -> {repeated R = 1, token = 2, basis}
#pragma once

#include "services/query/query.h"

namespace parley {

absl::Status AnswerGet(const QueryContext& context, const google::protobuf::Message& request,
                       google::protobuf::Message& response);
// The resources of one parent; of relationships, those that the caller may read. An item that is there throughout, and
// does not change in what it is ordered by, is on exactly one page, whatever happens to others in between.
absl::Status AnswerList(const QueryContext& context, const google::protobuf::Message& request,
                        google::protobuf::Message& response);

}  // namespace parley
