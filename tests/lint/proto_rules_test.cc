#include "tests/lint/proto_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace parley::lint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<const SourceFile*> OurProtos() {
  std::vector<const SourceFile*> protos;
  for (const SourceFile& file : Tree()) {
    if (Matches(file.path, "proto/parley/v1/*.proto")) protos.push_back(&file);
  }
  return protos;
}

TEST(ProtoRules, HoldInTheCheckout) { EXPECT_EQ(Report(CheckProtos(OurProtos())), ""); }

TEST(ProtoRules, ReaderSeesEveryDeclaration) {
  // Whatever the reader does not understand it would not check: count with another eye.
  const ProtoFiles read = ReadProtos(OurProtos());
  size_t messages = 0;
  size_t rpcs = 0;
  size_t fields = 0;
  for (const SourceFile* file : OurProtos()) {
    bool in_enum = false;  // Or in an extension, which is of no message of ours.
    for (std::string_view line : Lines(file->text)) {
      const size_t start = std::min(line.find_first_not_of(' '), line.size());
      line.remove_prefix(start);
      if (line.starts_with("//")) continue;
      messages += line.starts_with("message ") ? 1 : 0;
      rpcs += line.starts_with("rpc ") ? 1 : 0;
      in_enum = line.starts_with("enum ") || line.starts_with("extend ") || (in_enum && line != "}");
      fields += !in_enum && line.find(" = ") != std::string_view::npos && !line.starts_with("syntax") &&
                        !line.starts_with("option ")
                    ? 1
                    : 0;
    }
  }
  size_t read_fields = 0;
  for (const auto& [path, message] : read.messages) read_fields += message.fields.size();
  EXPECT_EQ(read.messages.size(), messages);
  EXPECT_EQ(read.rpcs.size(), rpcs);
  EXPECT_EQ(read_fields, fields);
  EXPECT_GT(read_fields, 100u);
}

// A small service that keeps to everything; each test spoils one thing.
constexpr char kGood[] = R"(
service ThingService {
  rpc MakeThing(MakeThingRequest) returns (MakeThingResponse);
  rpc GetThing(GetThingRequest) returns (GetThingResponse);
}
message Thing {
  string name = 1;
  string etag = 2;
  google.protobuf.Timestamp create_time = 3;
  google.protobuf.Timestamp update_time = 4;
  repeated string tags = 5;
  // Of something else.
  message Part {
    int64 units = 1;
  }
}
message MakeThingRequest {
  string parent = 1;
  oneof what {
    string one = 2;
    int32 other = 3;
  }
  string request_id = 11;
  string etag = 12;
  google.protobuf.Timestamp effective_at = 13;
  bool validate_only = 14;
  bool historical = 15;
}
message MakeThingResponse {
  Thing thing = 1;
  string consistency_token = 2;
}
message GetThingRequest {
  string name = 1;
  string consistency_token = 2;
}
message GetThingResponse {
  Thing thing = 1;
}
)";

std::string Check(std::string from = "", std::string to = "") {
  std::string text = kGood;
  if (!from.empty()) {
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }
  const SourceFile file = MakeSource("thing.proto", text);
  return Report(CheckProtos({&file}));
}

TEST(ProtoRules, GoodServicePasses) { EXPECT_EQ(Check(), ""); }

TEST(ProtoRules, ViolationsAreFound) {
  EXPECT_THAT(Check("string etag = 2;", "string tag = 2;"), HasSubstr("Thing: field 2 of a resource is `string etag`"));
  EXPECT_THAT(Check("create_time = 3", "create_time = 6"), HasSubstr("field 3 of a resource"));
  EXPECT_THAT(Check("google.protobuf.Timestamp update_time", "int64 update_time"), HasSubstr("field 4 of a resource"));
  EXPECT_THAT(Check("string request_id = 11;", ""), HasSubstr("field 11 of a command is `string request_id`"));
  EXPECT_THAT(Check("bool validate_only = 14;", "bool dry_run = 14;"), HasSubstr("field 14 of a command"));
  EXPECT_THAT(Check("bool historical = 15;", "string historical = 15;"), HasSubstr("field 15 of a command"));
  EXPECT_THAT(Check("  Thing thing = 1;\n  string consistency_token = 2;", "  Thing thing = 1;"),
              HasSubstr("MakeThing answers without"));
  EXPECT_THAT(Check("  string name = 1;\n  string consistency_token = 2;", "  string name = 1;"),
              HasSubstr("GetThing takes no"));
  EXPECT_THAT(Check("int64 units", "map<string, string> units"), HasSubstr("units is a map"));
  EXPECT_THAT(Check("int64 units", "double units"), HasSubstr("units is floating point"));
  EXPECT_THAT(Check("repeated string tags", "repeated float tags"), HasSubstr("tags is floating point"));
  EXPECT_THAT(Check("message MakeThingRequest {", "message MakeRequest {"), HasSubstr("were not found"));
}

}  // namespace
}  // namespace parley::lint
