// Time-stamps by an authority that is the openssl command line.
#include "eventstore/proof/timestamp.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "eventstore/base/clock.h"
#include "tests/support/scratch_dir.h"

namespace parley::test {
namespace {

constexpr char kText[] = "log.example/relationships/acme\n7\nAAAA\n";
const std::string kScript = "sh '" PARLEY_SOURCE_DIR "/tests/support/timestamp_authority.sh' ";

bool Runs(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class TimestampTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!Runs("openssl version")) return;
    dir_ = new test::ScratchDir;
    ASSERT_FALSE(testing::Test::HasFailure());
    ASSERT_TRUE(Runs(kScript + "make " + dir_->path() + "/tsa"));
    ASSERT_TRUE(Runs(kScript + "make " + dir_->path() + "/other"));
  }
  static void TearDownTestSuite() {
    delete dir_;
    dir_ = nullptr;
  }
  void SetUp() override {
    if (dir_ != nullptr) return;
    ASSERT_EQ(std::getenv("PARLEY_REQUIRE_TOOLS"), nullptr) << "the openssl command is missing";
    GTEST_SKIP() << "the openssl command is missing";
  }

  // What the authority answers to `request`.
  static std::string Reply(const std::string& request, const std::string& environment = "") {
    std::ofstream(dir_->path() + "/query", std::ios::binary) << request;
    std::filesystem::remove(dir_->path() + "/reply");
    EXPECT_TRUE(Runs(environment + " " + kScript + "reply " + dir_->path() + "/tsa " + dir_->path() + "/query " +
                     dir_->path() + "/reply"));
    return ReadFile(dir_->path() + "/reply");
  }
  std::string Request(const std::string& text = kText) { return *MakeTimestampRequest(text, random_); }
  static std::string Ca(const std::string& authority = "tsa") {
    return ReadFile(dir_->path() + "/" + authority + "/ca.pem");
  }

  static inline test::ScratchDir* dir_ = nullptr;
  SeededRandom random_{1};
};

bool IsInvalid(const absl::Status& status) { return status.code() == absl::StatusCode::kInvalidArgument; }

