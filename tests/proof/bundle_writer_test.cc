#include "eventstore/proof/bundle_writer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/escaping.h"
#include "eventstore/base/hash.h"
#include "eventstore/proof/note.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

using Files = std::vector<std::pair<std::string, std::string>>;

std::string Note(uint64_t size, const std::string& origin = "log.example/relationships/acme") {
  const auto key = NoteSigningKey::Make(origin, NoteKeyType::kEd25519, std::string(32, 'k'));
  auto note = SignedNote::Make(Checkpoint{origin, size, std::string(32, 'r')}.ToText());
  EXPECT_TRUE(note->Sign(*key).ok());
  return note->ToString();
}

// What a server would send for that size: contents that tell path and size apart.
Files Sent(uint64_t size, uint64_t have = 0) {
  Files files = {{"checkpoint", Note(size)}};
  if (have > 0) files.emplace_back(CheckpointPath(have), Note(have));
  for (const TileId& tile : TilesOfBundle(size)) {
    if (tile.level == 0 && (tile.index + 1) * kTileWidth <= have) continue;
    files.emplace_back(tile.Path(), "bytes of " + tile.Path());
  }
  return files;
}

class BundleWriterTest : public testing::Test {
 protected:
  BundleWriter Open(const std::string& reader = "buyer") {
    auto writer = BundleWriter::Open(path_, reader);
    EXPECT_TRUE(writer.ok()) << writer.status();
    return *std::move(writer);
  }
  static void Take(BundleWriter& writer, const Files& files) {
    for (const auto& [path, bytes] : files) {
      ASSERT_TRUE(writer.Append(path, bytes.substr(0, 3)).ok());
      ASSERT_TRUE(writer.Append(path, bytes.substr(3)).ok());
      const absl::Status ended = writer.EndFile();
      ASSERT_TRUE(ended.ok()) << ended;
    }
  }
  void Make(uint64_t size) {
    BundleWriter writer = Open();
    Take(writer, Sent(size));
    const absl::Status finished = writer.Finish();
    ASSERT_TRUE(finished.ok()) << finished;
  }
  std::map<std::string, std::string> Tree() const {
    std::map<std::string, std::string> files;
    for (const auto& file : fs::recursive_directory_iterator(path_)) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      files[file.path().lexically_relative(path_).string()] = std::string(std::istreambuf_iterator<char>(in), {});
    }
    return files;
  }
  void ExpectWhole(uint64_t size) {
    auto dir = BundleDir::Open(path_);
    ASSERT_TRUE(dir.ok()) << dir.status();
    EXPECT_EQ(dir->manifest().size, size);
    EXPECT_EQ(dir->manifest().reader, "buyer");
    EXPECT_EQ(dir->manifest().origin, "log.example/relationships/acme");
    EXPECT_TRUE(dir->StrayFiles()->empty());
    for (const auto& [file, unused] : dir->manifest().files) EXPECT_TRUE(dir->Read(file).ok()) << file;
  }

  test::ScratchDir dir_;
  const std::string path_ = dir_ / "bundle";
};

TEST_F(BundleWriterTest, WritesABundle) {
  Make(200);
  ExpectWhole(200);
  const BundleWriter writer = Open();
  ASSERT_TRUE(writer.whole());
  EXPECT_EQ(writer.whole()->size, 200u);
  EXPECT_FALSE(writer.begun());
  EXPECT_EQ(writer.have_size(), 200u);
}

TEST_F(BundleWriterTest, GoesOnWhereverItStopped) {
  const Files all = Sent(200);
  Make(200);
  const auto expected = Tree();
  for (size_t stop = 0; stop < all.size(); ++stop) {
    for (const bool inside : {false, true}) {
      fs::remove_all(path_);
      {
        BundleWriter first = Open();
        Take(first, Files(all.begin(), all.begin() + static_cast<long>(stop)));
        if (inside) {
          ASSERT_TRUE(first.Append(all[stop].first, "b").ok());
        }
      }
      BundleWriter second = Open();
      EXPECT_EQ(second.begun().has_value(), stop > 0);
      EXPECT_EQ(second.after_path(), stop > 1 ? all[stop - 1].first : "") << stop;
      Files rest;
      for (const auto& file : all) {
        if (!TileId::Parse(file.first) || file.first > second.after_path()) rest.push_back(file);
      }
      Take(second, rest);
      const absl::Status finished = second.Finish();
      ASSERT_TRUE(finished.ok()) << finished;
      EXPECT_EQ(Tree(), expected) << stop;
    }
  }
}

