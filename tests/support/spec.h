// Given / when / then over one ledger:
//
//   Spec<v1::Decision>()
//       .Given(Chartered)                                      // a fixture: void(World&)
//       .By("petra").Given(Proposal("d1"))                     // a command, which must be accepted
//       .By("bill").When(Parse<v1::DecideDecisionRequest>(R"(name: "…/d1" option_id: "yes")"))
//       .Then({"decided { option_id: 'yes' }"})                // exactly these events, as text
//       .ThenState("state: DECISION_STATE_DECIDED");           // at least these fields of the resource
//
// Time stands still unless After() moves it; WhenTimePasses() lets deadlines fall due. Refusals are compared by reason.
// A failure is reported at the line of the test that it is about.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "parley/v1/decision.pb.h"
#include "parley/v1/errors.pb.h"
#include "parley/v1/relationship.pb.h"
#include "services/decision/decision.h"
#include "services/relationship/relationship.h"
#include "tests/support/world.h"

namespace parley::test {

// Whether R has a rule for Request.
template <class R, class Request>
concept Decides = requires(const R& r, const Request& q, const Context& c) {
  Decide(r, q, c);
};

// The command that a request is, of the first of the resource kinds that has a rule for it.
template <class Request, class R, class... Others>
Command CommandFor(const Request& request) {
  if constexpr (Decides<R, Request>) {
    return MakeCommand<R>(std::make_shared<const Request>(request));
  } else {
    static_assert(sizeof...(Others) > 0, "no kind of resource that this spec knows has a rule for this request");
    return CommandFor<Request, Others...>(request);
  }
}

// What does not depend on the kind of resource.
class SpecBase {
 public:
  using Where = std::source_location;

  World& world() { return world_; }

 protected:
  explicit SpecBase(Where where) : where_(where) {}
  void GivenCommand(const Command& command, Where where);
  void GivenEvent(const std::string& stream, const google::protobuf::Message& event, Where where);
  void WhenCommand(const Command& command);
  void WhenSettled(absl::Time now);
  void CheckEvents(const std::vector<std::string>& expected, Where where) const;
  void CheckRejected(v1::Reason reason, Where where) const;
  void CheckState(const google::protobuf::Message& expected, const std::string& name, Where where) const;

  World world_;
  Where where_;
  std::string target_;  // Of the latest When.
  absl::StatusOr<std::vector<RecordedEvent>> outcome_ = std::vector<RecordedEvent>();
};

// R: the kind of resource under test. Others: further kinds whose commands are given.
template <class R, class... Others>
class Spec : public SpecBase {
 public:
  explicit Spec(Where where = Where::current()) : SpecBase(where) {}

  // Who acts from here on.
  Spec& By(std::string_view principal, std::string_view party = "") {
    world_.Act(principal, party);
    return *this;
  }
  // Moves time; what falls due is settled before the next command.
  Spec& After(absl::Duration duration) {
    world_.AdvanceTo(world_.now() + duration);
    return *this;
  }

  Spec& Given(const std::function<void(World&)>& fixture, Where where = Where::current()) {
    fixture(world_);
    return *this;
  }
  template <class Request>
  requires std::derived_from<Request, google::protobuf::Message> Spec& Given(const Request& request,
                                                                             Where where = Where::current()) {
    GivenCommand(CommandFor<Request, R, Others..., v1::Relationship, v1::Decision>(request), where);
    return *this;
  }
  // An event that is in the record, however it got there.
  Spec& GivenEvent(const std::string& stream, const google::protobuf::Message& event, Where where = Where::current()) {
    SpecBase::GivenEvent(stream, event, where);
    return *this;
  }

  template <class Request>
  Spec& When(const Request& request) {
    WhenCommand(CommandFor<Request, R, Others..., v1::Relationship, v1::Decision>(request));
    return *this;
  }
  // The deadlines that are due by then are what happens.
  Spec& WhenTimePasses(absl::Duration duration) {
    WhenSettled(world_.now() + duration);
    return *this;
  }

  // Exactly these events, in order, each as the text form of the event message of its stream's kind.
  Spec& Then(const std::vector<std::string>& events, Where where = Where::current()) {
    CheckEvents(events, where);
    return *this;
  }
  Spec& ThenNothing(Where where = Where::current()) { return Then({}, where); }
  Spec& ThenRejected(v1::Reason reason, Where where = Where::current()) {
    CheckRejected(reason, where);
    return *this;
  }
  // The resource has at least these fields, repeated ones in full. Without a name: the one that the latest When was
  // about.
  Spec& ThenState(std::string_view fields, const std::string& name = "", Where where = Where::current()) {
    CheckState(Parse<R>(fields), name.empty() ? target_ : name, where);
    return *this;
  }
};

}  // namespace parley::test
