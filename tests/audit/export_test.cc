#include "services/audit/export.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "eventstore/entry.h"
#include "eventstore/proof/bundle_writer.h"
#include "tests/audit/export_fixture.h"

namespace parley {
namespace {

using test::Files;

class ExportTest : public test::ExportFixture {
 protected:
  // The entries that stand in the files of a bundle of `size`.
  std::vector<v1::StoredEntry> EntriesIn(const Files& files, uint64_t size) {
    std::vector<v1::StoredEntry> out;
    for (const TileId& tile : EntryTilesOf(size, TileId::Kind::kEntries)) {
      const TileId parts{TileId::Kind::kParts, 0, tile.index, tile.width};
      const auto entries = DecodeEntries(files.at(tile.Path()), files.at(parts.Path()));
      EXPECT_TRUE(entries.ok()) << entries.status();
      out.insert(out.end(), entries->begin(), entries->end());
    }
    return out;
  }
  std::vector<Entry> Logged() {
    std::vector<Entry> out;
    while (true) {
      const auto entries = log_.log().Read(kLedger, out.size(), ReadLimit());
      EXPECT_TRUE(entries.ok()) << entries.status();
      if (entries->empty()) return out;
      out.insert(out.end(), entries->begin(), entries->end());
    }
  }
};

TEST_F(ExportTest, HasTheFilesOfABundle) {
  Fill(200);
  Checkpoint(1);
  Fill(400);
  const uint64_t size = Checkpoint(2);
  const Files files = ExportFiles(Options(size));
  std::vector<std::string> paths, expected = {"checkpoint", CheckpointPath(200), TimestampPath(200, 0),
                                              TimestampPath(600, 0), TimestampPath(600, 1)};
  for (const auto& [path, unused] : files) paths.push_back(path);
  for (const TileId& tile : TilesOfBundle(600)) expected.push_back(tile.Path());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(paths, expected);
  EXPECT_EQ(files.at("checkpoint"), checkpoints_.Get(kLedger, 600).value()->note());
  EXPECT_EQ(files.at(CheckpointPath(200)), checkpoints_.Get(kLedger, 200).value()->note());
  EXPECT_EQ(files.at(TimestampPath(600, 1)), "stamp 1");
  // The tree that the tiles make is the one that is signed.
  const NodeReader nodes = NodesFromTiles(600, [&](const TileId& tile) { return files.at(tile.Path()); });
  EXPECT_EQ(RootAt(600, nodes).value(), CheckpointOf(files.at("checkpoint"))->root);
}

TEST_F(ExportTest, EachReaderSeesWhatIsJointAndItsOwn) {
  Fill(300);
  const uint64_t size = Checkpoint();
  const std::vector<Entry> logged = Logged();
  for (const std::string reader : {"", "buyer", "provider", "stranger"}) {
    const auto entries = EntriesIn(ExportFiles(Options(size, reader)), size);
    ASSERT_EQ(entries.size(), size);
    MerkleFrontier tree;
    for (size_t i = 0; i < size; ++i) {
      const std::string& owner = logged[i].header.owner();
      EXPECT_EQ(entries[i].header(), logged[i].stored.header());
      tree.Append(LeafHash(entries[i].header()));
      if (owner.empty() || owner == reader) {
        EXPECT_EQ(entries[i].SerializeAsString(), logged[i].stored.SerializeAsString()) << i;
      } else {
        EXPECT_EQ(entries[i].parts_size(), 0) << i;
      }
    }
    EXPECT_EQ(tree.Root(), tree_.Root(kLedger, size).value()) << "withheld entries have their place in the tree";
  }
}

TEST_F(ExportTest, PiecesAreBounded) {
  Fill(3);
  // A few entries of several hundred kilobytes.
  for (int i = 0; i < 4; ++i) {
    NewEntry entry{
        .ledger = kLedger, .sequence = log_.log().NextSequence(kLedger).value(), .recorded_at = test::Epoch()};
    entry.recorded_at += absl::Hours(1);
    entry.record.set_stream("relationships/acme/decisions/large");
    entry.record.set_event_type("decision.proposed");
    entry.record.set_schema_version(1);
    entry.record.set_event(std::string(700'000, 'x'));
    log_.Append("acme", {EncodeEntry(entry, random_)});
  }
  const auto responses = Export(Options(Checkpoint()));
  ASSERT_TRUE(responses.ok()) << responses.status();
  EXPECT_EQ(responses->front().size(), 7u);
  size_t pieces = 0;
  for (const auto& response : *responses) {
    EXPECT_LE(response.data().size(), kExportPieceBytes);
    if (response.path() == "parts/000.p/7") ++pieces;
  }
  EXPECT_EQ(pieces, 4 * 700'000 / kExportPieceBytes + 1);
}

// What a receiver does that loses its connection, at every boundary between two files.
TEST_F(ExportTest, GoesOnAtEveryFileToIdenticalBytes) {
  Fill(300);
  Checkpoint(1);
  Fill(300);
  const uint64_t size = Checkpoint(1);
  const auto all = Export(Options(size, "buyer"));
  ASSERT_TRUE(all.ok()) << all.status();
  const std::string path = dir_.path() + "/bundle";
  const auto take = [](BundleWriter& writer, const std::vector<v1::ExportBundleResponse>& responses, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(writer.Append(responses[i].path(), responses[i].data()).ok());
      if (responses[i].file_end()) {
        ASSERT_TRUE(writer.EndFile().ok());
      }
    }
  };
  std::optional<BundleManifest> expected;
  for (size_t stop = 0; stop <= all->size(); ++stop) {
    std::filesystem::remove_all(path);
    {
      auto first = BundleWriter::Open(path, "buyer");
      ASSERT_TRUE(first.ok()) << first.status();
      take(*first, *all, stop);
    }
    auto second = BundleWriter::Open(path, "buyer");
    ASSERT_TRUE(second.ok()) << second.status();
    ExportOptions options = Options(size, "buyer");
    options.after_path = second->after_path();
    const auto rest = Export(options);
    ASSERT_TRUE(rest.ok()) << rest.status();
    EXPECT_EQ(rest->front().size(), size);
    if (stop > 2 && stop < all->size() && TileId::Parse(all->at(stop).path()) &&
        TileId::Parse(all->at(stop - 1).path())) {
      EXPECT_LT(rest->size(), all->size());
    }
    take(*second, *rest, rest->size());
    const absl::Status finished = second->Finish();
    ASSERT_TRUE(finished.ok()) << finished;
    const auto bundle = BundleDir::Open(path);
    ASSERT_TRUE(bundle.ok()) << bundle.status();
    if (!expected) expected = bundle->manifest();
    EXPECT_EQ(bundle->manifest(), *expected) << stop;
    EXPECT_TRUE(bundle->StrayFiles()->empty());
  }
}

TEST_F(ExportTest, FullTilesThatAreThereAreLeftOut) {
  Fill(600);
  Checkpoint();
  Fill(500);
  const uint64_t size = Checkpoint();
  Files whole = ExportFiles(Options(size));
  ExportOptions options = Options(size);
  options.have_size = 600;
  const Files rest = ExportFiles(options);
  EXPECT_FALSE(rest.contains("tile/0/001"));
  EXPECT_FALSE(rest.contains("tile/entries/000"));
  EXPECT_FALSE(rest.contains("parts/001"));
  EXPECT_TRUE(rest.contains("tile/0/002"));
  EXPECT_TRUE(rest.contains("tile/1/000.p/4"));
  EXPECT_TRUE(rest.contains("parts/004.p/76"));
  const Files before = ExportFiles(Options(600));
  for (const auto& [path, bytes] : whole) {
    EXPECT_EQ(rest.contains(path) ? rest.at(path) : before.at(path), bytes) << path;
  }
}

TEST_F(ExportTest, SealedPartsStaySealed) {
  const uint64_t registered = Register(kAnn);
  const Files files = ExportFiles(Options(Checkpoint()));
  const auto entries = EntriesIn(files, registered + 1);
  EXPECT_EQ(entries[registered].parts(1).sealed(), Logged()[registered].stored.parts(1).sealed());
  for (const auto& [path, bytes] : files) EXPECT_EQ(bytes.find("about " + kAnn), std::string::npos) << path;
}

TEST_F(ExportTest, WhatWasErasedIsMissingUnderItsErasedEntry) {
  Fill(10);
  const uint64_t registered = Register(kAnn);
  const uint64_t before = Checkpoint();
  Fill(10);
  const uint64_t between = Checkpoint();
  const uint64_t erased = Erase(kAnn, {{registered, 1}});
  Fill(3);
  const uint64_t after = Checkpoint();
  EXPECT_EQ(SizeCoveringErasures(log_.log(), kLedger, "", before).value(), erased + 1);
  EXPECT_EQ(SizeCoveringErasures(log_.log(), kLedger, "", after).value(), after);
  EXPECT_EQ(SizeCoveringErasures(log_.log(), kLedger, "", registered).value(), registered) << "nothing of hers yet";
  for (const uint64_t size : {before, between}) {
    const auto refused = Export(Options(size));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_NE(std::string(refused.status().message()).find(std::to_string(erased + 1)), std::string::npos);
  }
  const auto entries = EntriesIn(ExportFiles(Options(after)), after);
  EXPECT_TRUE(IsMissing(entries[registered].parts(1)));
  EXPECT_FALSE(IsMissing(entries[registered].parts(0)));
}

TEST_F(ExportTest, AnErasureDuringTheExportEndsIt) {
  const uint64_t registered = Register(kAnn);
  const auto bundle = BundleExport::Open(Source(), Options(Checkpoint()));
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  ASSERT_TRUE((*bundle)->Next().ok());  // The checkpoint.
  Erase(kAnn, {{registered, 1}});
  EXPECT_EQ((*bundle)->Next().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ExportTest, AnotherPartysErasuresDoNotMatter) {
  const std::string bob = "relationships/acme/parties/buyer/persons/bob";
  const uint64_t registered = Add("buyer", "person.registered", bob, bob);
  const uint64_t size = Checkpoint();
  const uint64_t erased = Add("buyer", "person.erased", bob);
  ASSERT_TRUE(log_.log().EraseParts(kLedger, {{registered, 1}}).ok());
  EXPECT_TRUE(Export(Options(size)).ok());
  EXPECT_TRUE(Export(Options(size, "provider")).ok());
  EXPECT_EQ(Export(Options(size, "buyer")).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(SizeCoveringErasures(log_.log(), kLedger, "buyer", size).value(), erased + 1);
}

TEST_F(ExportTest, RefusesWhatMakesNoSense) {
  Fill(10);
  const uint64_t size = Checkpoint();
  EXPECT_EQ(ReasonOf(Export(Options(size - 1)).status()), v1::REASON_NOT_CHECKPOINTED);
  EXPECT_EQ(ReasonOf(Export(Options(size + 1)).status()), v1::REASON_NOT_CHECKPOINTED);
  ExportOptions options = Options(size);
  options.after_path = "checkpoint";
  EXPECT_EQ(ReasonOf(Export(options).status()), v1::REASON_FIELD_INVALID);
  options = Options(size);
  options.have_size = size + 1;
  EXPECT_EQ(ReasonOf(Export(options).status()), v1::REASON_FIELD_INVALID);
}

}  // namespace
}  // namespace parley
