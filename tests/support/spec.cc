#include "tests/support/spec.h"

#include <google/protobuf/util/message_differencer.h>

#include "eventstore/base/status.h"
#include "services/command/request.h"

namespace parley::test {
namespace {

using google::protobuf::util::MessageDifferencer;

void Fail(const std::source_location& where, const std::string& message) {
  ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line())) << message;
}

std::string Outcome(const absl::StatusOr<std::vector<RecordedEvent>>& outcome) {
  return outcome.ok() ? Describe(*outcome) : "  " + outcome.status().ToString() + "\n";
}

}  // namespace

void SpecBase::GivenCommand(const Command& command, Where where) {
  const auto given = world_.Run(command);
  if (!given.ok()) Fail(where, "what is given was refused: " + command.method + "\n" + Outcome(given));
}

void SpecBase::GivenEvent(const std::string& stream, const google::protobuf::Message& event, Where where) {
  const auto given = world_.Record(stream, event);
  if (!given.ok()) Fail(where, "what is given cannot be recorded\n" + Outcome(given));
}

void SpecBase::WhenCommand(const Command& command) {
  const auto target = TargetOf(*command.request, *command.type);
  target_ = target.ok() ? target->stream : "";
  outcome_ = world_.Run(command);
}

void SpecBase::WhenSettled(absl::Time now) {
  world_.AdvanceTo(now);
  outcome_ = world_.Settle();
  if (outcome_.ok() && !outcome_->empty()) target_ = outcome_->back().info.stream;
}

void SpecBase::CheckEvents(const std::vector<std::string>& expected, Where where) const {
  if (!outcome_.ok() || outcome_->size() != expected.size()) {
    return Fail(where, absl::StrCat("expected ", expected.size(), " events, got\n", Outcome(outcome_)));
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    const RecordedEvent& event = (*outcome_)[i];
    std::unique_ptr<google::protobuf::Message> wanted(event.event->New());
    ParseTextInto(expected[i], *wanted);
    std::string differences;
    MessageDifferencer differencer;
    differencer.ReportDifferencesToString(&differences);
    if (!differencer.Compare(*wanted, *event.event)) {
      Fail(where,
           absl::StrCat("event ", i, " of\n", Outcome(outcome_), "differs from what was expected:\n", differences));
    }
  }
}

void SpecBase::CheckRejected(v1::Reason reason, Where where) const {
  if (outcome_.ok()) return Fail(where, "expected " + v1::Reason_Name(reason) + ", got\n" + Outcome(outcome_));
  if (ReasonOf(outcome_.status()) != reason) {
    Fail(where, "expected " + v1::Reason_Name(reason) + ", got " + v1::Reason_Name(ReasonOf(outcome_.status())) + "\n" +
                    Outcome(outcome_));
  }
}

void SpecBase::CheckState(const google::protobuf::Message& expected, const std::string& name, Where where) const {
  const auto* state = world_.state().Find(name);
  if (state == nullptr || state->GetDescriptor() != expected.GetDescriptor()) return Fail(where, "there is no " + name);
  std::string differences;
  MessageDifferencer differencer;
  differencer.set_scope(MessageDifferencer::PARTIAL);
  differencer.ReportDifferencesToString(&differences);
  if (!differencer.Compare(expected, *state)) {
    Fail(where, "the state of " + name + " differs from what was expected:\n" + differences + state->DebugString());
  }
}

}  // namespace parley::test