TEST_F(BundleWriterTest, ALaterSizeTakesTheBundleFurther) {
  Make(300);
  const auto before = Tree();
  BundleWriter writer = Open();
  ASSERT_EQ(writer.have_size(), 300u);
  const Files sent = Sent(600, 300);
  Take(writer, Files(sent.begin(), sent.end() - 1));
  // The bundle of before is what it was as long as the later one is not whole.
  auto dir = BundleDir::Open(path_);
  for (const auto& [file, unused] : dir->manifest().files) EXPECT_TRUE(dir->Read(file).ok()) << file;
  EXPECT_EQ(writer.Finish().code(), absl::StatusCode::kFailedPrecondition);
  Take(writer, Files(sent.end() - 1, sent.end()));
  ASSERT_TRUE(writer.Finish().ok());
  ExpectWhole(600);
  EXPECT_FALSE(Tree().contains("parts/001.p/44"));
  EXPECT_TRUE(Tree().contains(CheckpointPath(300)));
}

TEST_F(BundleWriterTest, WhatTheDiskLostIsNotTakenForWhatArrived) {
  Make(300);
  std::ofstream(path_ + "/tile/entries/000") << "rot";
  BundleWriter writer = Open();
  Take(writer, Sent(600, 300));
  ASSERT_TRUE(writer.Finish().ok());
  EXPECT_FALSE(BundleDir::Open(path_)->Read("tile/entries/000").ok());
  // A tile that is gone altogether is fetched again.
  fs::remove(path_ + "/tile/entries/000");
  EXPECT_EQ(Open().have_size(), 0u);
}

TEST_F(BundleWriterTest, TilesMayBeReplacedUntilTheEnd) {
  Make(256);
  BundleWriter writer = Open();
  Take(writer, Sent(300, 256));
  const TileId tile{TileId::Kind::kParts, 0, 0, kTileWidth};
  EXPECT_EQ(writer.Read(tile).value(), "bytes of parts/000");
  ASSERT_TRUE(writer.Replace("parts/000", "less").ok());
  EXPECT_EQ(writer.Read(tile).value(), "less");
  EXPECT_EQ(BundleDir::Open(path_)->Read("parts/000").value(), "bytes of parts/000");
  ASSERT_TRUE(writer.Finish().ok());
  ExpectWhole(300);
  EXPECT_EQ(BundleDir::Open(path_)->Read("parts/000").value(), "less");
}

TEST_F(BundleWriterTest, AWholeBundleIsAmended) {
  Make(300);
  const auto before = Tree();
  BundleWriter writer = Open();
  ASSERT_TRUE(writer.Amend().ok());
  ASSERT_TRUE(writer.Replace("parts/000", "less").ok());
  ASSERT_TRUE(writer.Finish().ok());
  ExpectWhole(300);
  auto after = Tree();
  EXPECT_EQ(after.at("parts/000"), "less");
  EXPECT_NE(after.at("manifest"), before.at("manifest"));
  after["parts/000"] = before.at("parts/000");
  after["manifest"] = before.at("manifest");
  EXPECT_EQ(after, before);
}

TEST_F(BundleWriterTest, AnEndThatWasCutOffIsMadeUpFor) {
  Make(200);
  auto manifest = BundleDir::Open(path_)->manifest();
  const std::string note = Note(200) + "\u2014 witness " + absl::Base64Escape("1234signature") + "\n";
  manifest.files["checkpoint"] = {Sha256(note), note.size()};
  fs::create_directories(path_ + "/partial");
  std::ofstream(path_ + "/partial/checkpoint") << note;
  std::ofstream(path_ + "/partial/manifest") << "";
  std::ofstream(path_ + "/partial/commit") << manifest.ToText();
  std::ofstream(path_ + "/tile/0/000.new") << "half";
  Open();
  ExpectWhole(200);
  EXPECT_EQ(BundleDir::Open(path_)->Read("checkpoint").value(), note);
}

TEST_F(BundleWriterTest, RefusesWhatDoesNotBelong) {
  Make(200);
  EXPECT_EQ(BundleWriter::Open(path_, "provider").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BundleWriter::Open(path_, "").status().code(), absl::StatusCode::kInvalidArgument);
  BundleWriter writer = Open();
  EXPECT_EQ(writer.Append("../elsewhere", "x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(writer.Append("manifest", "x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(writer.EndFile().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(writer.Append("checkpoint", "x").ok());
  EXPECT_EQ(writer.Append("parts/000", "x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(writer.EndFile().code(), absl::StatusCode::kInvalidArgument);  // No note.

  const auto checkpoint = [&](const std::string& note) {
    EXPECT_TRUE(writer.Append("checkpoint", note).ok());
    return writer.EndFile().code();
  };
  EXPECT_EQ(checkpoint(Note(300, "log.example/relationships/other")), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(checkpoint(Note(199)), absl::StatusCode::kFailedPrecondition);
  ExpectWhole(200);
}

TEST_F(BundleWriterTest, TouchesNothingThatIsNotItsOwn) {
  fs::create_directories(path_);
  std::ofstream(path_ + "/thesis.txt") << "years";
  EXPECT_EQ(BundleWriter::Open(path_, "buyer").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Tree(), (std::map<std::string, std::string>{{"thesis.txt", "years"}}));
}

}  // namespace
}  // namespace parley
