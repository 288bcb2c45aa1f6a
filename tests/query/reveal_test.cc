// Texts about people: shown to whoever may read the resource, for as long as they are there, and kept nowhere else.
#include "services/query/reveal.h"

#include "eventstore/base/status.h"
#include "parley/v1/person.pb.h"
#include "services/person/person.h"
#include "services/query/timeline.h"
#include "tests/query/query_fixture.h"

namespace parley::test {
namespace {

constexpr char kDana[] = "relationships/acme/persons/dana";
constexpr char kOwn[] = "relationships/acme/parties/provider/persons/eli";

class RevealTest : public QueryTest {
 protected:
  RevealTest() {
    Chartered(world_);
    Run("petra", Parse<v1::RegisterPersonRequest>(
                     "parent: 'relationships/acme' person_id: 'dana' party_id: 'provider' display_name: 'Dana Quist' "
                     "email: 'dana@example.org'"));
    Run("bill", Parse<v1::CommentOnPersonRequest>("name: 'relationships/acme/persons/dana' text: 'never late'"));
    Run("pat", Parse<v1::ChangePersonProfileRequest>(
                   "name: 'relationships/acme/persons/dana' display_name: 'Dana Holm' phone: '+47 5'"));
    Run("petra", Parse<v1::RegisterPersonRequest>("parent: 'relationships/acme/parties/provider' person_id: 'eli' "
                                                  "party_id: 'provider' display_name: 'Eli Own'"));
    QueriesOptions options = Options();
    options.person_keys = &world_.keys();
    queries_ = std::make_unique<Queries>(std::move(options));
  }

  template <class Request>
  void Run(const std::string& principal, const Request& request) {
    world_.Act(principal);
    const auto recorded = world_.Run(MakeCommand<v1::Person>(std::make_shared<const Request>(request)));
    ASSERT_TRUE(recorded.ok()) << recorded.status();
  }
  void Erase() { Run("pat", Parse<v1::ErasePersonRequest>("name: 'relationships/acme/persons/dana' reason: 'r'")); }

