// The past on the command line.
#include "services/cli/as_of.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "parley/v1/dashboard.pb.h"
#include "services/cli/bundle_questions.h"
#include "services/cli/dashboards.h"
#include "services/cli/request_flags.h"
#include "services/cli/view.h"
#include "tests/cli/fake_server.h"

namespace parley {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

const Api& TheApi() {
  static const Api* const api = new Api();
  return *api;
}

template <class T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// Two checkpoints' notes; nobody need have signed them.
constexpr char kNote[] =
    "log.example/relationships/acme\\n1300\\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\\n\\n"
    "\\342\\200\\224 log.example/relationships/acme "
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\\n";

TEST(AsOf, EveryRequestThatTakesItHasTheSameFlags) {
  int with = 0;
  for (const Noun& noun : TheApi().nouns()) {
    for (const Verb& verb : noun.verbs) {
      if (verb.method->input_type()->FindFieldByName("as_of") == nullptr) continue;
      ++with;
      RequestFlags flags(TheApi(), verb.method->input_type());
      CLI::App app;
      flags.AddTo(&app);
      std::istringstream nothing;
      app.parse(std::vector<std::string>{"2024-01-01", "--effective", "7", "--as-of-size", "2024-03-31", "--as-of"});
      const auto request = flags.Build(nothing);
      ASSERT_TRUE(request.ok()) << request.status();
      EXPECT_EQ(ToJsonLine(**request),
                "{\"as_of\":{\"known_time\":\"2024-03-31T00:00:00Z\",\"known_size\":\"7\","
                "\"true_time\":\"2024-01-01T00:00:00Z\"}}\n")
          << verb.method->full_name();
      EXPECT_THAT(app.help(), HasSubstr("\nAs of the past:\n  --as-of TIME")) << verb.method->full_name();
      EXPECT_EQ(app.help().find("--as-of."), std::string::npos) << verb.method->full_name();
    }
  }
  EXPECT_GT(with, 15);
}

TEST(AsOf, TheFlagsByThemselvesAreTheSame) {
  AsOfFlags flags;
  CLI::App app;
  flags.AddTo(&app);
  app.parse(std::vector<std::string>{"2024-01-01T10:00:00Z", "--effective", "0", "--as-of-size"});
  v1::AsOf as_of;
  ASSERT_TRUE(flags.FillIn(&as_of).ok());
  EXPECT_TRUE(as_of.has_known_size());
  EXPECT_EQ(as_of.ShortDebugString(), "known_size: 0 true_time { seconds: 1704103200 }");

  AsOfFlags wrong;
  CLI::App other;
  wrong.AddTo(&other);
  other.parse(std::vector<std::string>{"yesterday", "--as-of"});
  EXPECT_THAT(std::string(wrong.FillIn(&as_of).message()), HasSubstr("--as-of: "));
}

TEST(AsOf, SaysWhatAnAnswerRestsOn) {
  const auto line = [](const std::string& basis) {
    return BasisLine(Parse<v1::GetOverviewResponse>("basis { " + basis + " }"));
  };
  EXPECT_EQ(line(std::string("size: 1234 folded: 1200 known_time { seconds: 1711843200 } "
                             "true_time { seconds: 1704067200 } checkpoint: '") +
                 kNote + "'"),
            "As known on 2024-03-31 00:00, as true on 2024-01-01 00:00: entries 0–1233, 1200 of them folded in, under "
            "the checkpoint of size 1300.");
  EXPECT_EQ(line("size: 1 folded: 1 known_time { seconds: 1711843200 }"),
            "As known on 2024-03-31 00:00: entry 0, under no checkpoint yet.");
  EXPECT_EQ(
      line("size: 0 true_time { seconds: 1704067200 } checkpoint: 'what?'"),
      "As known before anything was recorded, as true on 2024-01-01 00:00: no entries, under a checkpoint that is "
      "no signed note.");
  EXPECT_EQ(BasisLine(v1::GetOverviewResponse()), "");
  EXPECT_EQ(BasisLine(v1::GetPortfolioResponse()), "");
}

TEST(AsOf, DrawingsEndWithTheirBasis) {
  std::ostringstream out;
  Canvas canvas(out, {});
  DrawDashboard(Parse<v1::GetCoverageResponse>("basis { size: 3 folded: 3 }"), canvas);
  EXPECT_THAT(out.str(),
              EndsWith("Basis\n  As known before anything was recorded: entries 0–2, under no checkpoint yet.\n"));
  std::ostringstream without;
  Canvas live(without, {});
  DrawDashboard(v1::GetCoverageResponse(), live);
  EXPECT_EQ(without.str().find("Basis"), std::string::npos);
}

TEST(AsOf, ABundleIsAskedForDashboardsListsAndResources) {
  const BundleQuestions questions(TheApi());
  const auto asked = [&](const std::string& word) -> std::string {
    const auto question = questions.Find(word);
    if (!question.ok()) return "nothing";
    const auto request = question->Request("relationships/acme");
    return question->method->name() + " " + request->ShortDebugString();
  };
  EXPECT_EQ(asked("register"), "GetDecisionRegister name: \"relationships/acme\"");
  EXPECT_EQ(asked("relationship"), "GetRelationship name: \"relationships/acme\"");
  EXPECT_EQ(asked("persons"), "ListPersons parent: \"relationships/acme\"");
  EXPECT_EQ(asked("parties/buyer/objectives"), "ListObjectives parent: \"relationships/acme/parties/buyer\"");
  EXPECT_EQ(asked("decisions/d1"), "GetDecision name: \"relationships/acme/decisions/d1\"");
  EXPECT_EQ(asked("parties/buyer/persons/p1"), "GetPerson name: \"relationships/acme/parties/buyer/persons/p1\"");
  for (const char* word : {"", "portfolio", "relationships", "timeline", "decisions/", "decisions/d1/x", "digests/7"}) {
    EXPECT_EQ(asked(word), "nothing") << word;
  }
}

TEST(AsOf, AReplayNamesItsDashboards) {
  const auto refused = [](std::vector<std::string> args) {
    args.insert(args.begin(), {"audit", "replay", "no-such-bundle"});
    const test::Outcome outcome = test::ParleyAlone(args);
    EXPECT_NE(outcome.exit_code, 0);
    return outcome.err;
  };
  EXPECT_THAT(refused({}), HasSubstr("say what to show, or --all"));
  EXPECT_THAT(refused({"overview", "--all"}), HasSubstr("say what to show, or --all"));
  EXPECT_THAT(refused({"portfolio"}), HasSubstr("\"portfolio\" is neither a dashboard nor"));
  EXPECT_THAT(refused({"docket", "--effective", "then"}), HasSubstr("--effective: "));
  EXPECT_THAT(refused({"register", "activity", "--keys", "no-such-file"}), HasSubstr("no-such-file"));
  EXPECT_EQ(test::ParleyAlone({"audit", "replay", "no-such-bundle", "--all"}).exit_code, 1);
}

}  // namespace
}  // namespace parley
