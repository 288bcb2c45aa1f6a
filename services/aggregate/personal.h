// Texts about people, which are never stored where they stand: fields with the option `personal` (parley/v1/annotations.proto).
// Found by reflection, so that an area that has some writes no line for it.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/entry.h"
#include "services/aggregate/aggregate.h"

namespace parley {

// What a type of message has of them. tests/domain/personal_test.cc holds all types to these shapes.
struct PersonalFields {
  std::vector<const google::protobuf::FieldDescriptor*> own;     // Its own, singular strings, by number.
  std::vector<const google::protobuf::FieldDescriptor*> below;   // Message fields that have some further down.
  const google::protobuf::FieldDescriptor* person = nullptr;     // The field `person` beside its own, if there is one.
  const google::protobuf::FieldDescriptor* sealed_in = nullptr;  // The field `sealed_in` beside them, likewise.

  bool any() const { return !own.empty() || !below.empty(); }
};

bool IsPersonal(const google::protobuf::FieldDescriptor* field);
// Thread-safe; the same one for ever. Costs a look-up.
const PersonalFields& PersonalFieldsOf(const google::protobuf::Descriptor* message);
inline bool HasPersonal(const google::protobuf::Descriptor* message) { return PersonalFieldsOf(message).any(); }

// Empties every personal field, at any depth.
void ClearPersonal(google::protobuf::Message& message);

// An event as it is recorded, and what was taken out of it.
struct SplitEvent {
  std::shared_ptr<const google::protobuf::Message> event;  // The very one that was handed in, where nothing was.
  std::vector<NewPersonalPart> parts;                      // In the order of the fields' numbers; without their keys.
};

// Takes the personal texts out of an event of `stream`. Empty ones leave no part.
SplitEvent SplitPersonal(const std::shared_ptr<const google::protobuf::Message>& event, const std::string& stream);

// Puts `text` into the event's field of that path ("registered.display_name"), if there is such a personal field.
void SetPersonal(google::protobuf::Message& event, std::string_view path, std::string text);

// The event with something in each field that was sealed: all that a decider may look at is whether a text was given.
std::shared_ptr<const google::protobuf::Message> WithPlaceholders(const RecordedEvent& event);

}  // namespace parley