  absl::StatusOr<v1::Person> Get(const std::string& principal, const std::string& name = kDana,
                                 std::string_view more = "") {
    auto request = Parse<v1::GetPersonRequest>(more);
    request.set_name(name);
    const auto response = Ask<v1::GetPersonResponse>(principal, request);
    if (!response.ok()) return response.status();
    return response->person();
  }
  absl::StatusOr<v1::ListPersonsResponse> List(const std::string& principal, std::string_view text,
                                               const std::string& parent = kAcme) {
    auto request = Parse<v1::ListPersonsRequest>(text);
    request.set_parent(parent);
    return Ask<v1::ListPersonsResponse>(principal, request);
  }
  // The texts of the events about dana, oldest first.
  std::vector<std::string> Timeline(const std::string& principal, const std::string& stream = kDana) {
    v1::ListTimelineEntriesRequest request;
    request.set_parent(kAcme);
    request.mutable_selection()->set_stream(stream);
    const auto response = Ask<v1::ListTimelineEntriesResponse>(principal, request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> out;
    if (!response.ok()) return out;
    for (const auto& entry : response->timeline_entries()) {
      v1::PersonEvent event;
      EXPECT_TRUE(entry.event().UnpackTo(&event));
      out.push_back(event.ShortDebugString());
    }
    return out;
  }

  World world_;
};

using testing::ElementsAre;

TEST_F(RevealTest, GetShowsTheLatestOfEach) {
  Publish(world_);
  const auto person = Get("bea");
  ASSERT_TRUE(person.ok()) << person.status();
  EXPECT_EQ(person->display_name(), "Dana Holm");
  EXPECT_EQ(person->email(), "");  // Left empty when the profile was replaced.
  EXPECT_EQ(person->phone(), "+47 5");
  ASSERT_EQ(person->comments_size(), 1);
  EXPECT_EQ(person->comments(0).text(), "never late");
}

TEST_F(RevealTest, ListShowsThemOnEachPage) {
  Publish(world_);
  const auto page = List("bea", "");
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->persons_size(), 1);  // The other is not joint.
  EXPECT_EQ(page->persons(0).display_name(), "Dana Holm");
  const auto own = List("pat", "", "relationships/acme/parties/provider");
  ASSERT_TRUE(own.ok()) << own.status();
  ASSERT_EQ(own->persons_size(), 1);
  EXPECT_EQ(own->persons(0).display_name(), "Eli Own");
}

TEST_F(RevealTest, APartysOwnAreNobodyElses) {
  Publish(world_);
  EXPECT_EQ(Get("pat", kOwn)->display_name(), "Eli Own");
  EXPECT_EQ(ReasonOf(Get("bea", kOwn).status()), v1::REASON_NOT_FOUND);
  EXPECT_THAT(Timeline("bea", kOwn), ElementsAre());
  EXPECT_EQ(Timeline("pat", kOwn).size(), 1u);
}

TEST_F(RevealTest, TimelineShowsWhatWasSaidThen) {
  Publish(world_);
  EXPECT_THAT(
      Timeline("bea"),
      ElementsAre("registered { party_id: \"provider\" display_name: \"Dana Quist\" email: \"dana@example.org\" }",
                  "commented { text: \"never late\" }",
                  "profile_changed { display_name: \"Dana Holm\" phone: \"+47 5\" }"));
}

TEST_F(RevealTest, ThePastIsShownAsItWas) {
  Publish(world_);
  // Before the comment and the change.
  const std::string then =
      "as_of { known_size: " + std::to_string(world_.state().Find<v1::Person>(kDana)->comments(0).sealed_in()) + " }";
  const auto person = Get("bea", kDana, then);
  ASSERT_TRUE(person.ok()) << person.status();
  EXPECT_EQ(person->display_name(), "Dana Quist");
  EXPECT_EQ(person->comments_size(), 0);
  // And no more once the key is gone.
  ASSERT_TRUE(world_.keys().Destroy({kDana}).ok());
  EXPECT_EQ(Get("bea", kDana, then)->display_name(), "");
}

TEST_F(RevealTest, WithoutTheKeyNothingIsShown) {
  Publish(world_);
  ASSERT_TRUE(world_.keys().Destroy({kDana}).ok());
  const auto person = Get("bea");
  ASSERT_TRUE(person.ok()) << person.status();
  EXPECT_EQ(person->display_name() + person->phone() + person->comments(0).text(), "");
  EXPECT_EQ(person->party_id(), "provider");
  EXPECT_THAT(Timeline("bea"),
              ElementsAre("registered { party_id: \"provider\" }", "commented { }", "profile_changed { }"));
}

TEST_F(RevealTest, WithoutThePartNothingIsShown) {
  Publish(world_);
  const uint64_t profile = world_.state().Find<v1::Person>(kDana)->sealed_in();
  ASSERT_TRUE(log_.log().EraseParts(LedgerId("acme"), {{profile, 1}}).ok());
  const auto person = Get("bea");
  ASSERT_TRUE(person.ok()) << person.status();
  EXPECT_EQ(person->display_name(), "");
  EXPECT_EQ(person->phone(), "+47 5");
}

TEST_F(RevealTest, AnErasedPersonIsShownAsErased) {
  Erase();
  Publish(world_);
  ASSERT_TRUE(world_.keys().Destroy({kDana}).ok());
  const auto person = Get("bea");
  ASSERT_TRUE(person.ok()) << person.status();
  EXPECT_EQ(person->state(), v1::PERSON_STATE_ERASED);
  EXPECT_EQ(person->erase_reason(), "r");
  EXPECT_EQ(person->display_name(), "");
}

// A text that does not open is not passed over as if it had been erased.
TEST_F(RevealTest, DamageIsAnError) {
  Publish(world_);
  ASSERT_TRUE(world_.keys().Destroy({kDana}).ok());
  ASSERT_TRUE(world_.keys().KeyFor(kDana).ok());  // Another one.
  EXPECT_TRUE(absl::IsDataLoss(Get("bea").status()));
}

TEST_F(RevealTest, RowsHoldNone) {
  Publish(world_);
  std::string rows;
  ASSERT_TRUE(store_
                  ->Scan("", "",
                         [&](std::string_view key, std::string_view value) {
                           rows.append(key).append(value);
                           return true;
                         })
                  .ok());
  EXPECT_NE(rows.find("dana"), std::string::npos);
  for (const char* text : {"Dana", "Holm", "example.org", "never late", "+47", "Eli Own"}) {
    EXPECT_EQ(rows.find(text), std::string::npos) << text;
  }
}

TEST_F(RevealTest, NobodyFiltersOrOrdersByThem) {
  Publish(world_);
  for (const char* text : {"filter: 'display_name = \"Dana Holm\"'", "filter: 'email : *'", "order_by: 'phone'",
                           "filter: 'comments.text : late'"}) {
    EXPECT_EQ(ReasonOf(List("bea", text).status()), v1::REASON_FILTER_INVALID) << text;
  }
  EXPECT_TRUE(List("bea", "filter: 'party_id = provider AND comments:*'").ok());
}

// An answer to a command rests on less than the log may hold by then.
TEST_F(RevealTest, WhatComesLaterIsLeftOut) {
  Publish(world_);
  const auto* state = world_.state().Find<v1::Person>(kDana);
  v1::Person person = *state;
  ASSERT_TRUE(queries_->Reveal(state->sealed_in(), person).ok());
  EXPECT_EQ(person.display_name(), "");
  EXPECT_EQ(person.comments(0).text(), "never late");
  ASSERT_TRUE(queries_->Reveal(state->sealed_in() + 1, person).ok());
  EXPECT_EQ(person.display_name(), "Dana Holm");
  // Nor is a text shown from an entry of another stream.
  v1::Person other = *state;
  other.set_name("relationships/acme/persons/other");
  ASSERT_TRUE(queries_->Reveal(UINT64_MAX, other).ok());
  EXPECT_EQ(other.display_name() + other.comments(0).text(), "");
}

}  // namespace
}  // namespace parley::test
