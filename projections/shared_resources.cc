#include "projections/shared_resources.h"

#include "absl/strings/numbers.h"
#include "eventstore/base/proto_util.h"

namespace parley {
namespace {

using google::protobuf::Message;

// By its etag, which every resource has as field 2: the sequence of the stream's latest entry.
std::optional<uint64_t> FoldedUpTo(const Message& resource) {
  std::string scratch;
  const auto* field = resource.GetDescriptor()->FindFieldByNumber(2);
  uint64_t sequence = 0;
  if (!absl::SimpleAtoi(resource.GetReflection()->GetStringReference(resource, field, &scratch), &sequence)) {
    return std::nullopt;
  }
  return sequence;
}

}  // namespace

void SharedResource::Fold(const RecordedEvent& event) {
  if (folded == event.info.sequence) return;
  event.type->evolve(*message, *event.event, event.info);
  StampResource(*message, event.info);
  before = folded;
  folded = event.info.sequence;
}

std::shared_ptr<SharedResource> SharedResources::Adopt(std::unique_ptr<Message> message, const RecordedEvent& event) {
  const std::optional<uint64_t> row = FoldedUpTo(*message);
  std::weak_ptr<SharedResource>& known = by_stream_[event.info.stream];
  if (const auto other = known.lock()) {
    if (other->folded == row || (other->folded == event.info.sequence && other->before == row)) return other;
  }
  auto own = std::make_shared<SharedResource>(SharedResource{.message = std::move(message), .folded = row});
  if (known.expired()) known = own;
  return own;
}

const std::string& SharedResources::Encoded(const std::shared_ptr<SharedResource>& resource) {
  if (!resource->encoded) {
    resource->encoded = Canonical(*resource->message);
    encoded_.push_back(resource);
  }
  return *resource->encoded;
}

void SharedResources::Forget() {
  for (const auto& resource : encoded_) resource->encoded.reset();
  encoded_.clear();
}

}  // namespace parley
