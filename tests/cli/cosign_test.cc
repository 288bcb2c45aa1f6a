// parley cosign and parley audit, as far as no server is needed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "services/cli/cosign_key.h"
#include "services/cli/cosign_state.h"
#include "services/cli/errors.h"
#include "tests/cli/fake_server.h"
#include "tests/support/scratch_dir.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

using test::Outcome;
using test::ParleyAlone;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CosignTest : public testing::Test {
 protected:
  std::string At(const std::string& name) const { return dir_ / name; }

  test::ScratchDir dir_;
};

TEST_F(CosignTest, KeygenMakesAKeyThatOnlyItsOwnerReads) {
  const Outcome made = ParleyAlone({"cosign", "keygen", "--name", "buyer.example/acme", "--out", At("key")});
  ASSERT_EQ(made.exit_code, kExitOk) << made.err;
  EXPECT_EQ(fs::status(At("key")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const auto key = LoadCosignerKey(At("key"));
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->SigningKey()->verifier().ToString() + "\n", made.out);
  EXPECT_EQ(key->SigningKey()->verifier().type(), NoteKeyType::kEd25519Cosignature);
  EXPECT_THAT(made.out, StartsWith("buyer.example/acme+"));

  const Outcome again = ParleyAlone({"cosign", "keygen", "--name", "buyer", "--out", At("key")});
  EXPECT_EQ(again.exit_code, kExitUsage);
  EXPECT_THAT(again.err, HasSubstr("is there already"));
  EXPECT_EQ(LoadCosignerKey(At("key"))->seed, key->seed);
}

TEST_F(CosignTest, NamesThatNoteFormatCannotHoldAreRefused) {
  for (const char* name : {"two words", "a+b", ""}) {
    EXPECT_EQ(ParleyAlone({"cosign", "keygen", "--name", name, "--out", At("key")}).exit_code, kExitUsage) << name;
    EXPECT_FALSE(fs::exists(At("key")));
  }
}

TEST_F(CosignTest, OnlyTheOneFormOfAKeyFileIsRead) {
  const std::string good = "parley/cosigner-key/v1\nname buyer\nseed " + std::string(64, '7') + "\n";
  const auto load = [&](const std::string& text) {
    std::ofstream(At("key")) << text;
    fs::permissions(At("key"), fs::perms::owner_read | fs::perms::owner_write);
    return LoadCosignerKey(At("key")).status();
  };
  EXPECT_TRUE(load(good).ok()) << load(good);
  for (const std::string& bad :
       {std::string(), good + "\n", good.substr(0, good.size() - 1), "x" + good, good.substr(0, good.size() - 3) + "\n",
        "parley/cosigner-key/v1\nname buyer\nseed " + std::string(64, 'x') + "\n",
        "parley/cosigner-key/v1\nname two words\nseed " + std::string(64, '7') + "\n"}) {
    EXPECT_EQ(load(bad).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  ASSERT_TRUE(load(good).ok());
  fs::permissions(At("key"), fs::perms::group_read, fs::perm_options::add);
  const absl::Status open = LoadCosignerKey(At("key")).status();
  EXPECT_EQ(open.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(open.message()), HasSubstr("chmod 600"));
}

TEST_F(CosignTest, StateRemembersTheLargestNote) {
  auto state = CosignState::Open(At("state"));
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_TRUE(absl::IsUnavailable(CosignState::Open(At("state")).status())) << "one agent at a time";
  EXPECT_EQ(state->LastCosigned()->size, 0u);
  const auto note = [](uint64_t size) {
    const auto key = NoteSigningKey::Make("log/relationships/acme", NoteKeyType::kEd25519, std::string(32, 'k'));
    auto made = SignedNote::Make(Checkpoint{"log/relationships/acme", size, std::string(32, 'r')}.ToText());
    EXPECT_TRUE(made->Sign(*key).ok());
    return made->ToString();
  };
  for (const uint64_t size : {9, 100, 20}) {
    ASSERT_TRUE(state->KeepCosigned(size, note(size)).ok());
  }
  state = absl::UnknownError("closed");
  state = CosignState::Open(At("state"));
  ASSERT_TRUE(state.ok()) << state.status();
  const auto last = state->LastCosigned();
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->size, 100u);
  EXPECT_EQ(last->note, note(100));
  // A note that was tampered with is not taken for another.
  ASSERT_TRUE(state->KeepCosigned(100, note(99)).ok());
  EXPECT_EQ(state->LastCosigned().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(CosignTest, SaysWhatIsMissing) {
  const auto err = [](std::vector<std::string> args) {
    const Outcome outcome = ParleyAlone(std::move(args));
    EXPECT_EQ(outcome.exit_code, kExitUsage) << outcome.err;
    return outcome.err;
  };
  EXPECT_THAT(err({"cosign"}), HasSubstr("the relationship must be given"));
  EXPECT_THAT(err({"cosign", "acme"}), HasSubstr("--key must be given"));
  EXPECT_THAT(err({"cosign", "acme", "--key", "k"}), HasSubstr("--state must be given"));
  EXPECT_THAT(err({"cosign", "acme", "--key", At("none"), "--state", At("s")}), HasSubstr("no such file"));
  EXPECT_THAT(err({"cosign", "acme", "--key", "k", "--state", "s", "--follow", "--interval", "soon"}),
              HasSubstr("--interval"));
  EXPECT_THAT(err({"cosign", "rotate", "--key", "k"}), HasSubstr("--relationship is required"));
  EXPECT_THAT(err({"audit"}), HasSubstr("parley audit needs a command"));
  EXPECT_THAT(err({"audit", "export", "acme"}), HasSubstr("directory is required"));
  EXPECT_THAT(err({"audit", "export", "acme", "d", "--reader", "buyer", "--as-auditor"}), HasSubstr("excludes"));
  EXPECT_THAT(err({"audit", "keys", "acme", "--out", "f", "--days", "91"}), HasSubstr("--days"));
  EXPECT_THAT(err({"audit", "diff", At("a"), At("b")}), HasSubstr("does not exist"));
  EXPECT_THAT(err({"audit", "diff", dir_.path(), dir_.path()}), HasSubstr("there is no bundle in"));
  EXPECT_THAT(err({"audit", "check-receipt", At("r"), "--trust", At("p")}), HasSubstr("no such file"));
}

TEST_F(CosignTest, NothingIsWrittenWhereNoServerAnswers) {
  const Outcome outcome = ParleyAlone({"audit", "export", "acme", At("bundle"), "--as-auditor"});
  EXPECT_EQ(outcome.exit_code, kExitUnavailable);
  EXPECT_TRUE(fs::is_empty(At("bundle")));
  EXPECT_EQ(ParleyAlone({"audit", "prove", "acme", "3", "--out", At("r")}).exit_code, kExitUnavailable);
  EXPECT_EQ(ParleyAlone({"audit", "keys", "acme", "--out", At("k")}).exit_code, kExitUnavailable);
  EXPECT_FALSE(fs::exists(At("k")));
}

}  // namespace
}  // namespace parley
