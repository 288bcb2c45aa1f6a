#include "eventstore/base/checksums.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

#include "absl/strings/escaping.h"
#include "eventstore/base/durable_file.h"
#include "eventstore/base/file.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPieceBytes = 1 << 20;
constexpr uint64_t kMaxListBytes = 256 << 20;

struct File {
  std::string sha256;  // 32 bytes.
  uint64_t bytes = 0;
};

absl::StatusOr<File> Hash(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  Sha256Stream hash;
  File file;
  std::vector<char> piece(kPieceBytes);
  while (in.read(piece.data(), piece.size()) || in.gcount() > 0) {
    hash.Update({piece.data(), static_cast<size_t>(in.gcount())});
    file.bytes += static_cast<uint64_t>(in.gcount());
  }
  if (!in.eof()) return absl::UnavailableError("cannot read " + path);
  file.sha256 = hash.Final();
  return file;
}

// By path, relative to `directory`.
absl::StatusOr<std::map<std::string, File>> HashAll(const std::string& directory) {
  std::map<std::string, File> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->is_directory(error)) continue;
    const std::string path = fs::relative(it->path(), directory, error).generic_string();
    if (path == kChecksumsFile) continue;
    PARLEY_ASSIGN_OR_RETURN(files[path], Hash(it->path().string()));
  }
  if (error) return absl::UnavailableError("cannot read " + directory + ": " + error.message());
  return files;
}

std::string ToText(const std::map<std::string, File>& files) {
  std::string text;
  for (const auto& [path, file] : files) text += absl::BytesToHexString(file.sha256) + "  " + path + "\n";
  return text;
}

ChecksummedFiles Sum(const std::map<std::string, File>& files) {
  ChecksummedFiles sum{.files = files.size()};
  for (const auto& [path, file] : files) sum.bytes += file.bytes;
  return sum;
}

}  // namespace

absl::StatusOr<ChecksummedFiles> WriteChecksums(const std::string& directory) {
  PARLEY_ASSIGN_OR_RETURN(const auto files, HashAll(directory));
  PARLEY_RETURN_IF_ERROR(WriteFileDurably(directory + "/" + kChecksumsFile, ToText(files), 0644));
  return Sum(files);
}

absl::StatusOr<ChecksummedFiles> VerifyChecksums(const std::string& directory) {
  PARLEY_ASSIGN_OR_RETURN(const std::string listed, ReadFile(directory + "/" + kChecksumsFile, kMaxListBytes));
  PARLEY_ASSIGN_OR_RETURN(const auto files, HashAll(directory));
  const std::string found = ToText(files);
  if (listed == found) return Sum(files);
  // Both are in the order of paths: the first line that differs names a file that is damaged, missing or not listed.
  size_t at = 0;
  while (at < listed.size() && at < found.size() && listed[at] == found[at]) ++at;
  const std::string& longer = at < listed.size() ? listed : found;
  const size_t begin = at == 0 ? 0 : longer.rfind('\n', at - 1) + 1;
  const std::string line = longer.substr(begin, longer.find('\n', at) - begin);
  constexpr size_t kPathAt = 66;  // After 64 hexadecimal digits and two spaces.
  return absl::DataLossError(directory + " is not what its " + kChecksumsFile + " says: see " +
                             (line.size() > kPathAt ? line.substr(kPathAt) : line));
}

}  // namespace parley
