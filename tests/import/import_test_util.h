// Shared by the importers' tests.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/import/import_error.h"
#include "tests/support/scratch_dir.h"

namespace parley {

// A file that is gone with its owner.
class TempFile {
 public:
  explicit TempFile(const std::string& content) : path_(dir_ / "file") {
    std::ofstream(path_, std::ios::binary) << content;
  }
  const std::string& path() const { return path_; }

 private:
  const test::ScratchDir dir_;
  const std::string path_;
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
