// The command line from arguments to exit code, against a server that says what a test wants.
#include "services/cli/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "eventstore/base/status.h"
#include "tests/cli/fake_server.h"

namespace parley {
namespace {

using test::FakeServer;
using test::Outcome;
using test::Parley;
using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

TEST(App, SendsWhoCalls) {
  FakeServer server;
  const Outcome outcome = Parley(server, {"decisions", "decide", "acme/decisions/d1", "--as", "bea", "--party", "buyer",
                                          "--on-behalf-of", "bill", "--option-id", "go"});
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.err;
  ASSERT_EQ(server.seen().size(), 1u);
  EXPECT_THAT(server.seen()[0].metadata, Contains(Pair("parley-principal", "bea")));
  EXPECT_THAT(server.seen()[0].metadata, Contains(Pair("parley-party", "buyer")));
  EXPECT_THAT(server.seen()[0].metadata, Contains(Pair("parley-on-behalf-of", "bill")));
}

TEST(App, LeavesOutWhatIsNotSaid) {
  FakeServer server;
  Parley(server, {"decisions", "list", "acme"});
  ASSERT_EQ(server.seen().size(), 1u);
  EXPECT_THAT(server.seen()[0].metadata, Not(Contains(Key("parley-party"))));
}

TEST(App, AChangeCarriesARequestIdOfItsOwn) {
  FakeServer server;
  for (int i = 0; i < 2; ++i) Parley(server, {"decisions", "decide", "acme/decisions/d1"});
  Parley(server, {"decisions", "decide", "acme/decisions/d1", "--request-id", "mine"});
  const auto seen = server.seen();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_THAT(seen[0].request, HasSubstr("request_id: \""));
  EXPECT_NE(seen[0].request, seen[1].request);
  EXPECT_THAT(seen[2].request, HasSubstr("request_id: \"mine\""));
}

TEST(App, PrintsTheResourceAndTheToken) {
  FakeServer server;
  const Outcome outcome = Parley(server, {"decisions", "decide", "acme/decisions/d1"});
  EXPECT_THAT(outcome.out, HasSubstr("State              decided\n"));
  EXPECT_THAT(outcome.out, HasSubstr("Consistency token  token-2\n"));
}

TEST(App, PrintsJson) {
  FakeServer server;
  const Outcome outcome = Parley(server, {"--output", "json", "decisions", "decide", "acme/decisions/d1"});
  EXPECT_THAT(outcome.out, StartsWith("{\n \"decision\": {\n  \"name\": \"relationships/acme/decisions/d1\",\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\"consistency_token\": \"token-2\""));
}

TEST(App, OnePageSaysThatThereAreMore) {
  FakeServer server;
  const Outcome outcome = Parley(server, {"decisions", "list", "acme"});
  EXPECT_EQ(outcome.out, "Name\nacme/decisions/d1\n");
  EXPECT_THAT(outcome.err, HasSubstr("--page-token second"));
}

TEST(App, AllPages) {
  FakeServer server;
  const Outcome outcome = Parley(server, {"decisions", "list", "acme", "--all"});
  EXPECT_EQ(outcome.out, "Name\nacme/decisions/d1\nacme/decisions/d2\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(App, ARefusalIsExitCode1) {
  FakeServer server;
  const absl::Status refused = Reject(v1::REASON_OBJECTION_STANDS, "the provider objects");
  server.FailNext("DecideDecision", {grpc::StatusCode::FAILED_PRECONDITION, "the provider objects",
                                     ToRpcStatus(refused).SerializeAsString()});
  const Outcome outcome = Parley(server, {"decisions", "decide", "acme/decisions/d1"});
  EXPECT_EQ(outcome.exit_code, kExitRefused);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("refused: OBJECTION_STANDS (FAILED_PRECONDITION)\n  the provider objects\n"));
}

TEST(App, NoServerIsExitCode3AndHowToRepeat) {
  const Outcome outcome = test::ParleyAlone({"decisions", "decide", "acme/decisions/d1", "--request-id", "r-1"});
  EXPECT_EQ(outcome.exit_code, kExitUnavailable);
  EXPECT_THAT(outcome.err, HasSubstr("--request-id r-1"));
}

TEST(App, NonsenseIsExitCode2AndSendsNothing) {
  FakeServer server;
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{},
                                             {"decisions"},
                                             {"decisions", "dance"},
                                             {"decisions", "decide", "--no-such-flag"},
                                             {"decisions", "decide", "a", "--effective-at", "soon"},
                                             {"decisions", "decide", "a", "--deadline", "soon"},
                                             {"decisions", "decide", "a", "--output", "xml"}}) {
    const Outcome outcome = Parley(server, args);
    EXPECT_EQ(outcome.exit_code, kExitUsage);
    EXPECT_FALSE(outcome.err.empty());
  }
  EXPECT_EQ(server.seen().size(), 0u);
}

