#include "projections/resources.h"

namespace parley {

std::string ResourceRows::Prefix(std::string_view collection, std::string_view owner) {
  std::string key(collection);
  key.push_back('\0');
  key.append(owner).push_back('\0');
  return key;
}

std::string ResourceRows::Key(const ResourceName& name) { return Prefix(name.collection, name.owner) + name.id; }

const char* ResourceRows::ModelOf(std::string_view owner) {
  return owner.empty() ? ResourcesProjection::kName : OwnResourcesProjection::kName;
}

absl::Status ResourceRows::Apply(const RecordedEvent& event, Rows& rows) const {
  const auto name = ResourceName::Parse(event.info.stream);
  if (!name || name->owner != event.owner || name->collection != event.type->collection) {
    return absl::InternalError("not the name of a resource of its kind and owner: " + event.info.stream);
  }
  const std::string key = Key(*name);
  if (event.type->single_event) {  // There is nothing before it, and nothing after.
    const std::unique_ptr<google::protobuf::Message> resource(event.type->resource->New());
    event.type->evolve(*resource, *event.event, event.info);
    StampResource(*resource, event.info);
    rows.Put(key, *resource);
    return absl::OkStatus();
  }
  rows.FoldMessage(key, event);
  return absl::OkStatus();
}

}  // namespace parley
