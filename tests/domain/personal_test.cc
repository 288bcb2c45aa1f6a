#include "services/aggregate/personal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "parley/v1/decision.pb.h"
#include "parley/v1/person.pb.h"
#include "tests/support/world.h"

namespace parley::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kDana[] = "relationships/acme/persons/dana";

template <class E>
std::shared_ptr<const Message> Event(std::string_view text) {
  return std::make_shared<const E>(Parse<E>(text));
}

TEST(Personal, IsTakenOutOfAnEvent) {
  const auto event = Event<v1::PersonEvent>("registered { party_id: 'p' display_name: 'Dana' phone: '+1' }");
  const SplitEvent split = SplitPersonal(event, kDana);
  EXPECT_EQ(split.event->ShortDebugString(), "registered { party_id: \"p\" }");
  ASSERT_EQ(split.parts.size(), 2u);  // No email was given: there is nothing to seal.
  EXPECT_EQ(split.parts[0].person, kDana);
  EXPECT_EQ(split.parts[0].field, "registered.display_name");
  EXPECT_EQ(split.parts[0].content, "Dana");
  EXPECT_EQ(split.parts[1].field, "registered.phone");
  EXPECT_EQ(split.parts[1].content, "+1");
  EXPECT_EQ(static_cast<const v1::PersonEvent&>(*event).registered().display_name(), "Dana");
}

TEST(Personal, EventsWithoutAnyAreLeftAlone) {
  const auto decided = Event<v1::DecisionEvent>("decided { option_id: 'yes' }");
  EXPECT_EQ(SplitPersonal(decided, "relationships/acme/decisions/d1").event, decided);
  const auto erased = Event<v1::PersonEvent>("erased { reason: 'r' }");
  EXPECT_EQ(SplitPersonal(erased, kDana).event, erased);
  EXPECT_FALSE(HasPersonal(v1::DecisionEvent::descriptor()));
  EXPECT_TRUE(HasPersonal(v1::PersonEvent::descriptor()));
}

TEST(Personal, IsClearedAtAnyDepth) {
  auto person = Parse<v1::Person>(
      "name: 'n' display_name: 'Dana' comments { principal: 'bill' text: 'late' } comments { text: 'later' }");
  ClearPersonal(person);
  EXPECT_EQ(person.ShortDebugString(), "name: \"n\" comments { principal: \"bill\" } comments { }");
}

TEST(Personal, IsPutBackByPath) {
  auto event = Parse<v1::PersonEvent>("commented { }");
  SetPersonal(event, "commented.text", "late");
  EXPECT_EQ(event.commented().text(), "late");
  // Paths of other kinds, or of none, touch nothing.
  for (const char* path : {"registered.display_name", "commented.reason", "commented", "text", ""}) {
    SetPersonal(event, path, "x");
  }
  EXPECT_EQ(event.ShortDebugString(), "commented { text: \"late\" }");
}

TEST(Personal, PlaceholdersStandWhereTextsStood) {
  RecordedEvent recorded{AggregateOfCollection("persons"), Event<v1::PersonEvent>("registered { party_id: 'p' }")};
  EXPECT_EQ(WithPlaceholders(recorded), recorded.event);
  recorded.personal.emplace_back().set_field("registered.phone");
  const auto filled = WithPlaceholders(recorded);
  const auto& registered = static_cast<const v1::PersonEvent&>(*filled).registered();
  EXPECT_NE(registered.phone(), "");
  EXPECT_EQ(registered.email(), "");
  EXPECT_EQ(registered.party_id(), "p");
}

// Every type below `message`, itself included.
void AllBelow(const Descriptor* message, std::set<const Descriptor*>& seen) {
  if (!seen.insert(message).second) return;
  for (int i = 0; i < message->field_count(); ++i) {
    if (message->field(i)->message_type() != nullptr) AllBelow(message->field(i)->message_type(), seen);
  }
}

// What sealing and revealing rely on, held for whatever kinds there are.
TEST(Personal, FieldsHaveTheShapesThatAreReliedOn) {
  int found = 0;
  for (const AggregateType& type : Aggregates()) {
    std::set<std::string> revealed;
    std::set<const Descriptor*> resource;
    AllBelow(type.resource->GetDescriptor(), resource);
    for (const Descriptor* message : resource) {
      const PersonalFields& personal = PersonalFieldsOf(message);
      for (const FieldDescriptor* field : personal.own) {
        SCOPED_TRACE(field->full_name());
        EXPECT_EQ(field->type(), FieldDescriptor::TYPE_STRING);
        EXPECT_FALSE(field->is_repeated());
        ASSERT_NE(personal.sealed_in, nullptr) << "where is it to be revealed from?";
        EXPECT_EQ(personal.sealed_in->type(), FieldDescriptor::TYPE_UINT64);
        revealed.insert(field->name());
      }
    }
    std::set<const Descriptor*> kinds, events;
    for (int i = 0; i < type.event->GetDescriptor()->field_count(); ++i) {
      kinds.insert(type.event->GetDescriptor()->field(i)->message_type());
    }
    AllBelow(type.event->GetDescriptor(), events);
    for (const Descriptor* message : events) {
      for (const FieldDescriptor* field : PersonalFieldsOf(message).own) {
        SCOPED_TRACE(field->full_name());
        EXPECT_TRUE(kinds.contains(message)) << "only what stands in the kind's own message is sealed";
        EXPECT_EQ(field->type(), FieldDescriptor::TYPE_STRING);
        EXPECT_FALSE(field->is_repeated());
        EXPECT_TRUE(revealed.contains(field->name())) << "nothing ever shows it";
        ++found;
      }
    }
  }
  EXPECT_GE(found, 7);
}

}  // namespace
}  // namespace parley::test
