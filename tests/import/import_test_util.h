// Shared by the importers' tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/import/import_error.h"

namespace parley {

// A file that is gone with its owner.
class TempFile {
 public:
  explicit TempFile(const std::string& content) {
    static std::atomic<int> next = 0;
    path_ =
        (std::filesystem::path(testing::TempDir()) / absl::StrCat("parley_import_", getpid(), "_", next++)).string();
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TempFile() { std::filesystem::remove(path_); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string Gzip(const std::string& content) {
  TempFile file("");
  gzFile gz = gzopen(file.path().c_str(), "wb");
  EXPECT_EQ(gzwrite(gz, content.data(), static_cast<unsigned>(content.size())), static_cast<int>(content.size()));
  gzclose(gz);
  std::ifstream in(file.path(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The problem in `status`, and 0 for its line where none is known; fails the test where it is no import error.
inline ImportErrorInfo Problem(const absl::Status& status) {
  auto info = ImportErrorOf(status);
  EXPECT_TRUE(info.has_value()) << status;
  return info.value_or(ImportErrorInfo{});
}

// Real data lies beside the project, and only there.
inline std::string SharedData(const std::string& name) {
  return absl::StrCat(PARLEY_SOURCE_DIR, "/../shared/data/", name);
}

}  // namespace parley
