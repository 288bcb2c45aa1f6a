#include "eventstore/proof/bundle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

v1::StoredEntry MakeEntry(int n) {
  v1::StoredEntry entry;
  entry.set_header("parley/leaf/v1" + std::string(1, '\0') + "header " + std::to_string(n));
  auto* part = entry.add_parts();
  part->set_salt(std::string(32, static_cast<char>(n)));
  part->set_content("content " + std::to_string(n));
  entry.add_parts()->set_sealed("sealed " + std::to_string(n));
  return entry;
}

std::vector<v1::StoredEntry> MakeEntries(int n) {
  std::vector<v1::StoredEntry> entries;
  for (int i = 0; i < n; ++i) entries.push_back(MakeEntry(i));
  return entries;
}

std::string Bytes(const std::vector<v1::StoredEntry>& entries) {
  std::string out;
  for (const auto& entry : entries) out += entry.SerializeAsString() + "\n";
  return out;
}

BundleManifest MakeManifest() {
  BundleManifest manifest{"log.example/relationships/acme", "buyer", 3, {}};
  manifest.files["checkpoint"] = {Sha256("note"), 4};
  manifest.files[CheckpointPath(2)] = {Sha256("earlier"), 7};
  manifest.files["tile/0/000.p/3"] = {Sha256("hashes"), 6};
  return manifest;
}

TEST(BundlePaths, AreThoseOfTheFormat) {
  EXPECT_EQ(CheckpointPath(1234), "checkpoints/00000000000000001234");
  EXPECT_EQ(TimestampPath(18446744073709551615u, 12), "timestamps/18446744073709551615-12");
  EXPECT_EQ(SizeOfCheckpointPath(CheckpointPath(1234)), 1234u);
  const auto id = ParseTimestampPath(TimestampPath(7, 12));
  ASSERT_TRUE(id);
  EXPECT_EQ(id->size, 7u);
  EXPECT_EQ(id->index, 12u);
  for (const char* good : {"checkpoint", "checkpoints/00000000000000000001", "timestamps/00000000000000000001-0",
                           "tile/0/000", "tile/1/x001/000.p/7", "tile/entries/000.p/255", "parts/999"}) {
    EXPECT_TRUE(IsBundlePath(good)) << good;
  }
  for (const char* bad : {"",
                          "manifest",
                          "/checkpoint",
                          "../checkpoint",
                          "checkpoint/",
                          "checkpoints/1",
                          "checkpoints/0000000000000000000a",
                          "checkpoints/99999999999999999999",
                          "checkpoints/../../../../etc/passwd",
                          "timestamps/00000000000000000001-01",
                          "timestamps/00000000000000000001",
                          "timestamps/00000000000000000001-",
                          "tile/0/../000",
                          "tile/8/000",
                          "tile//000",
                          "parts/000.p/256",
                          "parts/000.p/0",
                          "parts/x000/001",
                          "tile/0/000\n",
                          "policy"}) {
    EXPECT_FALSE(IsBundlePath(bad)) << bad;
  }
}

TEST(BundlePaths, TilesOfABundleComeInTheOrderOfPaths) {
  std::vector<std::string> paths;
  for (const TileId& tile : TilesOfBundle(300)) paths.push_back(tile.Path());
  EXPECT_EQ(paths, (std::vector<std::string>{"parts/000", "parts/001.p/44", "tile/0/000", "tile/0/001.p/44",
                                             "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"}));
  std::string last;
  for (const TileId& tile : TilesOfBundle(1'003 * kTileWidth + 5)) {
    EXPECT_LT(last, tile.Path());
    last = tile.Path();
  }
  EXPECT_TRUE(TilesOfBundle(0).empty());
  EXPECT_EQ(EntryTileWidth(300, 0), 256u);
  EXPECT_EQ(EntryTileWidth(300, 1), 44u);
  EXPECT_EQ(EntryTileWidth(300, 2), 0u);
}

TEST(BundleManifest, ReadsWhatItWrote) {
  const BundleManifest manifest = MakeManifest();
  auto parsed = BundleManifest::Parse(manifest.ToText());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(*parsed, manifest);
  BundleManifest auditors = manifest;
  auditors.reader.clear();
  parsed = BundleManifest::Parse(auditors.ToText());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->reader, "");
  // A party may be called that, too.
  auditors.reader = "auditor";
  EXPECT_EQ(BundleManifest::Parse(auditors.ToText())->reader, "auditor");
}

