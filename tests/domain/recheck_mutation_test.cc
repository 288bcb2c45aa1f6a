// A history in which everything happens is changed in one place at a time. Whatever a rule has a say in, the recheck finds.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "eventstore/base/proto_util.h"
#include "parley/v1/relationship.pb.h"
#include "services/aggregate/personal.h"
#include "services/aggregate/recheck.h"
#include "tests/support/eventful.h"

namespace parley::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const std::vector<Entry>& GoodHistory() {
  static const auto* const entries = [] {
    World world;
    Eventful(world);
    return new std::vector<Entry>(world.entries());
  }();
  return *entries;
}

// The first breach of the history with `changed` in its place; nullopt: none.
std::optional<uint64_t> OffenceWith(const Entry& changed) {
  Rechecker rechecker{LedgerId("acme")};
  for (const Entry& entry : GoodHistory()) {
    const bool here = entry.sequence() == changed.sequence();
    if (!rechecker.Add(here ? changed : entry).ok()) return rechecker.offence();
  }
  if (!rechecker.Finish().ok()) return rechecker.offence();
  return std::nullopt;
}

// A change of an entry that follows from another leaves the command before it incomplete: then that is the offence.
testing::AssertionResult IsFoundAt(const Entry& changed) {
  const auto offence = OffenceWith(changed);
  if (!offence) return testing::AssertionFailure() << "not found: " << changed.record.ShortDebugString();
  const Entry& before = GoodHistory()[changed.sequence() == 0 ? 0 : changed.sequence() - 1];
  const Entry& original = GoodHistory()[changed.sequence()];
  const bool follows = before.record.request_id() == original.record.request_id();
  if (*offence == changed.sequence() || (follows && *offence == before.sequence())) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "found at " << *offence << ", not at " << changed.sequence() << ": "
                                     << changed.record.ShortDebugString();
}

TEST(RecheckMutation, TheHistoryHasEverythingThatCanBeRecorded) {
  std::set<std::string> recorded;
  for (const Entry& entry : GoodHistory()) recorded.insert(entry.record.event_type());
  for (const AggregateType& type : Aggregates()) {
    for (int i = 0; i < type.event->GetDescriptor()->field_count(); ++i) {
      const std::string event_type = std::string(type.prefix) + "." + type.event->GetDescriptor()->field(i)->name();
      EXPECT_TRUE(recorded.contains(event_type)) << event_type;
    }
  }
}

// Anybody may open a relationship, and whoever accepts for a party may, or may not, say so beforehand: these come to the same.
bool IsAsGood(const Entry& changed) {
  const std::string& type = changed.record.event_type();
  if (type == "relationship.established") return changed.record.actor() == "mallory";
  if (type != "relationship.party_accepted") return false;
  v1::RelationshipEvent event;
  return event.ParseFromString(changed.record.event()) && changed.record.party() == event.party_accepted().party_id();
}

// Who did it, for whom, by what right, when, and from what it follows.
TEST(RecheckMutation, NothingOfWhatARecordSaysOfItsCommandCanBeChanged) {
  const std::map<std::string, std::function<void(Entry&)>> changes = {
      {"a stranger", [](Entry& e) { e.record.set_actor("mallory"); }},
      {"the system", [](Entry& e) { e.record.set_actor(e.record.actor() == kSystemActor ? "bea" : "system"); }},
      {"another party", [](Entry& e) { e.record.set_party(e.record.party() == "buyer" ? "provider" : "buyer"); }},
      {"another role", [](Entry& e) { e.record.set_role("king"); }},
      {"for a stranger", [](Entry& e) { e.record.set_on_behalf_of("mallory"); }},
      {"in the future",
       [](Entry& e) { e.record.mutable_effective_at()->set_seconds(e.header.recorded_at().seconds() + 1); }},
      {"from elsewhere", [](Entry& e) { e.record.set_caused_by(e.record.caused_by() + 1); }},
      {"before the one before", [](Entry& e) { *e.header.mutable_recorded_at() = ToProto(Epoch() - absl::Hours(1)); }},
  };
  for (const auto& [name, change] : changes) {
    for (const Entry& entry : GoodHistory()) {
      if (name == "before the one before" && entry.sequence() == 0) continue;
      Entry changed = entry;
      change(changed);
      if (IsAsGood(changed)) {
        EXPECT_EQ(OffenceWith(changed), std::nullopt) << name;
      } else {
        EXPECT_TRUE(IsFoundAt(changed)) << name;
      }
    }
  }
}

// Whose the texts about people are, and where they belong; and that they do not stand in the open.
TEST(RecheckMutation, TextsAboutPeopleAreWhereTheyBelong) {
  int personal = 0;
  for (const Entry& entry : GoodHistory()) {
    if (entry.record.personal_parts().empty()) continue;
    ++personal;
    Entry another = entry, elsewhere = entry, open = entry;
    another.record.mutable_personal_parts(0)->set_person("relationships/acme/persons/erin");
    EXPECT_TRUE(IsFoundAt(another));
    elsewhere.record.mutable_personal_parts(0)->set_field("erased.reason");
    EXPECT_TRUE(IsFoundAt(elsewhere));
    const auto decoded = DecodeEvent(entry);
    ASSERT_TRUE(decoded.ok());
    open.record.set_event(Canonical(*WithPlaceholders(*decoded)));
    EXPECT_TRUE(IsFoundAt(open));
  }
  EXPECT_GE(personal, 3);
}

