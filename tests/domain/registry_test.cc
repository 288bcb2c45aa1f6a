// What every kind of aggregate has in common, held for all that are registered.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include <set>

#include "eventstore/base/resource_name.h"
#include "services/aggregate/aggregate.h"

namespace parley::test {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const AggregateType& Type(std::string_view collection) {
  const AggregateType* type = AggregateOfCollection(collection);
  EXPECT_NE(type, nullptr) << collection;
  return *type;
}

TEST(Registry, KindsAreDistinctAndFoundAgain) {
  std::set<std::string_view> collections, prefixes;
  for (const AggregateType& type : Aggregates()) {
    EXPECT_TRUE(collections.insert(type.collection).second) << type.collection;
    EXPECT_TRUE(prefixes.insert(type.prefix).second) << type.prefix;
    EXPECT_EQ(AggregateOfCollection(type.collection), &type);
    EXPECT_EQ(AggregateOfResource(type.resource->GetDescriptor()), &type);
    EXPECT_NE(type.evolve, nullptr);
    EXPECT_EQ(type.deadlines == nullptr, type.expire == nullptr);
  }
  EXPECT_EQ(AggregateOfCollection("nothing"), nullptr);
}

// An area's functions are found by overload resolution: one that is not found is left out without a word.
TEST(Registry, OptionalRulesOfAreasAreFound) {
  EXPECT_NE(Type("decisions").deadlines, nullptr);
  EXPECT_NE(Type("decisions").upcast, nullptr);
  EXPECT_NE(Type("disputes").deadlines, nullptr);
  EXPECT_NE(Type("disputes").blocks_exit, nullptr);
  EXPECT_NE(Type("metrics").deadlines, nullptr);
  EXPECT_EQ(Type("relationships").deadlines, nullptr);
}

TEST(Registry, EveryResourceBeginsAlike) {
  for (const AggregateType& type : Aggregates()) {
    const Descriptor* resource = type.resource->GetDescriptor();
    SCOPED_TRACE(resource->full_name());
    const char* names[] = {"name", "etag", "create_time", "update_time"};
    for (int number = 1; number <= 4; ++number) {
      const FieldDescriptor* field = resource->FindFieldByNumber(number);
      ASSERT_NE(field, nullptr);
      EXPECT_EQ(field->name(), names[number - 1]);
      const Descriptor* wanted = number <= 2 ? nullptr : google::protobuf::Timestamp::descriptor();
      EXPECT_EQ(field->message_type(), wanted);
    }
  }
}

TEST(Registry, EveryEventIsOneMessageOfTheOneof) {
  for (const AggregateType& type : Aggregates()) {
    const Descriptor* event = type.event->GetDescriptor();
    SCOPED_TRACE(event->full_name());
    ASSERT_EQ(event->oneof_decl_count(), 1);
    EXPECT_EQ(event->oneof_decl(0)->name(), "kind");
    EXPECT_EQ(event->oneof_decl(0)->field_count(), event->field_count());
    for (int i = 0; i < event->field_count(); ++i) EXPECT_NE(event->field(i)->message_type(), nullptr);
    for (const EventSchema& schema : type.schemas) {
      EXPECT_NE(event->FindFieldByName(std::string(schema.kind)), nullptr) << schema.kind;
      EXPECT_NE(type.upcast, nullptr);
    }
  }
}

// Stored bytes, rows and digests come from one canonical encoding: no maps, no floating point, anywhere below.
void CheckExact(const Descriptor* message, std::set<const Descriptor*>& seen) {
  if (!seen.insert(message).second) return;
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    EXPECT_FALSE(field->is_map()) << field->full_name();
    EXPECT_NE(field->cpp_type(), FieldDescriptor::CPPTYPE_DOUBLE) << field->full_name();
    EXPECT_NE(field->cpp_type(), FieldDescriptor::CPPTYPE_FLOAT) << field->full_name();
    if (field->message_type() != nullptr) CheckExact(field->message_type(), seen);
  }
}

TEST(Registry, NothingStoredIsInexact) {
  std::set<const Descriptor*> seen;
  for (const AggregateType& type : Aggregates()) {
    CheckExact(type.resource->GetDescriptor(), seen);
    CheckExact(type.event->GetDescriptor(), seen);
  }
  EXPECT_GT(seen.size(), 20u);
}

TEST(Registry, EveryMutatingRequestHasTheCommonFields) {
  int requests = 0;
  for (const AggregateType& type : Aggregates()) {
    const auto* file = type.resource->GetDescriptor()->file();
    for (int i = 0; i < file->message_type_count(); ++i) {
      const std::string& name = file->message_type(i)->name();
      if (!name.ends_with("Request") || name.starts_with("Get") || name.starts_with("List")) continue;
      SCOPED_TRACE(name);
      const char* names[] = {"request_id", "etag", "effective_at", "validate_only", "historical"};
      for (int number = 11; number <= 15; ++number) {
        const FieldDescriptor* field = file->message_type(i)->FindFieldByNumber(number);
        ASSERT_NE(field, nullptr) << number;
        EXPECT_EQ(field->name(), names[number - 11]);
      }
      ++requests;
    }
  }
  EXPECT_GT(requests, 30);
}

}  // namespace
}  // namespace parley::test
