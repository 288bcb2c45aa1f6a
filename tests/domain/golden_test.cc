// Stored events that every later build must read: tests/golden/<event type>.v<schema version>.txt has the bytes of an
// entry as it was stored, the event that it means today, and the resource that follows from it alone. Added to, never
// edited: PARLEY_ADD_GOLDENS=1 writes those that are missing and leaves the others alone.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "eventstore/base/proto_util.h"
#include "services/aggregate/personal.h"
#include "tests/support/golden.h"
#include "tests/support/world.h"

namespace parley::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const std::filesystem::path kFolder = GoldenFolder();

// Under which the goldens' texts about people are sealed.
const std::string kPersonKey(32, 'k');

// An event type at one schema version.
struct Stored {
  const AggregateType* type;
  std::string kind;
  uint32_t version;

  std::string event_type() const { return absl::StrCat(std::string(type->prefix), ".", kind); }
  std::filesystem::path path() const { return kFolder / absl::StrCat(event_type(), ".v", version, ".txt"); }
  std::string stream() const {
    const std::string root = "relationships/acme";
    return type->collection == "relationships" ? root : absl::StrCat(root, "/", std::string(type->collection), "/one");
  }
};

std::vector<Stored> EverythingStored() {
  std::vector<Stored> all;
  for (const AggregateType& type : Aggregates()) {
    const auto* event = type.event->GetDescriptor();
    for (int i = 0; i < event->field_count(); ++i) {
      for (uint32_t version = 1; version <= type.SchemaVersion(event->field(i)->name()); ++version) {
        all.push_back({&type, event->field(i)->name(), version});
      }
    }
  }
  return all;
}

// What was stored before the present schema: cannot be made up from it.
const std::map<std::string, std::string>& FormerEvents() {
  static const auto* const events = new std::map<std::string, std::string>{
      {"decision.objected.v1", "objected { ground_v1: 'security' text: 'The data leaves the country.' }"},
  };
  return *events;
}

// Fields of earlier schemas are called <name>_v<version>.
bool IsFormer(const FieldDescriptor& field) {
  const std::string& name = field.name();
  return name.size() > 3 && name[name.size() - 3] == '_' && name[name.size() - 2] == 'v';
}

// Puts something into every field, twice into repeated ones.
void Fill(Message& message) {
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (IsFormer(*field)) continue;
    const FieldDescriptor* choice = field->real_containing_oneof()
                                        ? reflection->GetOneofFieldDescriptor(message, field->real_containing_oneof())
                                        : nullptr;
    if (choice != nullptr) continue;  // The first of a choice is as good as any.
    for (int n = 0; n < (field->is_repeated() ? 2 : 1); ++n) {
      const int number = field->number() + n;
      const bool many = field->is_repeated();
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_STRING: {
          const std::string text = field->name() + (many ? std::to_string(n) : "");
          many ? reflection->AddString(&message, field, text) : reflection->SetString(&message, field, text);
          break;
        }
        case FieldDescriptor::CPPTYPE_ENUM: {
          const int value = field->enum_type()->value(1)->number();
          many ? reflection->AddEnumValue(&message, field, value) : reflection->SetEnumValue(&message, field, value);
          break;
        }
        case FieldDescriptor::CPPTYPE_BOOL:
          many ? reflection->AddBool(&message, field, true) : reflection->SetBool(&message, field, true);
          break;
        case FieldDescriptor::CPPTYPE_INT32:
          many ? reflection->AddInt32(&message, field, number) : reflection->SetInt32(&message, field, number);
          break;
        case FieldDescriptor::CPPTYPE_INT64:
          many ? reflection->AddInt64(&message, field, number) : reflection->SetInt64(&message, field, number);
          break;
        case FieldDescriptor::CPPTYPE_UINT32:
          many ? reflection->AddUInt32(&message, field, number) : reflection->SetUInt32(&message, field, number);
          break;
        case FieldDescriptor::CPPTYPE_UINT64:
          many ? reflection->AddUInt64(&message, field, number) : reflection->SetUInt64(&message, field, number);
          break;
        case FieldDescriptor::CPPTYPE_MESSAGE:
          Fill(many ? *reflection->AddMessage(&message, field) : *reflection->MutableMessage(&message, field));
          break;
        case FieldDescriptor::CPPTYPE_DOUBLE:
        case FieldDescriptor::CPPTYPE_FLOAT:
          ADD_FAILURE() << field->full_name() << " is inexact";
      }
    }
  }
}