TEST(App, NamesTheWordThatItDoesNotKnow) {
  FakeServer server;
  EXPECT_THAT(Parley(server, {"decisoins", "list"}).err, StartsWith("error: \"decisoins\" is no command of parley\n"));
  EXPECT_THAT(Parley(server, {"decisions", "dance"}).err, HasSubstr("\"dance\" is no command of parley decisions\n"));
  EXPECT_THAT(Parley(server, {"decisions"}).err, HasSubstr("parley decisions needs a command\n"));
  EXPECT_THAT(Parley(server, {"decisions", "list", "acme", "--filtr", "x"}).err,
              HasSubstr("parley decisions list has no option --filtr\n"));
}

TEST(App, HelpHasWhatTheProtosSay) {
  FakeServer server;
  const Outcome outcome = Parley(server, {"decisions", "object-to", "--help"});
  EXPECT_EQ(outcome.exit_code, kExitOk);
  EXPECT_THAT(outcome.out, HasSubstr("An Agree role objects, on chartered grounds only."));
  EXPECT_THAT(outcome.out, HasSubstr("Chartered grounds, at least one."));
}

TEST(App, EveryMethodOfTheApiHasHelp) {
  FakeServer server;
  const Api api;
  for (const Noun& noun : api.nouns()) {
    if (noun.name == "timeline" || noun.name == "dashboard") continue;  // These have commands made for people.
    for (const Verb& verb : noun.verbs) {
      EXPECT_EQ(Parley(server, {noun.name, verb.name, "--help"}).exit_code, kExitOk) << noun.name << " " << verb.name;
    }
  }
}

TEST(App, ColorsOnDemandOnly) {
  FakeServer server;
  EXPECT_THAT(Parley(server, {"decisions", "list", "acme"}).out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(Parley(server, {"decisions", "list", "acme", "--color", "always"}).out,
              HasSubstr("\x1b[36macme/decisions/d1"));
}

TEST(Timeline, ShowsTheLatestInTheOrderInWhichTheyHappened) {
  FakeServer server;
  const Outcome outcome = Parley(server, {"timeline", "acme", "--limit", "3"});
  EXPECT_EQ(outcome.out,
            "     2  2026-03-05 09:30  decision.proposed           entry 2\n"
            "     3  2026-03-05 09:30  decision.proposed           entry 3\n"
            "     4  2026-03-05 09:30  decision.proposed           entry 4\n");
}

TEST(Timeline, FollowGoesOnBehindTheLatestWithoutGapOrDuplicate) {
  FakeServer server;
  const Outcome outcome = Parley(server, {"timeline", "acme", "--limit", "2", "--follow"});
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.err;
  EXPECT_EQ(outcome.out,
            "     3  2026-03-05 09:30  decision.proposed           entry 3\n"
            "     4  2026-03-05 09:30  decision.proposed           entry 4\n"
            "     5  2026-03-05 09:30  decision.proposed           entry 5\n"
            "     6  2026-03-05 09:30  decision.proposed           entry 6\n");
}

TEST(Watch, GoesOnWhereTheConnectionBroke) {
  FakeServer server;
  const Outcome outcome = Parley(server, {"watch", "acme", "--from", "2", "--output", "json"});
  EXPECT_EQ(outcome.exit_code, kExitOk) << outcome.err;
  std::vector<std::string> sequences;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) sequences.push_back(line.substr(0, line.find(',')));
  EXPECT_THAT(sequences, testing::ElementsAre("{\"sequence\":\"2\"", "{\"sequence\":\"3\"", "{\"sequence\":\"4\"",
                                              "{\"sequence\":\"5\"", "{\"sequence\":\"6\""));
  EXPECT_EQ(server.Count("WatchTimeline"), 3);
}

TEST(Watch, DoesNotGoRoundInCirclesWhereThereIsNoProgress) {
  FakeServer server;
  server.FailNext("WatchTimeline", {grpc::StatusCode::UNAVAILABLE, "draining"});
  EXPECT_EQ(Parley(server, {"watch", "acme"}).exit_code, kExitUnavailable);
  EXPECT_EQ(server.Count("WatchTimeline"), 1);
}

}  // namespace
}  // namespace parley
