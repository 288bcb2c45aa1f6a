// Every rule of people, refusals included.
#include "services/person/person.h"

#include "eventstore/base/status.h"
#include "tests/support/fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

constexpr char kDana[] = "relationships/acme/persons/dana";
constexpr char kOwnDana[] = "relationships/acme/parties/provider/persons/dana";

v1::RegisterPersonRequest Register(std::string_view text, const std::string& parent = kAcme) {
  auto request = Parse<v1::RegisterPersonRequest>(
      "person_id: 'dana' party_id: 'provider' principal: 'petra' display_name: 'Dana Quist' email: 'dana@example.org'");
  ParseTextInto(text, request);
  request.set_parent(parent);
  return request;
}

template <class Request>
Request Named(std::string_view text, const std::string& name = kDana) {
  Request request = Parse<Request>(text);
  request.set_name(name);
  return request;
}

v1::ChangePersonProfileRequest Change(std::string_view text = "display_name: 'Dana Holm'") {
  return Named<v1::ChangePersonProfileRequest>(text);
}
v1::CommentOnPersonRequest Comment(std::string_view text = "text: 'always on time'") {
  return Named<v1::CommentOnPersonRequest>(text);
}
v1::ErasePersonRequest Erase(std::string_view text = "reason: 'asked to'") {
  return Named<v1::ErasePersonRequest>(text);
}

using Where = std::source_location;

Spec<v1::Person> Registered(Where where = Where::current()) {
  Spec<v1::Person> spec(where);
  spec.Given(Chartered).By("petra").Given(Register(""));
  return spec;
}

Spec<v1::Person> Erased(Where where = Where::current()) {
  auto spec = Registered(where);
  spec.Given(Comment()).By("pat").Given(Erase());
  return spec;
}

void Ended(World& world) {
  Decided(world, "d1");
  world.Act("bea");
  const auto run = [&](auto request) {
    const auto recorded =
        world.Run(MakeCommand<v1::Relationship>(std::make_shared<const decltype(request)>(std::move(request))));
    EXPECT_TRUE(recorded.ok()) << recorded.status();
  };
  run(On<v1::PlanExitRequest>(
      "", "plan { exit_time { seconds: 1790000000 } decision: 'relationships/acme/decisions/d1' }"));
  run(On<v1::ExitRelationshipRequest>(""));
}

// What the latest entry holds sealed: "field: text", in the order of the parts.
std::vector<std::string> SealedIn(World& world, const std::string& person = kDana) {
  const Entry& entry = world.entries().back();
  const auto key = world.keys().Find(person);
  EXPECT_TRUE(key.ok()) << key.status();
  std::vector<std::string> out;
  for (int i = 0; i < entry.record.personal_parts_size(); ++i) {
    EXPECT_EQ(entry.record.personal_parts(i).person(), person);
    const auto text = OpenPart(entry, static_cast<size_t>(i) + 1, *key);
    EXPECT_TRUE(text.ok()) << text.status();
    out.push_back(entry.record.personal_parts(i).field() + ": " + (text.ok() ? *text : ""));
  }
  return out;
}

using testing::ElementsAre;

TEST(RegisterPerson, SealsWhatIsSaidOfThem) {
  Spec<v1::Person> spec;
  spec.Given(Chartered)
      .By("petra")
      .When(Register(""))
      .Then({"registered { party_id: 'provider' principal: 'petra' }"})
      .ThenState("state: PERSON_STATE_REGISTERED party_id: 'provider' principal: 'petra'");
  EXPECT_THAT(SealedIn(spec.world()),
              ElementsAre("registered.display_name: Dana Quist", "registered.email: dana@example.org"));
  const auto* person = spec.world().state().Find<v1::Person>(kDana);
  EXPECT_EQ(person->sealed_in(), spec.world().entries().back().sequence());
  EXPECT_EQ(person->display_name() + person->email() + person->phone(), "");
}

TEST(RegisterPerson, NeedsNoCharter) {
  Spec<v1::Person>()
      .Given(Staffed)
      .By("petra")
      .When(Register(""))
      .Then({"registered { party_id: 'provider' principal: 'petra' }"});
}

