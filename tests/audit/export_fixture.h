// A ledger in memory with everything that a bundle can hold: joint entries and each party's own, texts about people, checkpoints.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/status.h"
#include "eventstore/kv_memory.h"
#include "eventstore/proof/bundle.h"
#include "eventstore/proof/note.h"
#include "services/audit/export.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_log.h"

namespace parley::test {

using Files = std::map<std::string, std::string>;

class ExportFixture : public testing::Test {
 protected:
  const LedgerId kLedger{"acme"};
  const std::string kOrigin = "log.example/relationships/acme";
  const std::string kAnn = "relationships/acme/persons/ann";

  // Appends an entry of `owner` ("": joint) in `stream` and, with a person, a sealed text about them. Its sequence.
  uint64_t Add(const std::string& owner, const std::string& event_type, const std::string& stream,
               const std::string& person = "") {
    const uint64_t sequence = log_.log().NextSequence(kLedger).value();
    NewEntry entry{.ledger = kLedger, .sequence = sequence, .recorded_at = Epoch() + absl::Seconds(sequence)};
    entry.owner = owner;
    entry.record.set_stream(stream);
    entry.record.set_event_type(event_type);
    entry.record.set_schema_version(1);
    if (!person.empty()) entry.personal.push_back({person, "text", "about " + person, std::string(32, 'k')});
    log_.Append(kLedger.str(), {EncodeEntry(entry, random_)});
    return sequence;
  }
  // `count` entries: most joint, every fifth the buyer's, every seventh the provider's.
  void Fill(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      const std::string owner = i % 5 == 4 ? "buyer" : i % 7 == 6 ? "provider" : "";
      const std::string of = owner.empty() ? "" : "/parties/" + owner;
      Add(owner, "decision.proposed", "relationships/acme" + of + "/decisions/d" + std::to_string(i));
    }
  }
  uint64_t Register(const std::string& person) { return Add("", "person.registered", person, person); }
  uint64_t Erase(const std::string& person, const std::vector<PartRef>& parts) {
    const uint64_t sequence = Add("", "person.erased", person);
    const absl::Status erased = log_.log().EraseParts(kLedger, parts);
    EXPECT_TRUE(erased.ok()) << erased;
    return sequence;
  }
  // Signs everything so far. Its size.
  uint64_t Checkpoint(int timestamps = 0) {
    const uint64_t size = log_.log().NextSequence(kLedger).value();
    const auto key = NoteSigningKey::Make(kOrigin, NoteKeyType::kEd25519, std::string(32, 'k'));
    auto note = SignedNote::Make(parley::Checkpoint{kOrigin, size, tree_.Root(kLedger, size).value()}.ToText());
    EXPECT_TRUE(note->Sign(*key).ok());
    v1::CheckpointRecord record;
    record.set_note(note->ToString());
    for (int i = 0; i < timestamps; ++i) record.add_timestamps("stamp " + std::to_string(i));
    EXPECT_TRUE(checkpoints_.Put(kLedger, size, record).ok());
    return size;
  }

  ExportSource Source() { return {&log_.log(), &checkpoints_, &tree_}; }
  ExportOptions Options(uint64_t size, const std::string& reader = "") {
    return {.ledger = kLedger, .reader = reader, .size = size};
  }
  // Every response until the end, or the first error.
  absl::StatusOr<std::vector<v1::ExportBundleResponse>> Export(const ExportOptions& options) {
    PARLEY_ASSIGN_OR_RETURN(const auto bundle, BundleExport::Open(Source(), options));
    std::vector<v1::ExportBundleResponse> out;
    while (true) {
      PARLEY_ASSIGN_OR_RETURN(auto piece, bundle->Next());
      if (!piece) return out;
      out.push_back(*std::move(piece));
    }
  }
  // The files, which must be whole and in order.
  Files ExportFiles(const ExportOptions& options) {
    Files files;
    const auto responses = Export(options);
    EXPECT_TRUE(responses.ok()) << responses.status();
    if (!responses.ok()) return files;
    std::string path, last;
    for (const auto& response : *responses) {
      if (path.empty()) {
        EXPECT_LT(last, response.path());
        path = response.path();
      }
      EXPECT_EQ(path, response.path());
      EXPECT_LE(response.data().size(), kExportPieceBytes);
      files[path] += response.data();
      if (response.file_end()) last = std::exchange(path, "");
    }
    EXPECT_EQ(path, "") << "the last file has no end";
    return files;
  }

  TestLog log_;
  SeededRandom random_{3};
  ScratchDir dir_;
  std::unique_ptr<KvStore> derived_ = NewMemoryKvStore();
  std::unique_ptr<KvStore> kept_ = NewMemoryKvStore();
  CheckpointStore checkpoints_{kept_.get(), dir_.path()};
  LedgerTree tree_{&log_.log(), derived_.get()};
};

}  // namespace parley::test
