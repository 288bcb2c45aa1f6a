// Every rule of activities, refusals included.
#include "services/activity/activity.h"

#include "tests/support/fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

using ActivitySpec = Spec<v1::Activity>;

// Two activities of one case, a day before the world begins.
v1::RecordActivitiesRequest Batch() {
  return Parse<v1::RecordActivitiesRequest>(R"pb(
    parent: "relationships/acme"
    historical: true
    activities {
      source: "desk"
      source_id: "c1.0"
      case_id: "c1"
      activity: "Accepted"
      status: "In Progress"
      party_id: "provider"
      team: "N36"
      site: "us"
      person: "p-ab12"
      time { seconds: 1767139200 }
    }
    activities {
      source: "desk"
      source_id: "c1.1"
      case_id: "c1"
      activity: "Accepted"
      status: "Wait - User"
      waiting: true
      time { seconds: 1767139260 }
    })pb");
}

// A batch of the first activity alone, changed by `change`.
v1::RecordActivitiesRequest One(const std::function<void(v1::Activity&)>& change) {
  v1::RecordActivitiesRequest request = Batch();
  request.mutable_activities()->RemoveLast();
  change(*request.mutable_activities(0));
  return request;
}

constexpr char kFirst[] =
    "recorded { source: 'desk' source_id: 'c1.0' case_id: 'c1' activity: 'Accepted' status: 'In Progress' "
    "party_id: 'provider' team: 'N36' site: 'us' person: 'p-ab12' }";
constexpr char kSecond[] =
    "recorded { source: 'desk' source_id: 'c1.1' case_id: 'c1' activity: 'Accepted' status: 'Wait - User' waiting: "
    "true }";

TEST(RecordActivities, RecordsEachAtItsOwnTime) {
  ActivitySpec spec;
  spec.Given(Staffed).By("petra").When(Batch()).Then({kFirst, kSecond});
  const auto& entries = spec.world().entries();
  const Entry& second = entries.back();
  EXPECT_EQ(second.record.stream(), "relationships/acme/activities/desk~c1.1");
  EXPECT_EQ(second.record.effective_at().seconds(), 1767139260);
  EXPECT_TRUE(second.record.historical());
  EXPECT_TRUE(spec.world().state().Exists("relationships/acme/activities/desk~c1.0"));
}

TEST(RecordActivities, PassesOverWhatIsThere) {
  ActivitySpec spec;
  spec.Given(Staffed).By("petra").Given(One([](v1::Activity&) {}));
  spec.When(Batch()).Then({kSecond});
  spec.When(Batch()).ThenNothing();
}

TEST(RecordActivities, PassesOverRepeatsWithinABatch) {
  v1::RecordActivitiesRequest request = One([](v1::Activity&) {});
  *request.add_activities() = request.activities(0);
  ActivitySpec().Given(Staffed).By("petra").When(request).Then({kFirst});
}

TEST(RecordActivities, TellsSourcesApart) {
  ActivitySpec spec;
  spec.Given(Staffed).By("petra").Given(Batch());
  spec.When(One([](v1::Activity& a) { a.set_source("plant"); }))
      .Then({"recorded { source: 'plant' source_id: 'c1.0' case_id: 'c1' activity: 'Accepted' status: 'In Progress' "
             "party_id: 'provider' team: 'N36' site: 'us' person: 'p-ab12' }"});
}

TEST(RecordActivities, IsRefused) {
  const std::vector<std::function<void(v1::Activity&)>> malformed = {
      [](v1::Activity& a) { a.set_source("Service Desk"); },
      [](v1::Activity& a) { a.clear_source(); },
      [](v1::Activity& a) { a.clear_source_id(); },
      [](v1::Activity& a) { a.set_source_id(std::string(257, 'x')); },
      [](v1::Activity& a) { a.clear_case_id(); },
      [](v1::Activity& a) { a.clear_activity(); },
      [](v1::Activity& a) { a.set_person("Anna Svensson"); },
      [](v1::Activity& a) { a.set_party_id("nobody"); },
      [](v1::Activity& a) { a.clear_time(); },
  };
  for (const auto& change : malformed) {
    ActivitySpec().Given(Staffed).By("petra").When(One(change)).ThenRejected(v1::REASON_FIELD_INVALID);
  }
  v1::RecordActivitiesRequest empty = Batch();
  empty.clear_activities();
  ActivitySpec().Given(Staffed).By("petra").When(empty).ThenRejected(v1::REASON_FIELD_INVALID);
  v1::RecordActivitiesRequest too_many = Batch();
  while (too_many.activities_size() <= kMaxActivitiesInBatch) *too_many.add_activities() = too_many.activities(0);
  ActivitySpec().Given(Staffed).By("petra").When(too_many).ThenRejected(v1::REASON_FIELD_INVALID);
  ActivitySpec()
      .Given(Staffed)
      .By("petra")
      .When(One([](v1::Activity& a) { a.mutable_time()->set_seconds(1767225601); }))
      .ThenRejected(v1::REASON_EFFECTIVE_AT_INVALID);
  ActivitySpec().Given(Staffed).By("brian").When(Batch()).ThenRejected(v1::REASON_PERMISSION_MISSING);
  ActivitySpec().Given(Staffed).By("otto").When(Batch()).ThenRejected(v1::REASON_NOT_A_MEMBER);
}

TEST(RecordActivities, OneBadActivityRefusesTheBatch) {
  v1::RecordActivitiesRequest request = Batch();
  request.mutable_activities(1)->clear_case_id();
  ActivitySpec spec;
  spec.Given(Staffed).By("petra").When(request).ThenRejected(v1::REASON_FIELD_INVALID);
  EXPECT_FALSE(spec.world().state().Exists("relationships/acme/activities/desk~c1.0"));
}

TEST(ActivityId, IsDifferentForDifferentActivities) {
  EXPECT_EQ(ActivityId("desk", "c1.0"), "desk~c1.0");
  // Not a resource id as it stands: hashed.
  const std::string hashed = ActivityId("desk", "c1/0");
  EXPECT_TRUE(hashed.starts_with("desk~~"));
  EXPECT_EQ(hashed.size(), 6u + 32u);
  EXPECT_NE(hashed, ActivityId("desk", "c1/1"));
  // A source id that looks like a hashed one does not get another's id.
  EXPECT_NE(ActivityId("desk", hashed.substr(5)), hashed);
  EXPECT_NE(ActivityId("desk", std::string(200, 'x')), ActivityId("desk", std::string(201, 'x')));
}

}  // namespace
}  // namespace parley::test