TEST(RegisterPerson, IsRefused) {
  const auto refused = [](std::string_view by, const v1::RegisterPersonRequest& request, v1::Reason reason,
                          Where where = Where::current()) {
    Spec<v1::Person>(where).Given(Chartered).By(by).When(request).ThenRejected(reason, where);
  };
  refused("bill", Register(""), v1::REASON_NOT_YOUR_PARTY);
  refused("brian", Register("party_id: 'buyer'"), v1::REASON_PERMISSION_MISSING);
  refused("otto", Register(""), v1::REASON_NOT_A_MEMBER);
  refused("petra", Register("party_id: ''"), v1::REASON_NOT_YOUR_PARTY);
  refused("petra", Register("display_name: ''"), v1::REASON_FIELD_INVALID);
  refused("petra", Register("principal: 'Petra P'"), v1::REASON_FIELD_INVALID);
  refused("petra", Register("principal: 'system'"), v1::REASON_FIELD_INVALID);
  refused("petra", Register("person_id: 'Dana.Quist'"), v1::REASON_FIELD_INVALID);
  refused("bill", Register("party_id: 'buyer'", "relationships/acme/parties/provider"), v1::REASON_NOT_YOUR_PARTY);
  Registered().When(Register("")).ThenRejected(v1::REASON_ALREADY_EXISTS);
  Spec<v1::Person>().Given(Chartered).Given(Ended).By("petra").When(Register("")).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(RegisterPerson, MayBeAPartysOwn) {
  Spec<v1::Person> spec;
  spec.Given(Chartered)
      .By("petra")
      .When(Register("", "relationships/acme/parties/provider"))
      .Then({"registered { party_id: 'provider' principal: 'petra' }"});
  EXPECT_EQ(spec.world().entries().back().header.owner(), "provider");
  EXPECT_EQ(SealedIn(spec.world(), kOwnDana).size(), 2u);
  spec.By("pat")
      .When(Named<v1::CommentOnPersonRequest>("text: 'x'", kOwnDana))
      .Then({"commented { }"})
      .By("bill")
      .When(Named<v1::CommentOnPersonRequest>("text: 'x'", kOwnDana))
      .ThenRejected(v1::REASON_NOT_YOUR_PARTY);
}

TEST(ChangePersonProfile, ReplacesIt) {
  auto spec = Registered();
  spec.By("petra").When(Change()).Then({"profile_changed { }"});
  EXPECT_THAT(SealedIn(spec.world()), ElementsAre("profile_changed.display_name: Dana Holm"));
  EXPECT_EQ(spec.world().state().Find<v1::Person>(kDana)->sealed_in(), spec.world().entries().back().sequence());
}

TEST(ChangePersonProfile, IsThePersonsOrTheirPartys) {
  // petra is dana: that she says so herself is no role's right.
  auto self = Registered();
  self.By("petra").When(Change()).Then({"profile_changed { }"});
  EXPECT_EQ(self.world().entries().back().record.role(), "");
  auto contributor = Registered();
  contributor.By("pat").When(Change()).Then({"profile_changed { }"});
  EXPECT_EQ(contributor.world().entries().back().record.role(), "representative");
  // An administrator who may do nothing else.
  Registered()
      .By("pat")
      .Given(On<v1::GrantRoleRequest>(
          "", "principal: 'paul' party_id: 'provider' role: 'office' permissions: PERMISSION_ADMINISTER"))
      .By("paul")
      .When(Change())
      .Then({"profile_changed { }"});
  Registered().By("bill").When(Change()).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Registered().By("bea").When(Change()).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Registered().By("brian").When(Change()).ThenRejected(v1::REASON_PERMISSION_MISSING);
}

TEST(ChangePersonProfile, IsAllowedAfterTheEnd) {
  Registered().Given(Ended).By("petra").When(Change()).Then({"profile_changed { }"});
}

TEST(ChangePersonProfile, IsRefused) {
  Registered().When(Change("display_name: ''")).ThenRejected(v1::REASON_FIELD_INVALID);
  Erased().By("pat").When(Change()).ThenRejected(v1::REASON_PERSON_ERASED);
  Spec<v1::Person>().Given(Chartered).By("petra").When(Change()).ThenRejected(v1::REASON_NOT_FOUND);
}

TEST(CommentOnPerson, IsAnyContributors) {
  auto spec = Registered();
  spec.By("bill").When(Comment()).Then({"commented { }"});
  EXPECT_THAT(SealedIn(spec.world()), ElementsAre("commented.text: always on time"));
  const auto* person = spec.world().state().Find<v1::Person>(kDana);
  ASSERT_EQ(person->comments_size(), 1);
  EXPECT_EQ(person->comments(0).sealed_in(), spec.world().entries().back().sequence());
  EXPECT_EQ(person->comments(0).principal(), "bill");
  EXPECT_EQ(person->comments(0).party_id(), "buyer");
  EXPECT_EQ(person->comments(0).text(), "");
}

TEST(CommentOnPerson, IsRefused) {
  Registered().By("brian").When(Comment()).ThenRejected(v1::REASON_PERMISSION_MISSING);
  Registered().By("otto").When(Comment()).ThenRejected(v1::REASON_NOT_A_MEMBER);
  Registered().By("bill").When(Comment("text: ''")).ThenRejected(v1::REASON_FIELD_INVALID);
  Registered().Given(Ended).By("bill").When(Comment()).ThenRejected(v1::REASON_WRONG_STATE);
  Erased().By("bill").When(Comment()).ThenRejected(v1::REASON_PERSON_ERASED);
}

TEST(ErasePerson, LeavesThatItWasDoneAndWhy) {
  auto spec = Registered();
  spec.By("bill").Given(Comment());
  spec.By("pat").When(Erase()).Then({"erased { reason: 'asked to' }"}).ThenState(R"pb(
    state: PERSON_STATE_ERASED
    party_id: "provider"
    principal: "petra"
    comments {
      principal: "bill"
      party_id: "buyer"
      time { seconds: 1767225600 }
    }
    erase_time { seconds: 1767225600 }
    erased_by: "pat"
    erase_reason: "asked to"
  )pb");
  EXPECT_EQ(spec.world().state().Find<v1::Person>(kDana)->sealed_in(), 0u);
  EXPECT_EQ(spec.world().entries().back().record.personal_parts_size(), 0);
}

TEST(ErasePerson, IsThePersonsOrTheirAdministrators) {
  auto self = Registered();
  self.By("petra").When(Erase()).Then({"erased { reason: 'asked to' }"});
  EXPECT_EQ(self.world().entries().back().record.role(), "");
  Registered().Given(Ended).By("pat").When(Erase()).Then({"erased { reason: 'asked to' }"});
  Registered().By("bea").When(Erase()).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  Registered().By("bill").When(Erase()).ThenRejected(v1::REASON_PERMISSION_MISSING);
  // Who contributes for the person's party, but administers nothing and is somebody else.
  Spec<v1::Person>()
      .Given(Chartered)
      .By("pat")
      .Given(Register("principal: 'dana'"))
      .By("petra")
      .When(Erase())
      .ThenRejected(v1::REASON_PERMISSION_MISSING);
}

TEST(ErasePerson, IsRefused) {
  Registered().By("pat").When(Erase("reason: ''")).ThenRejected(v1::REASON_FIELD_INVALID);
  Erased().By("pat").When(Erase()).ThenRejected(v1::REASON_PERSON_ERASED);
}

// No way around the rules of an area that forgets to ask: whoever is erased gets no new key.
TEST(ErasePerson, NothingIsSealedAboutThemAnyMore) {
  auto spec = Erased();
  v1::PersonEvent event;
  event.mutable_commented()->set_text("still");
  EXPECT_EQ(ReasonOf(spec.world().Record(kDana, event).status()), v1::REASON_PERSON_ERASED);
}

}  // namespace
}  // namespace parley::test
