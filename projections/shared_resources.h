// Resources of one ledger that several read models keep as rows: folded once, and encoded once, for all of them.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/aggregate/aggregate.h"

namespace parley {

// A resource as of its stream's entry `folded`, and how far it was before that. Rows of read models that are equally far share one; to
// the first that folds an event in it is work, to the others it is done. What is only equal by chance is never shared: two folds of
// one stream up to one entry are the same.
struct SharedResource {
  std::unique_ptr<google::protobuf::Message> message;
  std::optional<uint64_t> folded;  // Nothing yet: the stream is new.
  std::optional<uint64_t> before;
  std::optional<std::string> encoded;  // While a batch is put together.

  void Fold(const RecordedEvent& event);
};

class SharedResources {
 public:
  // The resource of the event's stream for a row that is now `message`: one that somebody has already, where it is as far as the row
  // or further by just this event; else one of the row's own.
  std::shared_ptr<SharedResource> Adopt(std::unique_ptr<google::protobuf::Message> message, const RecordedEvent& event);
  // The resource's encoding, until Forget.
  const std::string& Encoded(const std::shared_ptr<SharedResource>& resource);
  void Forget();

 private:
  std::map<std::string, std::weak_ptr<SharedResource>> by_stream_;
  std::vector<std::shared_ptr<SharedResource>> encoded_;
};

}  // namespace parley