std::shared_ptr<const Message> Sample(const Stored& stored) {
  std::shared_ptr<Message> event(stored.type->event->New());
  const auto former = FormerEvents().find(absl::StrCat(stored.event_type(), ".v", stored.version));
  if (former != FormerEvents().end()) {
    ParseTextInto(former->second, *event);
    return event;
  }
  EXPECT_EQ(stored.version, stored.type->SchemaVersion(stored.kind)) << "FormerEvents() lacks " << stored.event_type();
  const auto* field = event->GetDescriptor()->FindFieldByName(stored.kind);
  Fill(*event->GetReflection()->MutableMessage(event.get(), field));
  return event;
}

v1::StoredEntry Store(const Stored& stored) {
  NewEntry entry{.ledger = LedgerId("acme"), .sequence = 7, .recorded_at = Epoch()};
  v1::Record& record = entry.record;
  record.set_stream(stored.stream());
  record.set_event_type(stored.event_type());
  record.set_schema_version(stored.version);
  *record.mutable_effective_at() = ToProto(Epoch() - absl::Hours(24));
  record.set_actor("bea");
  record.set_party("buyer");
  record.set_role("representative");
  record.set_on_behalf_of("bill");
  record.set_request_id("request");
  record.set_request_fingerprint("fingerprint");
  record.set_caused_by(3);
  SplitEvent split = SplitPersonal(Sample(stored), record.stream());
  record.set_event(Canonical(*split.event));
  for (NewPersonalPart& part : split.parts) {
    part.key = kPersonKey;
    entry.personal.push_back(std::move(part));
  }
  SeededRandom random(7);
  return EncodeEntry(entry, random);
}

std::unique_ptr<Message> Fold(const RecordedEvent& event) {
  std::unique_ptr<Message> state(event.type->resource->New());
  event.type->evolve(*state, *event.event, event.info);
  StampResource(*state, event.info);
  return state;
}

constexpr char kBytes[] = "# bytes of the stored entry\n";
constexpr char kEvent[] = "# the event that they mean\n";
constexpr char kState[] = "# the resource after it alone\n";

std::string Golden(const Stored& stored) {
  const v1::StoredEntry entry = Store(stored);
  const auto decoded = DecodeEntry(entry, {});
  EXPECT_TRUE(decoded.ok()) << decoded.status();
  const auto event = DecodeEvent(*decoded);
  EXPECT_TRUE(event.ok()) << event.status();
  return kBytes + HexLines(Canonical(entry)) + kEvent + TextOf(*event->event) + kState + TextOf(*Fold(*event));
}

std::string BytesOf(const std::string& golden) { return FromHexLines(Section(golden, kBytes, kEvent)); }

Entry EntryOf(const std::string& golden) {
  v1::StoredEntry stored;
  EXPECT_TRUE(stored.ParseFromString(BytesOf(golden)));
  auto entry = DecodeEntry(std::move(stored), {});
  EXPECT_TRUE(entry.ok()) << entry.status();
  return entry.ok() ? *std::move(entry) : Entry{};
}

TEST(Golden, EveryEventTypeAndVersionHasOne) {
  for (const Stored& stored : EverythingStored()) NeedGolden(stored.path(), [&] { return Golden(stored); });
}

