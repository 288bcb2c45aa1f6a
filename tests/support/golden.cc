#include "tests/support/golden.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace parley::test {

using google::protobuf::Message;
using google::protobuf::TextFormat;

std::filesystem::path GoldenFolder() { return std::filesystem::path(PARLEY_SOURCE_DIR) / "tests" / "golden"; }

void NeedGolden(const std::filesystem::path& path, const std::function<std::string()>& make) {
  if (std::filesystem::exists(path)) return;
  if (std::getenv("PARLEY_ADD_GOLDENS") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << make();
    return;
  }
  ADD_FAILURE() << path.filename() << " is missing: run this test with PARLEY_ADD_GOLDENS=1 and review it";
}

std::string ReadGolden(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

std::string Section(const std::string& golden, std::string_view heading, std::string_view next) {
  const size_t begin = golden.find(heading);
  const size_t end = next.empty() ? golden.size() : golden.find(next);
  if (begin == std::string::npos || end == std::string::npos) {
    ADD_FAILURE() << "a golden lacks a heading";
    return "";
  }
  return golden.substr(begin + heading.size(), end - begin - heading.size());
}

std::string HexLines(std::string_view bytes) {
  const std::string hex = absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
  std::string out;
  for (size_t i = 0; i < hex.size(); i += 96) out += hex.substr(i, 96) + "\n";
  return out;
}

std::string FromHexLines(std::string hex) {
  std::erase(hex, '\n');
  return absl::HexStringToBytes(hex);
}

std::string TextOf(const Message& message) {
  std::string text;
  EXPECT_TRUE(TextFormat::PrintToString(message, &text));
  return text;
}

void ExpectSameMessage(const std::string& text, const Message& actual, const std::string& what) {
  std::unique_ptr<Message> expected(actual.New());
  ASSERT_TRUE(TextFormat::ParseFromString(text, expected.get())) << what;
  std::string differences;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(*expected, actual)) << what << " is another one now:\n" << differences;
}

}  // namespace parley::test
