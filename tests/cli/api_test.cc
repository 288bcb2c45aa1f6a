#include "services/cli/api.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace parley {
namespace {

const Api& TheApi() {
  static const Api* const api = new Api();
  return *api;
}

std::string VerbFor(const std::string& method) {
  const auto* found = TheApi().FindMethod("parley.v1." + method);
  return found == nullptr ? "no such method" : VerbOf(*found);
}

TEST(Api, NounsAreThePluralOfWhatAServiceLists) {
  std::set<std::string> nouns;
  for (const Noun& noun : TheApi().nouns()) nouns.insert(noun.name);
  for (const char* noun :
       {"activities", "decisions", "disputes", "metrics", "objectives", "relationships", "timeline"}) {
    EXPECT_TRUE(nouns.contains(noun)) << noun;
  }
}

TEST(Api, VerbsLeaveTheResourceOut) {
  const std::map<std::string, std::string> verbs = {
      {"DecisionService.ProposeDecision", "propose"},
      {"DecisionService.ObjectToDecision", "object-to"},
      {"DecisionService.AssessDecisionOutcome", "assess-outcome"},
      {"DecisionService.ListDecisions", "list"},
      {"RelationshipService.AdmitParty", "admit-party"},
      {"MetricService.LinkMetricToObjective", "link-to-objective"},
      {"ActivityService.RecordActivities", "record"},
  };
  for (const auto& [method, verb] : verbs) EXPECT_EQ(VerbFor(method), verb);
}

TEST(Api, NoTwoMethodsOfAServiceShareAVerb) {
  for (const Noun& noun : TheApi().nouns()) {
    std::set<std::string> verbs;
    for (const Verb& verb : noun.verbs) EXPECT_TRUE(verbs.insert(verb.name).second) << noun.name << " " << verb.name;
  }
}

TEST(Api, EveryMethodSaysWhatItDoes) {
  for (const Noun& noun : TheApi().nouns()) {
    EXPECT_FALSE(CommentOf(noun.service).empty()) << noun.name;
    for (const Verb& verb : noun.verbs) EXPECT_FALSE(CommentOf(verb.method).empty()) << verb.method->full_name();
  }
}

TEST(Api, CommentsStandOnOneLine) {
  EXPECT_EQ(Flattened(" One line,\n and another.\n"), "One line, and another.");
  EXPECT_EQ(CommentOf(TheApi().FindMethod("parley.v1.DecisionService.GetDecision")), "Reads one decision.");
}

TEST(Api, MutatingMethodsAreThoseWithARequestId) {
  EXPECT_TRUE(IsMutating(*TheApi().FindMethod("parley.v1.DecisionService.DecideDecision")));
  EXPECT_FALSE(IsMutating(*TheApi().FindMethod("parley.v1.DecisionService.GetDecision")));
}

}  // namespace
}  // namespace parley
