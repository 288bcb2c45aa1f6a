// The current state of every resource, joint and private: what Get and List answer.
#pragma once

#include <string>
#include <string_view>

#include "eventstore/base/resource_name.h"
#include "projections/projection.h"

namespace parley {

// Rows: the resource message of each aggregate, evolved by the same function that the deciders rely on.
class ResourcesProjection final : public Projection {
 public:
  static constexpr char kName[] = "resources";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  bool includes_private() const override { return true; }
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override;

  // Key of a resource's row. Those of one collection and owner stand together, in the order of their ids.
  static std::string Key(const ResourceName& name);
  static std::string Prefix(std::string_view collection, std::string_view owner);
};

}  // namespace parley
