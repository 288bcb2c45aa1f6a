// The stored formats, frozen: every shape that an entry can have (tests/golden/entries), a record of the log and a file of
// wrapped keys (tests/golden/log). Made once, as golden.h says; what is read here is the files.
#include <map>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "eventstore/group.h"
#include "eventstore/index_rows.h"
#include "eventstore/kv_memory.h"
#include "eventstore/log_store.h"
#include "eventstore/memory_engine.h"
#include "eventstore/proof/merkle.h"
#include "eventstore/rocks_record.h"
#include "eventstore/wrapped_keys.h"
#include "gmock/gmock.h"
#include "tests/eventstore/log_fixture.h"
#include "tests/support/golden.h"

namespace parley {
namespace {

using test::ExpectSameMessage;
using test::FromHexLines;
using test::GoldenFolder;
using test::HexLines;
using test::NeedGolden;
using test::ReadGolden;
using test::Section;
using test::TextOf;
using testing::ElementsAre;

constexpr char kBytes[] = "# bytes of the stored entry\n";
constexpr char kLeaf[] = "# its leaf hash\n";
constexpr char kHeader[] = "# its header\n";
constexpr char kRecord[] = "# its record\n";
constexpr char kPersonal[] = "# its personal texts, where they are there\n";

const std::string kAnn = "relationships/acme/persons/ann";
const std::string kBob = "relationships/acme/persons/bob";

std::string KeyOf(const std::string& person) { return std::string(32, person.back()); }

// Bytes that are different ones at each place, so that nothing can be swapped unnoticed.
std::string Counting(size_t n) {
  std::string bytes;
  for (size_t i = 0; i < n; ++i) bytes += static_cast<char>(i * 7 + 1);
  return bytes;
}

NewEntry Joint() {
  NewEntry entry;
  entry.ledger = LedgerId("acme");
  entry.recorded_at = absl::FromUnixSeconds(1'767'225'600) + absl::Nanoseconds(123'456'789);
  entry.record.set_stream("relationships/acme/decisions/d1");
  entry.record.set_event_type("decision.withdrawn");
  entry.record.set_schema_version(1);
  *entry.record.mutable_effective_at() = ToProto(absl::FromUnixSeconds(1'767'139'200));
  entry.record.set_actor("bea");
  entry.record.set_party("buyer");
  entry.record.set_role("recommend");
  entry.record.set_request_id("request-1");
  entry.record.set_request_fingerprint(Counting(32));
  entry.record.set_event(Counting(40));
  return entry;
}

NewEntry Private() {
  NewEntry entry = Joint();
  entry.sequence = 1;
  entry.owner = "buyer";
  entry.record.set_stream("relationships/acme/parties/buyer/objectives/o1");
  entry.record.set_on_behalf_of("bill");
  return entry;
}

NewEntry System() {
  NewEntry entry = Joint();
  entry.sequence = 70'000;
  entry.record.set_actor("system");
  entry.record.clear_party();
  entry.record.clear_request_fingerprint();
  entry.record.set_caused_by(0);  // Not the same as none.
  return entry;
}

NewEntry Imported() {
  NewEntry entry = Joint();
  entry.sequence = UINT64_MAX - 1;
  entry.recorded_at = absl::FromUnixSeconds(1'767'225'600);
  *entry.record.mutable_effective_at() = ToProto(absl::FromUnixSeconds(-1) + absl::Nanoseconds(1));
  entry.record.set_historical(true);
  return entry;
}

NewEntry Sealed() {
  NewEntry entry = Joint();
  entry.sequence = 2;
  entry.owner = "provider";
  entry.personal = {{kAnn, "registered.display_name", "Ann Ångström", KeyOf(kAnn)},
                    {kBob, "commented.text", std::string(300, 'x'), KeyOf(kBob)},
                    {kAnn, "registered.email", "", KeyOf(kAnn)}};
  return entry;
}

const std::vector<std::pair<std::string, v1::StoredEntry>>& Variants() {
  static const auto* const variants = [] {
    SeededRandom random(7);
    auto* made = new std::vector<std::pair<std::string, v1::StoredEntry>>{
        {"joint", EncodeEntry(Joint(), random)},   {"private", EncodeEntry(Private(), random)},
        {"system", EncodeEntry(System(), random)}, {"imported", EncodeEntry(Imported(), random)},
        {"sealed", EncodeEntry(Sealed(), random)},
    };
    v1::StoredEntry erased = made->back().second;
    erased.mutable_parts(1)->clear_sealed();
    erased.mutable_parts(3)->clear_sealed();
    v1::StoredEntry withheld = made->at(1).second;
    withheld.clear_parts();
    made->emplace_back("erased", std::move(erased));
    made->emplace_back("header_only", std::move(withheld));
    return made;
  }();
  return *variants;
}

std::filesystem::path PathOf(const std::string& variant) { return GoldenFolder() / "entries" / (variant + ".txt"); }

// The personal texts that open, one a line.
std::string PersonalTexts(const Entry& entry) {
  std::string out;
  for (int i = 0; i < entry.record.personal_parts_size(); ++i) {
    const auto text = OpenPart(entry, static_cast<size_t>(i) + 1, KeyOf(entry.record.personal_parts(i).person()));
    if (text.ok()) absl::StrAppend(&out, i + 1, " ", *text, "\n");
  }
  return out;
}

std::string EntryGolden(const v1::StoredEntry& stored) {
  const auto header = DecodeHeader(stored, {});
  EXPECT_TRUE(header.ok()) << header.status();
  std::string out =
      kBytes + HexLines(Canonical(stored)) + kLeaf + HexLines(LeafHash(stored.header())) + kHeader + TextOf(*header);
  if (stored.parts().empty()) return out + kRecord + kPersonal;
  const auto entry = DecodeEntry(stored, {});
  EXPECT_TRUE(entry.ok()) << entry.status();
  return out + kRecord + TextOf(entry->record) + kPersonal + PersonalTexts(*entry);
}

v1::StoredEntry StoredIn(const std::string& variant) {
  v1::StoredEntry stored;
  EXPECT_TRUE(stored.ParseFromString(FromHexLines(Section(ReadGolden(PathOf(variant)), kBytes, kLeaf)))) << variant;
  return stored;
}

class Formats : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    for (const auto& [name, stored] : Variants()) NeedGolden(PathOf(name), [&] { return EntryGolden(stored); });
  }
};

TEST_F(Formats, EveryShapeOfEntryIsReadAndPassedOnAsEver) {
  size_t goldens = 0;
  for (const auto& file : std::filesystem::directory_iterator(GoldenFolder() / "entries")) {
    SCOPED_TRACE(file.path().filename());
    ++goldens;
    const std::string golden = ReadGolden(file.path());
    const std::string bytes = FromHexLines(Section(golden, kBytes, kLeaf));
    v1::StoredEntry stored;
    ASSERT_TRUE(stored.ParseFromString(bytes));
    EXPECT_EQ(Canonical(stored), bytes);
    EXPECT_EQ(LeafHash(stored.header()), FromHexLines(Section(golden, kLeaf, kHeader)));
    const auto header = DecodeHeader(stored, {});
    ASSERT_TRUE(header.ok()) << header.status();
    ExpectSameMessage(Section(golden, kHeader, kRecord), *header, "the header");
    EXPECT_EQ(stored.header(), std::string("parley/leaf/v1\0", 15) + Canonical(*header));
    if (stored.parts().empty()) continue;  // Withheld: there is nothing but the header.
    const auto entry = DecodeEntry(stored, {});
    ASSERT_TRUE(entry.ok()) << entry.status();
    EXPECT_TRUE(VerifyCommitments(*entry).ok());
    ExpectSameMessage(Section(golden, kRecord, kPersonal), entry->record, "the record");
    EXPECT_EQ(stored.parts(0).content(), Canonical(entry->record));
    EXPECT_EQ(PersonalTexts(*entry), Section(golden, kPersonal, ""));
  }
  EXPECT_GE(goldens, Variants().size());
}

// And what is written today is what was written then.
TEST_F(Formats, EntriesAreWrittenAsEver) {
  for (const auto& [name, stored] : Variants()) EXPECT_EQ(Canonical(StoredIn(name)), Canonical(stored)) << name;
}

// An erasure makes the one golden out of the other.
TEST_F(Formats, ErasingPartsLeavesTheFrozenBytes) {
  MemoryEngine engine("memory");
  const auto index = NewMemoryKvStore();
  const auto log = OpenLogStore({.engine = &engine, .index = index.get()});
  ASSERT_TRUE(log.ok());
  ASSERT_TRUE(AppendAndWait(**log, MakeCommit({}, 2)).ok());
  ASSERT_TRUE(AppendAndWait(**log, {.ledger = LedgerId("acme"), .entries = {StoredIn("sealed")}}).ok());
  EXPECT_EQ(Canonical((*log)->Read(LedgerId("acme"), 2, {})->at(0).stored), Canonical(StoredIn("sealed")));
  ASSERT_TRUE((*log)->EraseParts(LedgerId("acme"), {{2, 1}, {2, 3}}).ok());
  EXPECT_EQ(Canonical((*log)->Read(LedgerId("acme"), 2, {})->at(0).stored), Canonical(StoredIn("erased")));
}

constexpr char kKey[] = "# key\n";
constexpr char kValue[] = "# value\n";

TEST_F(Formats, ARecordOfTheLogIsReadAndWrittenAsEver) {
  const auto path = GoldenFolder() / "log" / "record.txt";
  const Position position{ShardId{3}, 0x0102030405};
  NeedGolden(path, [&] {
    std::vector<std::string> entries;
    for (const char* name : {"joint", "private", "sealed", "erased"}) entries.push_back(Canonical(StoredIn(name)));
    const std::string group =
        EncodeGroup({EncodeCommit({entries[0], entries[1], entries[2]}), EncodeCommit({entries[3]})});
    const std::string key = RecordKey(position);
    return kKey + HexLines(key) + kValue + HexLines(EncodeRecord(key, 4, group));
  });
  const std::string golden = ReadGolden(path);
  const std::string key = FromHexLines(Section(golden, kKey, kValue));
  const std::string value = FromHexLines(Section(golden, kValue, ""));
  EXPECT_EQ(RecordKey(position), key);
  const auto record = DecodeRecord(key, value);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->position, position);
  EXPECT_EQ(record->entries, 4u);
  EXPECT_EQ(EncodeRecord(key, 4, record->bytes), value);
  const auto group = SplitGroup(record->bytes);
  ASSERT_TRUE(group.ok()) << group.status();
  ASSERT_EQ(group->size(), 2u);
  EXPECT_THAT((*group)[0],
              ElementsAre(Canonical(StoredIn("joint")), Canonical(StoredIn("private")), Canonical(StoredIn("sealed"))));
  EXPECT_THAT((*group)[1], ElementsAre(Canonical(StoredIn("erased"))));
  const std::vector<std::string> commits = {EncodeCommit((*group)[0]), EncodeCommit((*group)[1])};
  EXPECT_EQ(EncodeGroup({commits.begin(), commits.end()}), record->bytes);
}

constexpr char kEpochKey[] = "# key of the epoch\n";
constexpr char kWrapped[] = "# wrapped keys\n";

TEST_F(Formats, WrappedKeysAreReadAsEver) {
  const auto path = GoldenFolder() / "log" / "person_keys.txt";
  NeedGolden(path, [] {
    SeededRandom random(7);
    const std::string epoch_key = random.Bytes(32);
    std::string bytes = WrappedHeader(12);
    for (const std::string& person : {kAnn, kBob}) bytes += WrapKey(person, KeyOf(person), epoch_key, random);
    return kEpochKey + HexLines(epoch_key) + kWrapped + HexLines(bytes);
  });
  const std::string golden = ReadGolden(path);
  const std::string bytes = FromHexLines(Section(golden, kWrapped, ""));
  const auto keys = UnwrapKeys(bytes, 12, FromHexLines(Section(golden, kEpochKey, kWrapped)));
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->keys, (std::map<std::string, std::string>{{kAnn, KeyOf(kAnn)}, {kBob, KeyOf(kBob)}}));
  EXPECT_EQ(keys->intact_bytes, bytes.size());
}

// The shard of a ledger decides where its history is looked for.
TEST_F(Formats, LedgersStayInTheirShards) {
  EXPECT_EQ(ShardOfLedger(LedgerId("acme"), 7), ShardId{2});
  EXPECT_EQ(ShardOfLedger(LedgerId("bolt"), 7), ShardId{4});
  EXPECT_EQ(ShardOfLedger(LedgerId("relationship-1"), 7), ShardId{6});
}

}  // namespace
}  // namespace parley