TEST_F(TimestampTest, SaysWhenTheTextWasThere) {
  const SystemClock clock;
  const absl::Time before = clock.Now();
  const std::string request = Request();
  const std::string response = Reply(request);
  EXPECT_TRUE(CheckTimestampResponse(request, response).ok()) << CheckTimestampResponse(request, response);
  const auto time = VerifyTimestamp(response, kText, Ca());
  ASSERT_TRUE(time.ok()) << time.status();
  EXPECT_GE(*time, before - absl::Seconds(1));
  EXPECT_LE(*time, clock.Now());
  EXPECT_EQ(absl::ToUnixNanos(*time) % 1'000'000'000, 0);
}

// What one side of OpenSSL makes, the other reads.
TEST_F(TimestampTest, TheCommandLineVerifiesItToo) {
  std::ofstream(dir_->path() + "/text", std::ios::binary) << kText;
  Reply(Request());
  const std::string verify =
      "openssl ts -verify -in " + dir_->path() + "/reply -CAfile " + dir_->path() + "/tsa/ca.pem";
  EXPECT_TRUE(Runs(verify + " -data " + dir_->path() + "/text"));
  EXPECT_TRUE(Runs(verify + " -queryfile " + dir_->path() + "/query"));
  ASSERT_TRUE(Runs("openssl ts -query -sha256 -cert -data " + dir_->path() + "/text -out " + dir_->path() + "/theirs"));
  const std::string theirs = ReadFile(dir_->path() + "/theirs");
  EXPECT_TRUE(CheckTimestampResponse(theirs, Reply(theirs)).ok());
}

TEST_F(TimestampTest, RequestsDifferByTheirNonce) {
  const std::string one = Request();
  const std::string two = Request();
  EXPECT_NE(one, two);
  EXPECT_TRUE(IsInvalid(CheckTimestampResponse(two, Reply(one))));
}

TEST_F(TimestampTest, AnAnswerToAnotherTextIsNone) {
  const std::string response = Reply(Request());
  EXPECT_TRUE(IsInvalid(CheckTimestampResponse(Request("another\n"), response)));
  EXPECT_TRUE(IsInvalid(VerifyTimestamp(response, "another\n", Ca()).status()));
  EXPECT_TRUE(IsInvalid(VerifyTimestamp(response, "", Ca()).status()));
}

TEST_F(TimestampTest, AnotherHashOfTheTextDoesNotCount) {
  std::ofstream(dir_->path() + "/text", std::ios::binary) << kText;
  // SHA-512/256 gives 32 bytes as well, but others.
  ASSERT_TRUE(
      Runs("openssl ts -query -sha512-256 -cert -data " + dir_->path() + "/text -out " + dir_->path() + "/theirs"));
  std::ofstream(dir_->path() + "/tsa/tsa.cnf", std::ios::app) << "digests = sha256,sha512-256\n";
  const std::string theirs = ReadFile(dir_->path() + "/theirs");
  const std::string response = Reply(theirs);
  EXPECT_TRUE(CheckTimestampResponse(theirs, response).ok()) << CheckTimestampResponse(theirs, response);
  const auto time = VerifyTimestamp(response, kText, Ca());
  EXPECT_NE(time.status().message().find("SHA-256"), std::string::npos) << time.status();
}

TEST_F(TimestampTest, AnotherAuthorityIsNotTrusted) {
  const std::string response = Reply(Request());
  EXPECT_TRUE(IsInvalid(VerifyTimestamp(response, kText, Ca("other")).status()));
  EXPECT_TRUE(VerifyTimestamp(response, kText, Ca("other") + Ca()).ok());
  // The signer's own certificate is no authority.
  EXPECT_TRUE(IsInvalid(VerifyTimestamp(response, kText, ReadFile(dir_->path() + "/tsa/tsa.pem")).status()));
}

TEST_F(TimestampTest, TrustedCertificatesMustBePem) {
  const std::string response = Reply(Request());
  EXPECT_TRUE(IsInvalid(VerifyTimestamp(response, kText, "").status()));
  EXPECT_TRUE(IsInvalid(VerifyTimestamp(response, kText, "certificate").status()));
  EXPECT_TRUE(IsInvalid(VerifyTimestamp(response, kText, Ca() + "-----BEGIN CERTIFICATE-----\nAA\n").status()));
}

// Its signer's certificate was not valid at the time it names: nobody else vouches for that time.
TEST_F(TimestampTest, AnExpiredSignerDoesNotCount) {
  const std::string request = Request();
  const std::string response = Reply(request, "TSA_CERTIFICATE=expired");
  EXPECT_TRUE(CheckTimestampResponse(request, response).ok());
  const auto time = VerifyTimestamp(response, kText, Ca());
  EXPECT_TRUE(IsInvalid(time.status()));
  EXPECT_NE(time.status().message().find("expired"), std::string::npos) << time.status();
}

// A certificate of the same authority that is for something else, under the very same time-stamp.
TEST_F(TimestampTest, ACertificateForAnotherPurposeDoesNotCount) {
  Reply(Request());
  const std::string dir = dir_->path() + "/";
  const auto resign = [&](const std::string& signer) {
    EXPECT_TRUE(Runs("openssl ts -reply -in " + dir + "reply -token_out -out " + dir + "token && " +
                     "openssl cms -verify -noverify -inform DER -in " + dir + "token -out " + dir + "info && " +
                     "openssl cms -sign -binary -nodetach -cades -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 " +
                     "-signer " + dir + "tsa/" + signer + ".pem -inkey " + dir + "tsa/" + signer + ".key -in " + dir +
                     "info -outform DER -out " + dir + "resigned"));
    // TimeStampResp ::= SEQUENCE { SEQUENCE { INTEGER 0 }, token }
    const std::string token = ReadFile(dir + "resigned");
    const size_t size = token.size() + 5;
    EXPECT_GT(size, 0xffu);
    return std::string("\x30\x82") + static_cast<char>(size >> 8) + static_cast<char>(size & 0xff) +
           std::string("\x30\x03\x02\x01\x00", 5) + token;
  };
  EXPECT_TRUE(VerifyTimestamp(resign("tsa"), kText, Ca()).ok()) << VerifyTimestamp(resign("tsa"), kText, Ca()).status();
  EXPECT_TRUE(IsInvalid(VerifyTimestamp(resign("server"), kText, Ca()).status()));
}

TEST_F(TimestampTest, RefusalsAndNonsenseAreNoTimestamps) {
  const std::string request = Request();
  // An authority that refuses: TimeStampResp ::= SEQUENCE { SEQUENCE { INTEGER 2 } }
  const std::string refusal("\x30\x05\x30\x03\x02\x01\x02", 7);
  const std::string response = Reply(request);
  for (const std::string& bad :
       {refusal, std::string(), std::string("no"), request, response + "x", response.substr(0, response.size() - 1)}) {
    EXPECT_TRUE(IsInvalid(CheckTimestampResponse(request, bad)));
    EXPECT_TRUE(IsInvalid(VerifyTimestamp(bad, kText, Ca()).status()));
  }
  EXPECT_TRUE(IsInvalid(CheckTimestampResponse("", response)));
  EXPECT_TRUE(IsInvalid(CheckTimestampResponse(response, response)));
}

// No bit of it may be flipped so that it says another time, or the same of another text. Some bits say nothing (the status beside
// the token, for one), and their flips may pass.
TEST_F(TimestampTest, FlippedBitsChangeNothingThatIsSaid) {
  const std::string response = Reply(Request());
  const auto time = VerifyTimestamp(response, kText, Ca());
  ASSERT_TRUE(time.ok()) << time.status();
  const std::string ca = Ca();
  size_t refused = 0;
  for (size_t at = 0; at < response.size(); ++at) {
    std::string flipped = response;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    const auto verified = VerifyTimestamp(flipped, kText, ca);
    if (verified.ok()) {
      EXPECT_EQ(*verified, *time) << "at byte " << at;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, response.size() * 9 / 10);
}

}  // namespace
}  // namespace parley::test
