// The current state of every resource: what Get and List answer. Two read models of one kind of row: what is joint, and what is
// each party's own.
#pragma once

#include <string>
#include <string_view>

#include "eventstore/base/resource_name.h"
#include "projections/projection.h"

namespace parley {

// Rows: the resource message of each aggregate, evolved by the same function that the deciders rely on.
class ResourceRows : public Projection {
 public:
  absl::Status Apply(const RecordedEvent& event, Rows& rows) const override;

  // Key of a resource's row. Those of one collection and owner stand together, in the order of their ids.
  static std::string Key(const ResourceName& name);
  static std::string Prefix(std::string_view collection, std::string_view owner);
  // The read model that has the resources of `owner` (empty: the joint ones).
  static const char* ModelOf(std::string_view owner);
};

class ResourcesProjection final : public ResourceRows {
 public:
  static constexpr char kName[] = "resources";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 2; }
};

class OwnResourcesProjection final : public ResourceRows {
 public:
  static constexpr char kName[] = "own-resources";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  Sees sees() const override { return Sees::kOwn; }
};

}  // namespace parley
