// Which function answers which request: the one list of queries.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <string>

#include "services/query/query.h"

namespace parley {

// Immutable; thread-safe.
class QueryHandlers {
 public:
  QueryHandlers();

  // By the request's type. One that is not listed is a Get or List of resources.
  const QueryHandler& Of(const google::protobuf::Message& request) const;

 private:
  std::map<std::string, QueryHandler> listed_;  // By the request's full name.
  const QueryHandler get_;
  const QueryHandler list_;
};

}  // namespace parley