TEST(BundleManifest, RefusesEverythingElse) {
  const std::string text = MakeManifest().ToText();
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    const size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return changed.replace(at, from.size(), to);
  };
  for (const std::string& bad :
       {std::string(), text.substr(0, text.size() - 1), text + "\n", "\n" + text, with("bundle/v1", "bundle/v2"),
        with("origin log.example", "origin\nlog"), with("parties/buyer", "buyer"), with("parties/buyer", "parties/"),
        with("size 3", "size 03"), with("size 3", "size -3"), with("size 3\n", ""),
        with(" 4 checkpoint", " 04 checkpoint"), with(" 4 checkpoint", " 4 ../checkpoint"),
        with(" 4 checkpoint", " 4 /checkpoint"), with(" 4 checkpoint", " 4 zebra"),
        with(" 4 checkpoint", "  checkpoint"), with(" 4 checkpoint", " 4 checkpoint "), with("tile/0/000.p/3", "a"),
        with("tile/0/000.p/3", "checkpoint")}) {
    EXPECT_EQ(BundleManifest::Parse(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  std::string upper = text;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) { return c == 'a' ? 'A' : c; });
  EXPECT_FALSE(BundleManifest::Parse(upper).ok());
}

TEST(BundleManifest, EveryFlippedBitIsRefusedOrSaysSomethingElse) {
  const BundleManifest manifest = MakeManifest();
  const std::string text = manifest.ToText();
  for (size_t i = 0; i < text.size() * 8; ++i) {
    std::string flipped = text;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << i % 8));
    const auto parsed = BundleManifest::Parse(flipped);
    if (parsed.ok()) {
      EXPECT_NE(*parsed, manifest) << i;
    }
  }
}

TEST(BundleEntries, ComeBackAsTheyWent) {
  std::vector<v1::StoredEntry> entries = MakeEntries(256);
  entries[3] = ForReader(entries[3], true);
  entries[4].mutable_parts(1)->clear_sealed();
  auto decoded = DecodeEntries(EncodeHeaders(entries), EncodeParts(entries));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(Bytes(*decoded), Bytes(entries));
  EXPECT_EQ(decoded->at(3).parts_size(), 0);
  EXPECT_TRUE(IsMissing(decoded->at(4).parts(1)));
  EXPECT_FALSE(IsMissing(decoded->at(5).parts(1)));
  EXPECT_EQ(ForReader(entries[5], false).SerializeAsString(), entries[5].SerializeAsString());
}

TEST(BundleEntries, HeadersHaveTwoBytesOfLengthAndPartsFour) {
  v1::StoredEntry entry;
  entry.set_header("abc");
  EXPECT_EQ(EncodeHeaders({entry}), std::string("\0\3abc", 5));
  EXPECT_EQ(EncodeParts({entry}), std::string("\0\0\0\0", 4));
  entry.add_parts();
  EXPECT_EQ(EncodeParts({entry}), std::string("\0\0\0\2\x0a\0", 6));
}