TEST(Golden, EveryStoredEventIsReadUpcastAndFoldedAsEver) {
  int goldens = 0;
  for (const auto& file : std::filesystem::directory_iterator(kFolder)) {
    if (file.path().extension() != ".txt") continue;
    SCOPED_TRACE(file.path().filename());
    const std::string golden = ReadGolden(file.path());
    const Entry entry = EntryOf(golden);
    EXPECT_EQ(Canonical(entry.stored), BytesOf(golden)) << "passed on as it was stored";
    EXPECT_TRUE(VerifyCommitments(entry).ok());
    for (int i = 0; i < entry.record.personal_parts_size(); ++i) {
      const std::string& path = entry.record.personal_parts(i).field();
      const auto text = OpenPart(entry, static_cast<size_t>(i) + 1, kPersonKey);
      ASSERT_TRUE(text.ok()) << text.status();
      EXPECT_EQ(*text, path.substr(path.rfind('.') + 1));  // As Fill makes them.
    }
    EXPECT_EQ(absl::StrCat(entry.record.event_type(), ".v", entry.record.schema_version(), ".txt"),
              file.path().filename());
    const auto event = DecodeEvent(entry);
    ASSERT_TRUE(event.ok()) << event.status();
    ExpectSameMessage(Section(golden, kEvent, kState), *event->event, "the event");
    ExpectSameMessage(Section(golden, kState, ""), *Fold(*event), "the resource");
    ++goldens;
  }
  EXPECT_GT(goldens, 40);
}

TEST(Golden, Version1OfObjectedIsUpcast) {
  const auto event = DecodeEvent(EntryOf(ReadGolden(kFolder / "decision.objected.v1.txt")));
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(TextOf(*event->event), TextOf(*[] {
              std::unique_ptr<Message> wanted(AggregateOfCollection("decisions")->event->New());
              ParseTextInto("objected { grounds: 'security' text: 'The data leaves the country.' }", *wanted);
              return wanted;
            }()));
}

// Bad histories: what must be called poison, and never skipped.
TEST(Golden, WhatCannotBeReadIsPoison) {
  const Entry good = EntryOf(ReadGolden(kFolder / "decision.objected.v2.txt"));
  ASSERT_TRUE(DecodeEvent(good).ok());
  const auto poison = [&](const std::function<void(v1::Record&)>& spoil) {
    Entry bad = good;
    spoil(bad.record);
    return DecodeEvent(bad).status().code() == absl::StatusCode::kDataLoss;
  };
  EXPECT_TRUE(poison([](v1::Record& r) { r.set_schema_version(3); }));
  EXPECT_TRUE(poison([](v1::Record& r) { r.set_schema_version(0); }));
  EXPECT_TRUE(poison([](v1::Record& r) { r.set_event_type("decision.concurred"); }));
  EXPECT_TRUE(poison([](v1::Record& r) { r.set_event_type("decision.no_such_event"); }));
  EXPECT_TRUE(poison([](v1::Record& r) { r.set_event_type("verdict.objected"); }));
  EXPECT_TRUE(poison([](v1::Record& r) { r.set_event_type("objected"); }));
  EXPECT_TRUE(poison([](v1::Record& r) { r.set_event("\xff"); }));
  EXPECT_TRUE(poison([](v1::Record& r) { r.set_event(""); }));
  EXPECT_TRUE(poison([](v1::Record& r) { r.set_event(std::string("\xfa\x7f\x00", 3)); }));  // A kind of the future.
}

// Evolve is total: any event on any state, however it got there.
TEST(Golden, AnyEventFoldsIntoAnyState) {
  for (const Stored& before : EverythingStored()) {
    for (const Stored& after : EverythingStored()) {
      if (before.type != after.type) continue;
      const auto first = DecodeEvent(*DecodeEntry(Store(before), {}));
      const auto second = DecodeEvent(*DecodeEntry(Store(after), {}));
      ASSERT_TRUE(first.ok() && second.ok());
      const auto state = Fold(*first);
      second->type->evolve(*state, *second->event, second->info);
      if (second->type->deadlines != nullptr) second->type->deadlines(*state);
      if (second->type->blocks_exit != nullptr) second->type->blocks_exit(*state);
    }
  }
}

}  // namespace
}  // namespace parley::test
