// Single flipped bits, anywhere in a bundle: none goes unnoticed.
#include <fstream>
#include <random>

#include "tests/audit/verify_fixture.h"

namespace parley::test {
namespace {

constexpr int kFlips = 1000;

// A place among all bytes of a bundle.
struct Place {
  std::string path;
  size_t byte = 0;
  int bit = 0;

  std::string Describe() const { return path + ", byte " + std::to_string(byte) + ", bit " + std::to_string(bit); }
};

class BitFlips : public VerifyTest {
 protected:
  BitFlips() { bundle_.Write(scratch_ / "bundle"); }

  // Places drawn evenly from all bytes of `files`, the same for the same seed, and one in each file at least.
  static std::vector<Place> Draw(const std::map<std::string, std::string>& files, uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<Place> places;
    size_t total = 0;
    for (const auto& [path, bytes] : files) {
      total += bytes.size();
      places.push_back({path, random() % bytes.size(), static_cast<int>(random() % 8)});
    }
    while (places.size() < kFlips) {
      size_t at = random() % total;
      for (const auto& [path, bytes] : files) {
        if (at < bytes.size()) {
          places.push_back({path, at, static_cast<int>(random() % 8)});
          break;
        }
        at -= bytes.size();
      }
    }
    return places;
  }

  void Put(const std::string& path, const std::string& bytes) {
    std::ofstream(scratch_ / ("bundle/" + path), std::ios::binary) << bytes;
  }

  VerifyReport Report() {
    auto report = VerifyBundle({.bundle = scratch_ / "bundle",
                                .policy = Good().BothMustSign(),
                                .now = Good().end(),
                                .scratch = scratch_ / "models"});
    EXPECT_TRUE(report.ok()) << report.status();
    return report.ok() ? *std::move(report) : VerifyReport{.verdict = Verdict::kDamaged};
  }
  Verdict VerdictNow() { return Report().verdict; }

  const TestBundle bundle_ = Good().Bundle("buyer");
};

// Whether a flip here takes nothing from what is proven, so that a manifest which was remade hides it. Under an earlier checkpoint
// the log's signature is what counts. A cosignature there may be by anybody: with another name or key id it is one by somebody
// of whom neither policy nor record knows, which verifiers pass over (as C2SP signed-note wants it).
// (Not in this bundle: time-stamps. They count for nothing where the policy trusts no authority, and where it does, a response
// still holds bytes beside what is signed: a status text, certificates.)
bool IsUnprotected(const Place& place, const TestBundle& bundle) {
  if (!place.path.starts_with("checkpoints/")) return false;
  const std::string& note = bundle.files.at(place.path);
  const size_t line = note.rfind('\n', place.byte == 0 ? 0 : place.byte - 1) + 1;
  const std::string dash = "\u2014 ";
  if (note.compare(line, dash.size(), dash) != 0 || note.compare(line + dash.size(), 3, "log") == 0) return false;
  const size_t name_end = note.find(' ', line + dash.size());
  // Six characters of base64 hold the four bytes of the key id.
  return place.byte >= line + dash.size() && place.byte < name_end + 1 + 6;
}

TEST_F(BitFlips, EveryOneIsCaught) {
  std::map<std::string, std::string> files = bundle_.files;
  files[std::string(kManifestPath)] = bundle_.manifest.ToText();
  ASSERT_EQ(VerdictNow(), Verdict::kErasedWithAuthority);
  for (const Place& place : Draw(files, 1)) {
    std::string flipped = files[place.path];
    flipped[place.byte] = static_cast<char>(flipped[place.byte] ^ 1 << place.bit);
    Put(place.path, flipped);
    EXPECT_EQ(VerdictNow(), Verdict::kDamaged) << place.Describe();
    Put(place.path, files[place.path]);
  }
  EXPECT_EQ(VerdictNow(), Verdict::kErasedWithAuthority);
}

TEST_F(BitFlips, EveryOneIsCaughtWithAManifestToMatch) {
  TestBundle bundle = bundle_;
  std::map<Verdict, int> verdicts;
  int unprotected = 0;
  for (const Place& place : Draw(bundle_.files, 2)) {
    std::string& bytes = bundle.files[place.path];
    bytes[place.byte] = static_cast<char>(bytes[place.byte] ^ 1 << place.bit);
    bundle.RemakeManifest();
    Put(place.path, bytes);
    Put(std::string(kManifestPath), bundle.manifest.ToText());
    const VerifyReport report = Report();
    ++verdicts[report.verdict];
    if (IsGood(report.verdict)) {
      EXPECT_TRUE(IsUnprotected(place, bundle_)) << place.Describe();
      EXPECT_FALSE(report.warnings.empty()) << place.Describe();
      ++unprotected;
    }
    Put(place.path, bundle_.files.at(place.path));
    bytes = bundle_.files.at(place.path);
  }
  // What is caught is caught by tree, commitments and signatures, not by luck.
  EXPECT_GT(verdicts[Verdict::kAltered], kFlips / 2);
  EXPECT_GT(verdicts[Verdict::kBadSignature], 0);
  EXPECT_LT(unprotected, 10);
}

}  // namespace
}  // namespace parley::test