TEST(BundleEntries, OnlyTheOneFormIsTaken) {
  const auto entries = MakeEntries(2);
  const std::string headers = EncodeHeaders(entries), parts = EncodeParts(entries);
  const auto refused = [](const std::string& h, const std::string& p) {
    return DecodeEntries(h, p).status().code() == absl::StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused(headers, parts.substr(0, parts.size() - 1)));
  EXPECT_TRUE(refused(headers.substr(0, headers.size() - 1), parts));
  EXPECT_TRUE(refused(headers + std::string(1, '\0'), parts));
  EXPECT_TRUE(refused(headers, parts + std::string(4, '\0')));
  EXPECT_TRUE(refused(headers, EncodeParts({entries[0]})));
  EXPECT_TRUE(refused(headers, EncodeParts({entries[0], entries[1], entries[1]})));
  EXPECT_TRUE(refused(headers, ""));

  // The same message in other bytes: fields out of order, a default written out, a field that nobody knows.
  const std::string one = EncodeHeaders({entries[0]});
  const auto framed = [](const std::string& bytes) {
    return std::string("\0\0\0", 3) + static_cast<char>(bytes.size()) + bytes;
  };
  const std::string part = std::string("\x0a\x06") + "\x0a\x01" + "s" + "\x12\x01" + "c";
  EXPECT_FALSE(refused(one, framed(part)));
  EXPECT_TRUE(refused(one, framed(std::string("\x0a\x06") + "\x12\x01" + "c" + "\x0a\x01" + "s")));
  EXPECT_TRUE(refused(one, framed(std::string("\x0a\x02\x0a\x00", 4))));
  EXPECT_TRUE(refused(one, framed(part + "\x7a\x01x")));
  EXPECT_TRUE(refused(one, framed(std::string("\x0a\x09") + "\x0a\x01" + "s" + "\x12\x01" + "c" + "\x7a\x01x")));
  EXPECT_TRUE(refused(one, framed("\xff\xff")));
}

// A directory of files as they stand in a manifest.
class BundleDirTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto entries = MakeEntries(3);
    manifest_ = {"log.example/relationships/acme", "", 3, {}};
    Put("checkpoint", "note");
    Put("tile/entries/000.p/3", EncodeHeaders(entries));
    Put("parts/000.p/3", EncodeParts(entries));
    Write("manifest", manifest_.ToText());
  }
  void Write(const std::string& file, const std::string& bytes) {
    fs::create_directories(fs::path(path_ + "/" + file).parent_path());
    std::ofstream(path_ + "/" + file, std::ios::binary) << bytes;
  }
  void Put(const std::string& file, const std::string& bytes) {
    Write(file, bytes);
    manifest_.files[file] = {Sha256(bytes), bytes.size()};
  }

  test::ScratchDir dir_;
  const std::string path_ = dir_.path();
  BundleManifest manifest_;
};

TEST_F(BundleDirTest, IsReadByTile) {
  auto dir = BundleDir::Open(path_);
  ASSERT_TRUE(dir.ok()) << dir.status();
  EXPECT_EQ(dir->manifest(), manifest_);
  EXPECT_EQ(dir->Read("checkpoint").value(), "note");
  auto entries = dir->ReadEntries(0);
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(Bytes(*entries), Bytes(MakeEntries(3)));
  EXPECT_EQ(dir->ReadEntries(1).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(dir->Read("tile/0/000").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(dir->StrayFiles()->empty());
}

TEST_F(BundleDirTest, ChangedFilesAreNoticed) {
  auto dir = BundleDir::Open(path_);
  for (const char* bytes : {"nota", "not", "note\n", ""}) {
    Write("checkpoint", bytes);
    EXPECT_EQ(dir->Read("checkpoint").status().code(), absl::StatusCode::kInvalidArgument) << bytes;
  }
  fs::remove(path_ + "/checkpoint");
  EXPECT_EQ(dir->Read("checkpoint").status().code(), absl::StatusCode::kInvalidArgument);
  fs::create_directory(path_ + "/checkpoint");
  EXPECT_EQ(dir->Read("checkpoint").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(BundleDirTest, FilesTooManyAndMissingAreListed) {
  auto dir = BundleDir::Open(path_);
  Write("tile/0/000", "x");
  Write("zebra", "x");
  fs::remove(path_ + "/checkpoint");
  EXPECT_EQ(*dir->StrayFiles(), (std::vector<std::string>{"checkpoint", "tile/0/000", "zebra"}));
}

TEST_F(BundleDirTest, IsNoneWithoutAManifest) {
  EXPECT_EQ(BundleDir::Open(path_ + "/nowhere").status().code(), absl::StatusCode::kNotFound);
  Write("manifest", "something else\n");
  EXPECT_EQ(BundleDir::Open(path_).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace parley
