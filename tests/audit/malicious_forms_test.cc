// Entries in forms that no honest log writes, signed by the log all the same: what is wrong with each is told, and where.
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "parley/v1/decision.pb.h"
#include "parley/v1/digest.pb.h"
#include "parley/v1/key.pb.h"
#include "parley/v1/person.pb.h"
#include "tests/audit/verify_fixture.h"
#include "tests/support/fixtures.h"

namespace parley::test {
namespace {

const std::string kLeaf("parley/leaf/v1\0", 15);
// Field 100, a varint: no message here has one.
constexpr char kUnknownField[] = "\xA0\x06\x01";

size_t LateInput(const BundleBuilder& b) { return b.Find("decision.input_given", 1); }
size_t MaxProfile(const BundleBuilder& b) { return b.Find("person.registered", 1); }

// Puts content under a new commitment, as whoever writes entries can.
void PutRecord(BundleBuilder& b, size_t at, const std::string& content) {
  v1::EntryHeader header = b.HeaderOf(at);
  v1::StoredPart& part = *b.entries[at].mutable_parts(0);
  part.set_content(content);
  header.set_commitments(0, Commitment(part.salt(), part.content()));
  b.entries[at].set_header(kLeaf + Canonical(header));
}
void PutEvent(BundleBuilder& b, size_t at, const std::string& event) {
  b.Rewrite(at, [&](v1::EntryHeader&, v1::Record& record) { record.set_event(event); });
}
std::string ContentOf(const BundleBuilder& b, size_t at) { return b.entries[at].parts(0).content(); }

// Adds a copy of the entry at `from` at the end, at the moment of the last, changed; answers where.
template <class Change>
size_t Append(BundleBuilder& b, size_t from, Change change) {
  const size_t at = b.entries.size();
  const auto time = b.HeaderOf(at - 1).recorded_at();
  b.entries.push_back(b.entries[from]);
  b.Rewrite(at, [&](v1::EntryHeader& header, v1::Record& record) {
    header.set_sequence(at);
    *header.mutable_recorded_at() = time;
    *record.mutable_effective_at() = time;
    record.set_request_id("request-forged");
    change(header, record);
  });
  return at;
}

struct Form {
  const char* name;
  // Answers where the offence is.
  size_t (*tamper)(BundleBuilder& b);
  Verdict verdict;
  const char* reader = "buyer";
};
void PrintTo(const Form& form, std::ostream* out) { *out << form.name; }

size_t HeaderWithMore(BundleBuilder& b, const std::string& more) {
  const size_t at = LateInput(b);
  b.entries[at].set_header(b.entries[at].header() + more);
  return at;
}
size_t RecordWithMore(BundleBuilder& b, const std::string& more) {
  const size_t at = LateInput(b);
  PutRecord(b, at, ContentOf(b, at) + more);
  return at;
}
size_t EventWithMore(BundleBuilder& b, const std::string& more) {
  const size_t at = LateInput(b);
  PutEvent(b, at, b.RecordOf(at).event() + more);
  return at;
}
template <class Change>
size_t Changed(BundleBuilder& b, size_t at, Change change) {
  b.Rewrite(at, change);
  return at;
}

const Form kForms[] = {
    {"HeaderUnknownField", [](BundleBuilder& b) { return HeaderWithMore(b, kUnknownField); }, Verdict::kDamaged},
    {"HeaderFieldTwice",
     [](BundleBuilder& b) {
       v1::EntryHeader again;
       again.set_sequence(LateInput(b));
       return HeaderWithMore(b, Canonical(again));
     },
     Verdict::kDamaged},
    {"HeaderWithoutTime",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b), [](v1::EntryHeader& header, v1::Record&) { header.clear_recorded_at(); });
     },
     Verdict::kDamaged},
    {"HeaderTimeOfNoClock",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b),
                      [](v1::EntryHeader& header, v1::Record&) { header.mutable_recorded_at()->set_nanos(-1); });
     },
     Verdict::kDamaged},
    {"RecordUnknownField", [](BundleBuilder& b) { return RecordWithMore(b, kUnknownField); }, Verdict::kDamaged},
    {"RecordFieldTwice",
     [](BundleBuilder& b) {
       v1::Record again;
       again.set_actor(b.RecordOf(LateInput(b)).actor());
       return RecordWithMore(b, Canonical(again));
     },
     Verdict::kDamaged},
    {"RecordTrailingBytes", [](BundleBuilder& b) { return RecordWithMore(b, "\xFF"); }, Verdict::kDamaged},
    {"EventUnknownField", [](BundleBuilder& b) { return EventWithMore(b, kUnknownField); }, Verdict::kUnauthorised},
    // The last of several is what counts, to some parsers.
    {"EventInTwoVersions",
     [](BundleBuilder& b) {
       const size_t at = LateInput(b);
       v1::DecisionEvent event;
       event.ParseFromString(b.RecordOf(at).event());
       v1::DecisionEvent other = event;
       other.mutable_input_given()->set_text("rather not");
       PutEvent(b, at, Canonical(other) + Canonical(event));
       return at;
     },
     Verdict::kDamaged},
    {"EventUnknownFieldInside",
     [](BundleBuilder& b) {
       const size_t at = LateInput(b);
       v1::DecisionEvent event;
       event.ParseFromString(b.RecordOf(at).event());
       auto& inside = *event.mutable_input_given();
       inside.GetReflection()->MutableUnknownFields(&inside)->AddVarint(100, 1);
       PutEvent(b, at, Canonical(event));
       return at;
     },
     Verdict::kUnauthorised},
    {"EventOfAnotherType",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b),
                      [](v1::EntryHeader&, v1::Record& record) { record.set_event_type("decision.concurred"); });
     },
     Verdict::kDamaged},
    {"EventOfAnotherAggregate",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b),
                      [](v1::EntryHeader&, v1::Record& record) { record.set_event_type("person.erased"); });
     },
     Verdict::kDamaged},
    {"SchemaOfTheFuture",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b), [](v1::EntryHeader&, v1::Record& record) { record.set_schema_version(9); });
     },
     Verdict::kDamaged},
    {"SchemaOfNoTime",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b), [](v1::EntryHeader&, v1::Record& record) { record.set_schema_version(0); });
     },
     Verdict::kDamaged},
    {"StreamOfAnotherLedger",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b), [](v1::EntryHeader&, v1::Record& record) {
         record.set_stream("relationships/other/decisions/d2");
       });
     },
     Verdict::kAltered},
    {"HeaderOfAnotherLedger",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b), [](v1::EntryHeader& header, v1::Record&) { header.set_ledger("other"); });
     },
     Verdict::kAltered},
    // Kept from everybody.
    {"OwnedByNobodyThereIs",
     [](BundleBuilder& b) {
       const size_t at = Append(b, b.Find("objective.stated", 1), [](v1::EntryHeader& header, v1::Record& record) {
         header.set_owner("ghost");
         record.set_stream("relationships/acme/parties/ghost/objectives/own");
       });
       return at;
     },
     Verdict::kUnauthorised},
    {"OwnedDecision",
     [](BundleBuilder& b) {
       return Append(b, b.Find("decision.proposed", 2), [](v1::EntryHeader& header, v1::Record& record) {
         header.set_owner("buyer");
         record.set_stream("relationships/acme/parties/buyer/decisions/d9");
       });
     },
     Verdict::kUnauthorised},
    {"AnotherPersonsPart",
     [](BundleBuilder& b) {
       return Changed(b, MaxProfile(b),
                      [](v1::EntryHeader&, v1::Record& record) { record.mutable_personal_parts(0)->set_person(kKay); });
     },
     Verdict::kUnauthorised},
    {"AnotherFieldsPart",
     [](BundleBuilder& b) {
       return Changed(b, MaxProfile(b), [](v1::EntryHeader&, v1::Record& record) {
         record.mutable_personal_parts(0)->set_field("registered.email");
       });
     },
     Verdict::kUnauthorised},
    {"TextInTheOpen",
     [](BundleBuilder& b) {
       const size_t at = MaxProfile(b);
       b.RewriteEvent<v1::PersonEvent>(
           at, [](v1::PersonEvent& event) { event.mutable_registered()->set_display_name("Max Merlin"); });
       return at;
     },
     Verdict::kUnauthorised},
    {"SealedPartWithSalt",
     [](BundleBuilder& b) {
       const size_t at = MaxProfile(b);
       b.entries[at].mutable_parts(1)->set_salt(std::string(32, 's'));
       return at;
     },
     Verdict::kDamaged},
    {"SealedPartOfAnotherEntry",
     [](BundleBuilder& b) {
       const size_t at = b.Find("person.commented", 1);
       b.entries[at].mutable_parts(1)->set_sealed(b.entries[MaxProfile(b)].parts(1).sealed());
       return at;
     },
     Verdict::kAltered},
    {"ACommitmentMore",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b),
                      [](v1::EntryHeader& header, v1::Record&) { header.add_commitments(header.commitments(0)); });
     },
     Verdict::kDamaged},
    {"APartMoreThanNamed",
     [](BundleBuilder& b) {
       const size_t at = LateInput(b);
       b.Rewrite(at, [](v1::EntryHeader& header, v1::Record&) { header.add_commitments(header.commitments(0)); });
       b.entries[at].add_parts()->set_sealed("?");
       return at;
     },
     Verdict::kDamaged},
    {"SaltMovedIntoTheRecord",
     [](BundleBuilder& b) {
       const size_t at = LateInput(b);
       v1::StoredPart& part = *b.entries[at].mutable_parts(0);
       part.set_content(part.salt().substr(31) + part.content());
       part.set_salt(part.salt().substr(0, 31));
       return at;
     },
     Verdict::kAltered},
    // What a person's erasure takes away is what was said of that person.
    {"ErasedWithTheRecord",
     [](BundleBuilder& b) {
       const size_t at = b.Find("person.registered");
       b.entries[at].mutable_parts(0)->Clear();
       return at;
     },
     Verdict::kHidden},
    {"ErasedInSecret",
     [](BundleBuilder& b) {
       Append(b, b.Find("person.erased"), [](v1::EntryHeader& header, v1::Record& record) {
         header.set_owner("provider");
         record.set_stream(kSub);
       });
       b.entries[MaxProfile(b)].mutable_parts(1)->Clear();
       return MaxProfile(b);
     },
     Verdict::kHidden},
    {"RegisteredAgainAfterErasure",
     [](BundleBuilder& b) { return Append(b, b.Find("person.registered"), [](v1::EntryHeader&, v1::Record&) {}); },
     Verdict::kUnauthorised},
    {"CommentedAfterErasure",
     [](BundleBuilder& b) { return Append(b, b.Find("person.commented"), [](v1::EntryHeader&, v1::Record&) {}); },
     Verdict::kUnauthorised},
    {"ActorWhoHasNoRole",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b), [](v1::EntryHeader&, v1::Record& record) { record.set_actor("mallory"); });
     },
     Verdict::kUnauthorised},
    {"ActorIsTheSystem",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b), [](v1::EntryHeader&, v1::Record& record) {
         record.set_actor("system");
         record.clear_party();
         record.clear_role();
       });
     },
     Verdict::kUnauthorised},
    {"OnBehalfOfAStranger",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b),
                      [](v1::EntryHeader&, v1::Record& record) { record.set_on_behalf_of("mallory"); });
     },
     Verdict::kUnauthorised},
    {"ARoleThatNobodyHas",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b), [](v1::EntryHeader&, v1::Record& record) { record.set_role("owner"); });
     },
     Verdict::kUnauthorised},
    {"FollowsFromNothing",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b), [](v1::EntryHeader&, v1::Record& record) { record.set_caused_by(1); });
     },
     Verdict::kUnauthorised},
    // The key that was replaced stays in use.
    {"HalfACommand",
     [](BundleBuilder& b) {
       const size_t at = b.Find("key.replaced", 1);
       b.entries.erase(b.entries.begin() + static_cast<std::ptrdiff_t>(at));
       b.Renumber();
       return at - 1;
     },
     Verdict::kUnauthorised},
    {"TwoCommandsAsOne",
     [](BundleBuilder& b) {
       const size_t at = b.Find("decision.proposed", 2);
       const auto first = b.HeaderOf(at - 1).recorded_at();
       const std::string request_id = b.RecordOf(at - 1).request_id();
       return Changed(b, at, [&](v1::EntryHeader& header, v1::Record& record) {
         *header.mutable_recorded_at() = first;
         *record.mutable_effective_at() = first;
         record.set_request_id(request_id);
       });
     },
     Verdict::kUnauthorised},
    {"EffectiveAtNoTime",
     [](BundleBuilder& b) {
       return Changed(b, LateInput(b), [](v1::EntryHeader&, v1::Record& record) { record.clear_effective_at(); });
     },
     Verdict::kBackdated},
    {"RecordedTomorrow",
     [](BundleBuilder& b) {
       return Append(b, LateInput(b), [](v1::EntryHeader& header, v1::Record&) {
         header.mutable_recorded_at()->set_seconds(header.recorded_at().seconds() + 86400);
       });
     },
     Verdict::kBackdated},
};

class MaliciousForms : public VerifyTest, public testing::WithParamInterface<Form> {};

TEST_P(MaliciousForms, AreToldAndWhere) {
  BundleBuilder b = Good();
  const size_t offence = GetParam().tamper(b);
  b.Resign();
  const VerifyReport report = Verify(b.Bundle(GetParam().reader), Good().LogAlone());
  EXPECT_EQ(report.verdict, GetParam().verdict) << Describe(report);
  EXPECT_EQ(report.offence, offence) << Describe(report);
}

INSTANTIATE_TEST_SUITE_P(Each, MaliciousForms, testing::ValuesIn(kForms),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace parley::test
