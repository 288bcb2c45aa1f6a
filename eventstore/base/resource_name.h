// Resource names, as the API Improvement Proposals have them (AIP-122):
//   relationships/{relationship}                                  the ledger's root
//   relationships/{relationship}/{collection}/{id}                joint
//   relationships/{relationship}/parties/{party}/{collection}/{id}  one party's own
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/ids.h"

namespace parley {

struct ResourceName {
  LedgerId ledger;
  std::string owner;       // Party id of a party's own resource; empty: joint.
  std::string collection;  // "relationships" for the root.
  std::string id;          // The ledger's id for the root.

  // nullopt where `name` is not of one of the three forms or an id is malformed.
  static std::optional<ResourceName> Parse(std::string_view name);
  std::string str() const;
  bool operator==(const ResourceName&) const = default;
};

// "relationships/{r}" or "relationships/{r}/parties/{p}": where a new resource may be made.
struct ParentName {
  LedgerId ledger;
  std::string owner;

  static std::optional<ParentName> Parse(std::string_view name);
  std::string Child(std::string_view collection, std::string_view id) const;
};

// An id that a client may choose: 1 to 63 characters of [a-z0-9-], neither first nor last a hyphen.
bool IsSlug(std::string_view text);

// An id as it may stand in a name: 1 to 128 characters of [A-Za-z0-9._~-]. Ids taken over from other systems fit here.
bool IsResourceId(std::string_view text);

// A principal's handle: [a-z0-9][a-z0-9._@-]{0,62}. Handles are pseudonyms, never names of people.
bool IsHandle(std::string_view text);

}  // namespace parley
