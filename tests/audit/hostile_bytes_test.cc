// Whatever a log signs, a verifier ends with a verdict: entries of random nonsense, committed to, hashed and signed as they should be, so
// that they come through to whatever reads them.
#include <google/protobuf/message.h>

#include <cstdlib>
#include <limits>
#include <random>

#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "services/aggregate/aggregate.h"
#include "services/verify/bundle_diff.h"
#include "services/verify/explain.h"
#include "services/verify/own_entries.h"
#include "services/verify/replay.h"
#include "tests/audit/verify_fixture.h"

namespace parley::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// More where the environment asks for it: PARLEY_HOSTILE_ROUNDS.
int Rounds() {
  const char* rounds = std::getenv("PARLEY_HOSTILE_ROUNDS");
  return rounds == nullptr ? 150 : std::atoi(rounds);
}

class HostileBytes : public VerifyTest {
 protected:
  uint32_t Below(size_t n) { return n == 0 ? 0 : static_cast<uint32_t>(random_() % n); }
  int64_t Number() {
    constexpr int64_t kNumbers[] = {0,
                                    1,
                                    -1,
                                    2,
                                    1000,
                                    1 << 20,
                                    std::numeric_limits<int64_t>::max(),
                                    std::numeric_limits<int64_t>::min(),
                                    253402300799,
                                    -62135596800};
    return kNumbers[Below(std::size(kNumbers))];
  }
  std::string Text() {
    const std::string texts[] = {"",
                                 "x",
                                 "relationships/acme",
                                 "relationships/acme/decisions/d1",
                                 "buyer",
                                 "bea",
                                 "2026-13",
                                 "system",
                                 std::string(17'000, 'y'),
                                 "days(1)",
                                 "1 / 0"};
    return texts[Below(std::size(texts))];
  }

  // Bytes flipped, taken out, doubled.
  void Scramble(std::string& bytes) {
    for (uint32_t n = 1 + Below(4); n > 0 && !bytes.empty(); --n) {
      const size_t at = Below(bytes.size());
      switch (Below(4)) {
        case 0:
          bytes[at] = static_cast<char>(bytes[at] ^ 1 << Below(8));
          break;
        case 1:
          bytes[at] = static_cast<char>(random_());
          break;
        case 2:
          bytes.erase(at, 1 + Below(8));
          break;
        default:
          bytes.insert(at, bytes.substr(Below(bytes.size()), Below(40)));
      }
    }
  }

  void SetOne(Message& message, const FieldDescriptor* field) {
    const auto* reflection = message.GetReflection();
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection->SetInt32(&message, field, static_cast<int32_t>(Number()));
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection->SetInt64(&message, field, Number());
      case FieldDescriptor::CPPTYPE_UINT32:
        return reflection->SetUInt32(&message, field, static_cast<uint32_t>(Number()));
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection->SetUInt64(&message, field, static_cast<uint64_t>(Number()));
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection->SetBool(&message, field, Below(2) == 1);
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection->SetEnumValue(&message, field, static_cast<int>(Below(12)));
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection->SetString(&message, field, Text());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Change(*reflection->MutableMessage(&message, field));
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return;  // No event has any.
    }
  }

  // A field of it, or of what is in it, made into something else.
  void Change(Message& message) {
    const auto* descriptor = message.GetDescriptor();
    const auto* reflection = message.GetReflection();
    if (descriptor->field_count() == 0) return;
    std::vector<const FieldDescriptor*> set;
    reflection->ListFields(message, &set);
    // Mostly what is there: a kind of event that is set in another's place is refused before it is looked at.
    const FieldDescriptor* field =
        !set.empty() && Below(4) > 0 ? set[Below(set.size())] : descriptor->field(Below(descriptor->field_count()));
    if (field->containing_oneof() != nullptr && !reflection->HasField(message, field) && Below(8) > 0) return;
    if (!field->is_repeated()) {
      if (Below(5) == 0 && field->containing_oneof() == nullptr) return reflection->ClearField(&message, field);
      return SetOne(message, field);
    }
    const int size = reflection->FieldSize(message, field);
    if (size > 0 && Below(3) == 0) return reflection->RemoveLast(&message, field);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      if (size > 1) reflection->SwapElements(&message, field, 0, size - 1);
      return;
    }
    if (size > 0 && Below(2) == 0) {
      return Change(*reflection->MutableRepeatedMessage(&message, field, static_cast<int>(Below(size))));
    }
    Message* added = reflection->AddMessage(&message, field);
    if (size > 0) added->CopyFrom(reflection->GetRepeatedMessage(message, field, 0));
    Change(*added);
  }

  static bool IsWhole(const BundleBuilder& b, size_t at) {
    const v1::StoredEntry& stored = b.entries[at];
    v1::Record record;
    const auto header = DecodeHeader(stored, {});
    return header.ok() && !header->commitments().empty() && stored.parts_size() > 0 &&
           record.ParseFromString(stored.parts(0).content());
  }

  // Something else in an entry's event, record, header or parts, committed to.
  void Tamper(BundleBuilder& b, size_t at) {
    switch (Below(6)) {
      case 0:
      case 1:
      case 2:
        return b.Rewrite(at, [&](v1::EntryHeader&, v1::Record& record) {
          const std::string prefix = record.event_type().substr(0, record.event_type().find('.'));
          for (const AggregateType& type : Aggregates()) {
            if (type.prefix != prefix) continue;
            const std::unique_ptr<Message> event(type.event->New());
            if (!event->ParseFromString(record.event())) return;
            Change(*event);
            record.set_event(Canonical(*event));
            if (Below(8) == 0) Scramble(*record.mutable_event());
          }
        });
      case 3:
        return b.Rewrite(at, [&](v1::EntryHeader&, v1::Record& record) { Change(record); });
      case 4:
        return b.Rewrite(at, [&](v1::EntryHeader& header, v1::Record&) {
          Change(header);
          if (header.commitments().empty()) header.add_commitments("");
        });
      default: {
        v1::StoredEntry& stored = b.entries[at];
        if (Below(2) == 0) return Scramble(*stored.mutable_header());
        for (v1::StoredPart& part : *stored.mutable_parts()) Change(part);
      }
    }
  }

  std::mt19937 random_{20131};
};