// What Decide works out by itself. Paths into the event message.
const char* const kComputed[] = {
    "relationship.party_accepted.party_id",
    "relationship.charter_proposed.version",
    "relationship.charter_adopted.party_id",
    "relationship.charter_adopted.binding",
    "relationship.charter_amended.from_version",
    "relationship.charter_amended.to_version",
    "relationship.stage_changed.from",
    "decision.proposed.charter_version",
    "decision.decided.review_due_time",
    "decision.overridden.review_due_time",
    "decision.review_due.due_time",
    "decision.supersedes.decision",
    "objective.ranked.party_id",
    "objective.endorsed.party_id",
    "metric.definition_proposed.version",
    "metric.definition_agreed.party_id",
    "metric.definition_agreed.effective",
    "metric.definition_agreed.supersedes",
    "metric.definition_agreed.report_window",
    "metric.definition_agreed.first_awaited_period",
    "metric.reported.late",
    "metric.corrected.prior",
    "metric.adjustment_recorded.version",
    "metric.adjustment_recorded.prior",
    "metric.adjustment_recorded.inputs",
    "metric.adjustment_recorded.rating",
    "metric.contest_settlement_proposed.settlement",
    "metric.contest_settled.measurement",
    "metric.rated.version",
    "metric.rated.period",
    "metric.rated.revision",
    "metric.rated.inputs",
    "metric.rated.rating",
    "metric.perception_surveyed.party_id",
    "metric.report_missing.version",
    "metric.report_missing.period",
    "metric.report_missing.due_time",
    "metric.reports_no_longer_awaited.period",
    "dispute.raised.charter_version",
    "dispute.raised.acknowledge_due_time",
    "dispute.acknowledged.late",
    "dispute.joint_statement_agreed.text",
    "dispute.escalated.skipped_tier_ids",
    "dispute.escalated.early",
    "dispute.escalated.window_due_time",
    "dispute.window_expired.tier_id",
    "dispute.window_expired.due_time",
    "dispute.style_switched.from",
    "dispute.neutral_appointed.principal",
    "dispute.neutral_appointed.binding",
    "dispute.settlement_proposed.number",
    "dispute.resolved.determined",
    "dispute.reopened.window_due_time",
    "key.registered.previous",
    "key.replaced.by",
};

// Another value of whatever kind.
void Alter(Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  if (field->is_repeated()) {
    ASSERT_EQ(field->cpp_type(), FieldDescriptor::CPPTYPE_STRING);
    reflection->AddString(&message, field, "one-more");
    return;
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->SetString(&message, field, reflection->GetString(message, field) + "x");
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(&message, field, reflection->GetInt32(message, field) + 1);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->SetInt64(&message, field, reflection->GetInt64(message, field) + 1);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(&message, field, !reflection->GetBool(message, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->SetEnumValue(&message, field, reflection->GetEnumValue(message, field) == 1 ? 2 : 1);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      Message* child = reflection->MutableMessage(&message, field);
      return Alter(*child, child->GetDescriptor()->field(0));
    }
    default:
      FAIL() << field->full_name();
  }
}

TEST(RecheckMutation, NothingThatIsWorkedOutCanBeChanged) {
  for (const std::string path : kComputed) {
    const size_t dot = path.rfind('.');
    int found = 0;
    for (const Entry& entry : GoodHistory()) {
      if (entry.record.event_type() != path.substr(0, dot)) continue;
      ++found;
      const auto decoded = DecodeEvent(entry);
      ASSERT_TRUE(decoded.ok());
      std::unique_ptr<Message> event(decoded->event->New());
      event->CopyFrom(*decoded->event);
      const auto* kind = event->GetDescriptor()->FindFieldByName(decoded->kind);
      Message* message = event->GetReflection()->MutableMessage(event.get(), kind);
      const auto* field = message->GetDescriptor()->FindFieldByName(path.substr(dot + 1));
      ASSERT_NE(field, nullptr) << path;
      Alter(*message, field);
      Entry changed = entry;
      changed.record.set_event(Canonical(*event));
      EXPECT_TRUE(IsFoundAt(changed)) << path;
    }
    EXPECT_GT(found, 0) << path;
  }
}

// A field that nobody knows would be stored unread.
TEST(RecheckMutation, NothingIsAddedThatNobodyReads) {
  for (const Entry& entry : GoodHistory()) {
    const auto decoded = DecodeEvent(entry);
    ASSERT_TRUE(decoded.ok());
    std::unique_ptr<Message> event(decoded->event->New());
    event->CopyFrom(*decoded->event);
    const auto* kind = event->GetDescriptor()->FindFieldByName(decoded->kind);
    Message* message = event->GetReflection()->MutableMessage(event.get(), kind);
    message->GetReflection()->MutableUnknownFields(message)->AddVarint(5000, 1);
    Entry changed = entry;
    changed.record.set_event(Canonical(*event));
    EXPECT_TRUE(IsFoundAt(changed));
  }
}

}  // namespace
}  // namespace parley::test
