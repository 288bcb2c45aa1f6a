// Bytes: entries, groups, checksums.
#include <set>

#include "eventstore/base/aead.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/crc32c.h"
#include "eventstore/group.h"
#include "gmock/gmock.h"
#include "tests/eventstore/log_fixture.h"

namespace parley {
namespace {

using testing::ElementsAre;

// Published check values: the catalogue's "123456789", and RFC 3720, B.4.
TEST(Crc32c, GivesThePublishedValues) {
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(Crc32c(""), 0u);
}

TEST(Crc32c, SumsPiecesLikeTheWhole) {
  const std::string text = "a somewhat longer text, of no multiple of eight";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(Crc32c(text.substr(cut), Crc32c(text.substr(0, cut))), Crc32c(text)) << cut;
  }
}

constexpr char kPerson[] = "relationships/acme/persons/p1";

NewEntry PersonalEntry() {
  NewEntry entry;
  entry.ledger = LedgerId("acme");
  entry.sequence = 7;
  entry.recorded_at = kDay;
  entry.owner = "buyer";
  entry.record.set_stream("relationships/acme/parties/buyer/assessments/a1");
  entry.personal = {{kPerson, "registered.display_name", "a name", std::string(32, 'k')},
                    {kPerson, "registered.email", "", std::string(32, 'k')}};
  return entry;
}

Entry Decoded(v1::StoredEntry stored) {
  auto entry = DecodeEntry(std::move(stored), {});
  EXPECT_TRUE(entry.ok()) << entry.status();
  return entry.ok() ? *std::move(entry) : Entry();
}

TEST(EntryCodec, LaysOutHeaderAndPartsAsDocumented) {
  SeededRandom random(1);
  const NewEntry entry = PersonalEntry();
  const v1::StoredEntry stored = EncodeEntry(entry, random);
  ASSERT_EQ(stored.parts_size(), 3);
  EXPECT_EQ(stored.parts(0).salt().size(), 32u);
  EXPECT_TRUE(stored.parts(0).sealed().empty());
  v1::Record record = entry.record;
  v1::EntryHeader header;
  header.set_ledger("acme");
  header.set_sequence(7);
  header.mutable_recorded_at()->set_seconds(1'700'000'000);
  header.set_owner("buyer");
  header.add_commitments();
  std::set<std::string> salts{stored.parts(0).salt()};
  std::set<std::string> nonces;
  for (int i = 1; i < 3; ++i) {
    const v1::StoredPart& part = stored.parts(i);
    EXPECT_TRUE(part.salt().empty() && part.content().empty()) << "nothing personal stands open";
    const std::string additional =
        std::string("parley/sealed/v1\0", 17) + Sha256(absl::StrCat("acme\n7\n", i, "\nrelationships/acme/persons/p1"));
    const auto plain = AeadOpen(std::string(32, 'k'), additional, part.sealed());
    ASSERT_TRUE(plain.has_value());
    v1::StoredPart open;
    ASSERT_TRUE(open.ParseFromString(*plain));
    EXPECT_EQ(open.salt().size(), 32u);
    EXPECT_EQ(open.content(), entry.personal[i - 1].content);
    salts.insert(open.salt());
    nonces.insert(part.sealed().substr(0, 12));
    header.add_commitments(Sha256(std::string("parley/commit/v1\0", 17) + open.salt() + open.content()));
    auto* named = record.add_personal_parts();
    named->set_person(kPerson);
    named->set_field(entry.personal[i - 1].field);
    named->set_sealed_sha256(Sha256(part.sealed()));
  }
  EXPECT_EQ(salts.size(), 3u);
  EXPECT_EQ(nonces.size(), 2u);
  EXPECT_EQ(stored.parts(0).content(), Canonical(record));
  header.set_commitments(0, Sha256(std::string("parley/commit/v1\0", 17) + stored.parts(0).salt() + Canonical(record)));
  EXPECT_EQ(stored.header(), std::string("parley/leaf/v1\0", 15) + Canonical(header));

  const auto decoded = DecodeEntry(stored, {ShardId{2}, 5});
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->sequence(), 7u);
  EXPECT_FALSE(decoded->joint());
  EXPECT_EQ(decoded->position, (Position{ShardId{2}, 5}));
  EXPECT_TRUE(VerifyCommitments(*decoded).ok());
}

TEST(SealedParts, OpenUnderTheirPersonsKeyOnly) {
  SeededRandom random(1);
  const Entry entry = Decoded(EncodeEntry(PersonalEntry(), random));
  EXPECT_EQ(OpenPart(entry, 1, std::string(32, 'k')).value(), "a name");
  EXPECT_EQ(OpenPart(entry, 2, std::string(32, 'k')).value(), "");
  EXPECT_EQ(OpenPart(entry, 1, std::string(32, 'x')).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(OpenPart(entry, 1, "short").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReasonOf(OpenPart(entry, 0, std::string(32, 'k')).status()), v1::REASON_NOT_FOUND);
  EXPECT_EQ(ReasonOf(OpenPart(entry, 3, std::string(32, 'k')).status()), v1::REASON_NOT_FOUND);
}

TEST(SealedParts, MayBeMissingButNotAnother) {
  SeededRandom random(1);
  const v1::StoredEntry good = EncodeEntry(PersonalEntry(), random);
  const auto verify = [&](const std::function<void(v1::StoredEntry&)>& spoil) {
    v1::StoredEntry stored = good;
    spoil(stored);
    return ReasonOf(VerifyCommitments(Decoded(stored)));
  };
  EXPECT_EQ(verify([](auto& e) { e.mutable_parts(1)->clear_sealed(); }), v1::REASON_UNSPECIFIED);
  EXPECT_EQ(verify([](auto& e) { e.mutable_parts(1)->mutable_sealed()->back() ^= 1; }), v1::REASON_LEDGER_QUARANTINED);
  EXPECT_EQ(verify([](auto& e) { e.mutable_parts(1)->Swap(e.mutable_parts(2)); }), v1::REASON_LEDGER_QUARANTINED);
  EXPECT_EQ(verify([](auto& e) { e.mutable_parts(1)->set_salt("s"); }), v1::REASON_LEDGER_QUARANTINED);
  EXPECT_EQ(verify([](auto& e) { e.mutable_parts(2)->set_content("c"); }), v1::REASON_LEDGER_QUARANTINED);
  EXPECT_EQ(verify([](auto& e) { e.mutable_parts(0)->set_sealed("s"); }), v1::REASON_LEDGER_QUARANTINED);
  v1::StoredEntry erased = good;
  erased.mutable_parts(1)->clear_sealed();
  EXPECT_EQ(ReasonOf(OpenPart(Decoded(erased), 1, std::string(32, 'k')).status()), v1::REASON_NOT_FOUND);
  EXPECT_TRUE(OpenPart(Decoded(erased), 2, std::string(32, 'k')).ok());
}

// A part is bound to its place and person; and what is in it to the commitment, whoever sealed it.
TEST(SealedParts, DoNotOpenElsewhere) {
  SeededRandom random(1);
  const v1::StoredEntry good = EncodeEntry(PersonalEntry(), random);
  const auto open = [&](const std::function<void(Entry&)>& spoil) {
    Entry entry = Decoded(good);
    spoil(entry);
    return OpenPart(entry, 1, std::string(32, 'k')).status().code();
  };
  EXPECT_EQ(open([](Entry&) {}), absl::StatusCode::kOk);
  EXPECT_EQ(open([](Entry& e) { e.header.set_sequence(8); }), absl::StatusCode::kDataLoss);
  EXPECT_EQ(open([](Entry& e) { e.header.set_ledger("bolt"); }), absl::StatusCode::kDataLoss);
  EXPECT_EQ(open([](Entry& e) { e.record.mutable_personal_parts(0)->set_person("x"); }), absl::StatusCode::kDataLoss);
  EXPECT_EQ(open([](Entry& e) { *e.stored.mutable_parts(1) = e.stored.parts(2); }), absl::StatusCode::kDataLoss);
  EXPECT_EQ(open([](Entry& e) { e.header.mutable_commitments(1)->back() ^= 1; }), absl::StatusCode::kDataLoss);
}

struct BadEntry {
  std::string name;
  std::function<void(v1::StoredEntry&)> spoil;
};

class BadEntries : public testing::TestWithParam<BadEntry> {};

TEST_P(BadEntries, AreQuarantined) {
  v1::StoredEntry stored = MakeEntry({});
  ASSERT_TRUE(DecodeEntry(stored, {}).ok());
  GetParam().spoil(stored);
  EXPECT_EQ(ReasonOf(DecodeEntry(stored, {}).status()), v1::REASON_LEDGER_QUARANTINED);
}

INSTANTIATE_TEST_SUITE_P(
    EntryCodec, BadEntries,
    testing::Values(BadEntry{"NoHeader", [](auto& e) { e.clear_header(); }},
                    BadEntry{"AnotherHeaderVersion", [](auto& e) { (*e.mutable_header())[13] = '2'; }},
                    BadEntry{"HeaderIsNotAMessage", [](auto& e) { e.mutable_header()->append("\xff\xff"); }},
                    BadEntry{"HeaderWithoutLedger", [](auto& e) { e.mutable_header()->resize(15); }},
                    BadEntry{"NoParts", [](auto& e) { e.clear_parts(); }},
                    BadEntry{"APartTooMany", [](auto& e) { e.add_parts(); }},
                    BadEntry{"RecordIsNotAMessage", [](auto& e) { e.mutable_parts(0)->set_content("\xff\xff"); }},
                    BadEntry{"RecordNamesAnotherPart",
                             [](auto& e) {
                               v1::Record record;
                               record.add_personal_parts();
                               e.mutable_parts(0)->set_content(Canonical(record));
                             }}),
    [](const auto& info) { return info.param.name; });

TEST(EntryCodec, APartThatWasChangedDoesNotMatchItsCommitment) {
  for (int field = 0; field < 2; ++field) {
    v1::StoredEntry stored = MakeEntry({.event = "paid"});
    auto* part = stored.mutable_parts(0);
    if (field == 0) part->mutable_salt()->at(31) ^= 1;
    if (field == 1) part->mutable_content()->back() ^= 1;
    const auto decoded = DecodeEntry(stored, {});
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(ReasonOf(VerifyCommitments(*decoded)), v1::REASON_LEDGER_QUARANTINED);
  }
}

TEST(GroupCodec, IsTheSerialisedMessageAndSplitsIntoEntries) {
  v1::StoredGroup group;
  std::vector<std::string> commits;
  for (size_t n : {1u, 3u}) {
    v1::StoredCommit commit;
    for (auto& entry : MakeCommit({.event = std::string(100 * n, 'x')}, n).entries) *commit.add_entries() = entry;
    *group.add_commits() = commit;
    commits.push_back(Canonical(commit));
  }
  const std::string bytes = EncodeGroup({commits[0], commits[1]});
  EXPECT_EQ(bytes, Canonical(group));
  const auto split = SplitGroup(bytes);
  ASSERT_TRUE(split.ok());
  ASSERT_EQ(split->size(), 2u);
  ASSERT_EQ((*split)[1].size(), 3u);
  EXPECT_EQ((*split)[1][2], Canonical(group.commits(1).entries(2)));
}

TEST(GroupCodec, RefusesWhatIsNoGroup) {
  const std::string group = EncodeGroup({std::string("\x0a\x01x", 3)});
  ASSERT_TRUE(SplitGroup(group).ok());
  for (const std::string& bytes : std::vector<std::string>{
           std::string(), std::string("junk"), group.substr(0, group.size() - 1), group + std::string("\x12\x00", 2),
           EncodeGroup({""}), std::string("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12)}) {
    EXPECT_EQ(ReasonOf(SplitGroup(bytes).status()), v1::REASON_LEDGER_QUARANTINED);
  }
}

}  // namespace
}  // namespace parley
