#include "services/aggregate/personal.h"

#include <map>
#include <mutex>
#include <set>

#include "parley/v1/annotations.pb.h"

namespace parley {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Whether a personal field can be reached from `message`; types may contain themselves.
bool Reaches(const Descriptor* message, std::set<const Descriptor*>& seen) {
  if (!seen.insert(message).second) return false;
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    if (IsPersonal(field)) return true;
    if (field->message_type() != nullptr && Reaches(field->message_type(), seen)) return true;
  }
  return false;
}

std::unique_ptr<const PersonalFields> LookAt(const Descriptor* message) {
  auto fields = std::make_unique<PersonalFields>();
  std::map<int, const FieldDescriptor*> own;
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    std::set<const Descriptor*> seen;
    if (IsPersonal(field)) own[field->number()] = field;
    if (field->message_type() != nullptr && Reaches(field->message_type(), seen)) fields->below.push_back(field);
  }
  for (const auto& [number, field] : own) fields->own.push_back(field);
  if (!own.empty()) {
    fields->person = message->FindFieldByName("person");
    fields->sealed_in = message->FindFieldByName("sealed_in");
  }
  return fields;
}

// The message of the event's kind; null where none is set.
const FieldDescriptor* KindOf(const Message& event) {
  const auto* oneof = event.GetDescriptor()->FindOneofByName("kind");
  return oneof ? event.GetReflection()->GetOneofFieldDescriptor(event, oneof) : nullptr;
}

}  // namespace

bool IsPersonal(const FieldDescriptor* field) { return field->options().GetExtension(v1::personal); }

const PersonalFields& PersonalFieldsOf(const Descriptor* message) {
  static std::mutex mu;
  static auto* const known = new std::map<const Descriptor*, std::unique_ptr<const PersonalFields>>;
  // Asked several times for each command: no thread asks the others twice.
  thread_local std::map<const Descriptor*, const PersonalFields*> mine;
  const PersonalFields*& fields = mine[message];
  if (fields != nullptr) return *fields;
  std::lock_guard lock(mu);
  std::unique_ptr<const PersonalFields>& of_all = (*known)[message];
  if (of_all == nullptr) of_all = LookAt(message);
  fields = of_all.get();
  return *fields;
}

void ClearPersonal(Message& message) {
  const PersonalFields& personal = PersonalFieldsOf(message.GetDescriptor());
  const auto* reflection = message.GetReflection();
  for (const FieldDescriptor* field : personal.own) reflection->ClearField(&message, field);
  for (const FieldDescriptor* field : personal.below) {
    if (!field->is_repeated()) {
      if (reflection->HasField(message, field)) ClearPersonal(*reflection->MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      ClearPersonal(*reflection->MutableRepeatedMessage(&message, field, i));
    }
  }
}

SplitEvent SplitPersonal(const std::shared_ptr<const Message>& event, const std::string& stream) {
  const FieldDescriptor* kind = KindOf(*event);
  if (kind == nullptr) return {event, {}};
  const PersonalFields& personal = PersonalFieldsOf(kind->message_type());
  if (personal.own.empty()) return {event, {}};
  SplitEvent split;
  const Message& given = event->GetReflection()->GetMessage(*event, kind);
  const auto* reflection = given.GetReflection();
  std::string person = personal.person ? reflection->GetString(given, personal.person) : "";
  if (person.empty()) person = stream;
  for (const FieldDescriptor* field : personal.own) {
    std::string text = reflection->GetString(given, field);
    if (text.empty()) continue;
    split.parts.push_back({person, kind->name() + "." + field->name(), std::move(text), ""});
  }
  auto bare = std::shared_ptr<Message>(event->New());
  bare->CopyFrom(*event);
  ClearPersonal(*bare->GetReflection()->MutableMessage(bare.get(), kind));
  split.event = std::move(bare);
  return split;
}

void SetPersonal(Message& event, std::string_view path, std::string text) {
  const size_t dot = path.find('.');
  const FieldDescriptor* kind = KindOf(event);
  if (dot == std::string_view::npos || kind == nullptr || kind->name() != path.substr(0, dot)) return;
  for (const FieldDescriptor* field : PersonalFieldsOf(kind->message_type()).own) {
    if (field->name() != path.substr(dot + 1)) continue;
    Message* message = event.GetReflection()->MutableMessage(&event, kind);
    message->GetReflection()->SetString(message, field, std::move(text));
  }
}

std::shared_ptr<const Message> WithPlaceholders(const RecordedEvent& event) {
  if (event.personal.empty()) return event.event;
  auto filled = std::shared_ptr<Message>(event.event->New());
  filled->CopyFrom(*event.event);
  for (const v1::PersonalPart& part : event.personal) SetPersonal(*filled, part.field(), "-");
  return filled;
}

}  // namespace parley