TEST_F(HostileBytes, EndInAVerdict) {
  const v1::PersonKeys keys = Good().ReleasedKeys();
  std::map<Verdict, int> verdicts;
  Good().Bundle("buyer").Write(scratch_ / "good");
  const auto good = BundleDir::Open(scratch_ / "good");
  ASSERT_TRUE(good.ok()) << good.status();
  uint64_t last = 0;
  for (int round = 0; round < Rounds(); ++round) {
    SCOPED_TRACE(round);
    BundleBuilder b = Good();
    // Activities are most of the record, and all alike.
    for (uint32_t n = 1 + Below(3); n > 0; --n) {
      size_t at = Below(b.entries.size());
      while (IsWhole(b, at) && b.RecordOf(at).event_type() == "activity.recorded" && Below(20) > 0) {
        at = Below(b.entries.size());
      }
      if (IsWhole(b, at)) Tamper(b, last = at);
    }
    b.Resign();
    TestBundle bundle = b.Bundle("buyer");
    const VerifyReport report = Verify(bundle, VerifyOptions{.policy = Good().LogAlone(), .keys = &keys});
    ++verdicts[report.verdict];
    EXPECT_EQ(IsGood(report.verdict), report.findings.empty());
    const auto directory = BundleDir::Open(scratch_ / "bundle");
    ASSERT_TRUE(directory.ok()) << directory.status();
    // Whatever else reads bundles ends, too; what it says of such a one is its own tests' business.
    CheckOwnEntries(*directory, 0, {.party = "buyer"}).IgnoreError();
    DiffBundles(*good, *directory).status().IgnoreError();
    if (round % 4 != 0) continue;
    const std::string scratch = scratch_ / "models";
    ExplainEntry({.bundle = directory->path(), .sequence = last, .keys = &keys, .scratch = scratch})
        .status()
        .IgnoreError();
    BundleReplay::Open({.bundle = directory->path(), .scratch = scratch, .keys = &keys}).status().IgnoreError();
  }
  // What is in the entries is looked at, not only that they are in order.
  EXPECT_GT(verdicts[Verdict::kUnauthorised] + verdicts[Verdict::kDivergent], Rounds() / 10);
}

TEST_F(HostileBytes, InFilesEndInAVerdict) {
  const TestBundle good = Good().Bundle("buyer");
  for (int round = 0; round < Rounds(); ++round) {
    TestBundle bundle = good;
    auto file = bundle.files.begin();
    std::advance(file, Below(bundle.files.size()));
    Scramble(file->second);
    bundle.RemakeManifest();
    EXPECT_TRUE(BundleManifest::Parse(bundle.manifest.ToText()).ok());
    const VerifyReport report = Verify(bundle, Good().BothMustSign());
    if (report.findings.empty() && bundle.files != good.files) {
      // Who else signed an earlier checkpoint is nobody's business; bit_flip_test.cc says more.
      EXPECT_TRUE(file->first.starts_with("checkpoints/")) << round << ": " << file->first;
      EXPECT_FALSE(report.warnings.empty()) << round;
    }
    std::string manifest = good.manifest.ToText();
    Scramble(manifest);
    const auto parsed = BundleManifest::Parse(manifest);
    EXPECT_TRUE(!parsed.ok() || parsed->ToText() == manifest);
  }
}

}  // namespace
}  // namespace parley::test
