#include "services/cli/request_flags.h"

#include <gtest/gtest.h>

#include <sstream>

#include "services/cli/view.h"

namespace parley {
namespace {

const Api& TheApi() {
  static const Api* const api = new Api();
  return *api;
}

// The request that a command line makes, as JSON on one line, or the error.
std::string Made(const std::string& type, std::vector<std::string> args, const std::string& in = "") {
  RequestFlags flags(TheApi(), TheApi().FindMessage("parley.v1." + type));
  CLI::App app;
  flags.AddTo(&app);
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::ParseError& error) {
    return std::string("usage: ") + error.what();
  }
  std::istringstream stream(in);
  const auto request = flags.Build(stream);
  return request.ok() ? ToJsonLine(**request) : std::string(request.status().message());
}

TEST(RequestFlags, FieldsBecomeFlags) {
  EXPECT_EQ(Made("DecideDecisionRequest", {"acme/decisions/d1", "--option-id", "go", "--rationale=It is time",
                                           "--validate-only", "--effective-at", "2026-03-05"}),
            R"({"name":"relationships/acme/decisions/d1","option_id":"go","rationale":"It is time",)"
            R"("effective_at":"2026-03-05T00:00:00Z","validate_only":true})"
            "\n");
}

TEST(RequestFlags, RepeatedFieldsByRepeatingTheFlag) {
  EXPECT_EQ(Made("GrantRoleRequest", {"acme", "--permissions", "sign", "--permissions", "contribute"}),
            "{\"name\":\"relationships/acme\",\"permissions\":[\"PERMISSION_SIGN\",\"PERMISSION_CONTRIBUTE\"]}\n");
  EXPECT_EQ(Made("ProposeDecisionRequest", {"--criteria", "[cost]", "--criteria", "a b"}),
            "{\"criteria\":[\"[cost]\",\"a b\"]}\n")
      << "a value stands as it is, brackets or not";
}

TEST(RequestFlags, NestedMessagesByTheirPath) {
  EXPECT_EQ(Made("AdmitPartyRequest", {"--party.party-id", "adviser", "--party.kind", "third-party"}),
            "{\"party\":{\"party_id\":\"adviser\",\"kind\":\"PARTY_KIND_THIRD_PARTY\"}}\n");
  EXPECT_EQ(Made("ReportMetricRequest", {"--measurement.raw", "97/100"}),
            "{\"measurement\":{\"raw\":{\"numerator\":\"97\",\"denominator\":\"100\"}}}\n");
}

TEST(RequestFlags, FlagsOverwriteJson) {
  EXPECT_EQ(Made("ProposeDecisionRequest", {"--json", R"({"title":"A","criteria":["x","y"],"classId":"staffing"})",
                                            "--title", "B", "--criteria", "z"}),
            "{\"title\":\"B\",\"class_id\":\"staffing\",\"criteria\":[\"z\"]}\n");
  EXPECT_EQ(Made("ProposeDecisionRequest", {"--json-file", "-"}, R"({"title":"A"})"), "{\"title\":\"A\"}\n");
}

TEST(RequestFlags, SaysWhichFlagIsWrong) {
  EXPECT_EQ(Made("ProposeDecisionRequest", {"--amount", "12"}),
            "--amount: \"12\" is not an amount like \"GBP 1200.50\"");
  EXPECT_EQ(Made("ProposeDecisionRequest", {"--json", R"({"titel":"A"})"}).substr(0, 49),
            "the request is not JSON of ProposeDecisionRequest");
  EXPECT_EQ(Made("ProposeDecisionRequest", {"--json-file", "/nonexistent/x"}),
            "--json-file: cannot read /nonexistent/x");
  EXPECT_TRUE(Made("ProposeDecisionRequest", {"--titel", "A"}).starts_with("usage: "));
  EXPECT_TRUE(Made("ProposeDecisionRequest", {"--title", "A", "--title", "B"}).starts_with("usage: "));
}

TEST(RequestFlags, EveryRequestOfTheApiHasFlags) {
  for (const Noun& noun : TheApi().nouns()) {
    for (const Verb& verb : noun.verbs) {
      EXPECT_FALSE(Made(verb.method->input_type()->name(), {}).starts_with("usage")) << verb.method->full_name();
    }
  }
}

TEST(FullResourceName, TheFirstPartMayBeLeftOut) {
  EXPECT_EQ(FullResourceName("acme"), "relationships/acme");
  EXPECT_EQ(FullResourceName("acme/metrics/m1"), "relationships/acme/metrics/m1");
  EXPECT_EQ(FullResourceName("relationships/acme"), "relationships/acme");
  EXPECT_EQ(FullResourceName(""), "");
}

}  // namespace
}  // namespace parley
