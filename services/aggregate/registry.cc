// Every kind of aggregate there is. An explicit list: registration by static initialisers would be dropped from static
// libraries.
#include "services/activity/activity.h"
#include "services/aggregate/aggregate.h"
#include "services/aggregate/recheck.h"
#include "services/decision/decision.h"
#include "services/digest/digest.h"
#include "services/dispute/dispute.h"
#include "services/key/key.h"
#include "services/metric/metric.h"
#include "services/objective/objective.h"
#include "services/person/person.h"
#include "services/relationship/relationship.h"

namespace parley {
namespace {

// Builds an AggregateType from an area's free functions. It stands here, after every area's header: resources live in
// parley::v1, so that argument-dependent lookup alone would not find the functions of namespace parley, and an area's
// deadlines would be left out without a word.
template <class R, class E>
AggregateType Describe(std::string_view collection, std::string_view prefix) {
  AggregateType type{collection, prefix, &R::default_instance(), &E::default_instance()};
  type.evolve = [](google::protobuf::Message& state, const google::protobuf::Message& event, const EventInfo& info) {
    Evolve(static_cast<R&>(state), static_cast<const E&>(event), info);
  };
  type.redecide = [](const google::protobuf::Message& state, const RecordedCommand& recorded, const Context& context) {
    return Redecide(static_cast<const R&>(state), recorded, context);
  };
  if constexpr (requires(const R& r) { Deadlines(r); }) {
    type.deadlines = [](const google::protobuf::Message& state) { return Deadlines(static_cast<const R&>(state)); };
    type.expire = [](const google::protobuf::Message& state, const Deadline& deadline, const Context& context) {
      return Expire(static_cast<const R&>(state), deadline, context);
    };
  }
  if constexpr (requires(E & e) { Upcast(e, uint32_t{1}); }) {
    type.upcast = [](google::protobuf::Message& event, uint32_t from) { Upcast(static_cast<E&>(event), from); };
  }
  if constexpr (requires(const R& r) { BlocksExit(r); }) {
    type.blocks_exit = [](const google::protobuf::Message& state) { return BlocksExit(static_cast<const R&>(state)); };
  }
  return type;
}

AggregateType WithSchemas(AggregateType type, std::vector<EventSchema> schemas) {
  type.schemas = std::move(schemas);
  return type;
}

AggregateType MayBePrivate(AggregateType type) {
  type.may_be_private = true;
  return type;
}

AggregateType SingleEvent(AggregateType type) {
  type.single_event = true;
  return type;
}

}  // namespace

const std::vector<AggregateType>& Aggregates() {
  static const auto* const kAggregates = new std::vector<AggregateType>{
      Describe<v1::Relationship, v1::RelationshipEvent>("relationships", "relationship"),
      WithSchemas(Describe<v1::Decision, v1::DecisionEvent>("decisions", "decision"), {kDecisionObjectedSchema}),
      Describe<v1::Dispute, v1::DisputeEvent>("disputes", "dispute"),
      MayBePrivate(Describe<v1::Objective, v1::ObjectiveEvent>("objectives", "objective")),
      Describe<v1::Metric, v1::MetricEvent>("metrics", "metric"),
      SingleEvent(Describe<v1::Activity, v1::ActivityEvent>("activities", "activity")),
      SingleEvent(Describe<v1::Digest, v1::DigestEvent>("digests", "digest")),
      Describe<v1::Key, v1::KeyEvent>("keys", "key"),
      MayBePrivate(Describe<v1::Person, v1::PersonEvent>("persons", "person")),
  };
  return *kAggregates;
}

}  // namespace parley
