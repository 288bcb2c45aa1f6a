// Every kind of aggregate there is. An explicit list: registration by static initialisers would be dropped from static
// libraries.
#include "services/aggregate/aggregate.h"
#include "services/decision/decision.h"
#include "services/relationship/relationship.h"

namespace parley {
namespace {

AggregateType WithSchemas(AggregateType type, std::vector<EventSchema> schemas) {
  type.schemas = std::move(schemas);
  return type;
}

}  // namespace

const std::vector<AggregateType>& Aggregates() {
  static const auto* const kAggregates = new std::vector<AggregateType>{
      Describe<v1::Relationship, v1::RelationshipEvent>("relationships", "relationship"),
      WithSchemas(Describe<v1::Decision, v1::DecisionEvent>("decisions", "decision"), {kDecisionObjectedSchema}),
  };
  return *kAggregates;
}

}  // namespace parley
