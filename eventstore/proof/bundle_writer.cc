#include "eventstore/proof/bundle_writer.h"

#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include "eventstore/base/durable_file.h"
#include "eventstore/base/file.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/status.h"
#include "eventstore/proof/note.h"

namespace parley {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPartial = "partial";
constexpr std::string_view kDraft = ".new";  // What WriteFileDurably leaves where it was cut off.
constexpr unsigned kMode = 0644;

absl::Status Failed(const std::string& what, const std::error_code& error) {
  return absl::UnavailableError("cannot " + what + ": " + error.message());
}

// NOT_FOUND where there is none.
absl::StatusOr<BundleManifest> ReadManifest(const std::string& path) {
  PARLEY_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxManifestBytes));
  return BundleManifest::Parse(text);
}

absl::Status WriteFile(const std::string& path, std::string_view bytes) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (error) return Failed("make the directory of " + path, error);
  return WriteFileDurably(path, bytes, kMode);
}

bool Exists(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(fs::symlink_status(path, ignored));
}

// Every file below `path` that `visit` wants to know of, relative to it.
absl::Status ForEachFile(const std::string& path, const std::function<absl::Status(const std::string&)>& visit) {
  std::vector<std::string> files;  // First all of them: `visit` may remove what it is told of.
  std::error_code error;
  for (fs::recursive_directory_iterator it(path, error); !error && it != fs::recursive_directory_iterator();
       it.increment(error)) {
    std::error_code ignored;
    if (it->symlink_status(ignored).type() == fs::file_type::directory) continue;
    files.push_back(it->path().lexically_relative(path).string());
  }
  if (error) return Failed("list " + path, error);
  for (const std::string& file : files) PARLEY_RETURN_IF_ERROR(visit(file));
  return absl::OkStatus();
}

absl::Status Remove(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? Failed("remove " + path, error) : absl::OkStatus();
}

}  // namespace

std::string BundleWriter::FileOf(std::string_view file) const { return path_ + "/" + std::string(file); }

std::string BundleWriter::StagedFileOf(std::string_view file) const {
  return path_ + "/" + std::string(kPartial) + "/" + std::string(file);
}

absl::StatusOr<BundleWriter> BundleWriter::Open(const std::string& path, const std::string& reader) {
  BundleWriter writer(path, reader);
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return absl::UnavailableError("cannot make " + path + ": " + error.message());
  PARLEY_RETURN_IF_ERROR(writer.Load());
  return writer;
}

absl::Status BundleWriter::Load() {
  if (Exists(StagedFileOf("commit"))) PARLEY_RETURN_IF_ERROR(Settle());
  auto whole = ReadManifest(FileOf(kManifestPath));
  if (whole.ok()) whole_ = *std::move(whole);
  auto begun = ReadManifest(StagedFileOf(kManifestPath));
  if (begun.ok()) begun_ = *std::move(begun);
  for (const auto* read : {&whole, &begun}) {
    if (!read->ok() && !absl::IsNotFound(read->status())) return read->status();
  }
  for (const auto& manifest : {whole_, begun_}) {
    if (manifest && manifest->reader != reader_) {
      return absl::InvalidArgumentError(path_ + " holds a bundle for " +
                                        (manifest->reader.empty() ? "auditors" : manifest->reader));
    }
  }
  std::error_code error;
  if (!whole_ && !begun_ && !fs::is_empty(path_, error)) {
    // The very first file may have been cut off.
    if (!fs::exists(StagedFileOf(""), error))
      return absl::InvalidArgumentError(path_ + " is neither empty nor a bundle");
  }
  if (!whole_) return absl::OkStatus();
  have_size_ = whole_->size;
  for (const TileId& tile : TilesOfBundle(whole_->size)) {
    if (tile.width == kTileWidth && !Exists(FileOf(tile.Path()))) have_size_ = 0;
  }
  return absl::OkStatus();
}

std::string BundleWriter::after_path() const {
  std::string last;
  if (!begun_) return last;
  for (const TileId& tile : TilesOfBundle(begun_->size)) {
    const std::string path = tile.Path();
    if (!Exists(FileOf(path))) break;
    last = path;
  }
  return last;
}

absl::Status BundleWriter::Append(std::string_view path, std::string_view data) {
  if (file_.empty()) {
    if (!IsBundlePath(path)) return absl::InvalidArgumentError("no bundle has a file " + std::string(path));
    file_ = path;
    data_.clear();
  }
  if (file_ != path) return absl::InvalidArgumentError(file_ + " is followed by another file before its end");
  // A server that goes on without end is stopped.
  if (data_.size() + data.size() > kMaxBundleFileBytes) return absl::InvalidArgumentError(file_ + " is too large");
  data_.append(data);
  return absl::OkStatus();
}

absl::Status BundleWriter::EndFile() {
  if (file_.empty()) return absl::InvalidArgumentError("no file is arriving");
  const std::string file = std::exchange(file_, "");
  if (file == kCheckpointPath) PARLEY_RETURN_IF_ERROR(BeginWith(data_));
  if (!begun_) return absl::InvalidArgumentError(file + " arrives before the checkpoint");
  return Put(file, data_);
}

absl::Status BundleWriter::BeginWith(const std::string& note_text) {
  PARLEY_ASSIGN_OR_RETURN(const SignedNote note, SignedNote::Parse(note_text));
  PARLEY_ASSIGN_OR_RETURN(const Checkpoint checkpoint, Checkpoint::Parse(note.text()));
  if (checkpoint.size > kMaxBundleEntries) return absl::InvalidArgumentError("no bundle has so many entries");
  if (whole_ && whole_->origin != checkpoint.origin) {
    return absl::FailedPreconditionError(path_ + " holds a bundle of " + whole_->origin + ", not of " +
                                         checkpoint.origin);
  }
  if (whole_ && whole_->size > checkpoint.size) {
    return absl::FailedPreconditionError(path_ + " holds a bundle of " + std::to_string(whole_->size) +
                                         " entries, and a checkpoint of " + std::to_string(checkpoint.size) +
                                         " arrives");
  }
  return Begin(BundleManifest{checkpoint.origin, reader_, checkpoint.size, {}});
}

absl::Status BundleWriter::Begin(BundleManifest manifest) {
  // What of an earlier attempt was not under a name of its own may have changed since.
  PARLEY_RETURN_IF_ERROR(Remove(StagedFileOf("")));
  begun_ = std::move(manifest);
  arrived_.clear();
  return WriteFile(StagedFileOf(kManifestPath), begun_->ToText());
}

absl::Status BundleWriter::Amend() {
  if (!whole_) return absl::FailedPreconditionError("there is no bundle in " + path_);
  PARLEY_RETURN_IF_ERROR(Begin(BundleManifest{whole_->origin, reader_, whole_->size, {}}));
  for (const auto& [file, known] : whole_->files) {
    if (!TileId::Parse(file)) arrived_[file] = known;
  }
  return absl::OkStatus();
}

// Tiles have names that hold their size: only what may stand in another's place waits aside.
bool BundleWriter::IsStaged(std::string_view file) const {
  return !TileId::Parse(file) || (whole_ && whole_->files.contains(file));
}

absl::Status BundleWriter::Put(const std::string& file, std::string_view bytes) {
  PARLEY_RETURN_IF_ERROR(WriteFile(IsStaged(file) ? StagedFileOf(file) : FileOf(file), bytes));
  arrived_[file] = {Sha256(bytes), bytes.size()};
  return absl::OkStatus();
}

absl::Status BundleWriter::Replace(std::string_view path, std::string_view bytes) {
  if (path != kCheckpointPath && !TileId::Parse(path)) {
    return absl::InvalidArgumentError(std::string(path) + " is neither a tile nor the checkpoint");
  }
  return Put(std::string(path), bytes);
}

absl::StatusOr<std::string> BundleWriter::Read(const TileId& tile) const {
  const std::string file = tile.Path();
  return ReadFile(Exists(StagedFileOf(file)) ? StagedFileOf(file) : FileOf(file), kMaxBundleFileBytes);
}

absl::StatusOr<BundleManifest::File> BundleWriter::Hash(const std::string& file) const {
  if (const auto found = arrived_.find(file); found != arrived_.end()) return found->second;
  // As it was when it arrived: where the disk has lost it since, that must show.
  if (have_size_ > 0) {
    if (const auto found = whole_->files.find(file); found != whole_->files.end()) return found->second;
  }
  auto bytes = ReadFile(FileOf(file), kMaxBundleFileBytes);
  if (absl::IsNotFound(bytes.status())) return absl::FailedPreconditionError(file + " is missing");
  PARLEY_RETURN_IF_ERROR(bytes.status());
  return BundleManifest::File{Sha256(*bytes), bytes->size()};
}

absl::StatusOr<BundleManifest> BundleWriter::MakeManifest() const {
  BundleManifest manifest = *begun_;
  for (const TileId& tile : TilesOfBundle(manifest.size)) {
    const std::string file = tile.Path();
    PARLEY_ASSIGN_OR_RETURN(manifest.files[file], Hash(file));
  }
  for (const auto& [file, arrived] : arrived_) {
    if (!TileId::Parse(file)) manifest.files[file] = arrived;
  }
  return manifest;
}

absl::Status BundleWriter::Finish() {
  if (!begun_ || !arrived_.contains(kCheckpointPath)) return absl::FailedPreconditionError("the checkpoint is missing");
  PARLEY_ASSIGN_OR_RETURN(const BundleManifest manifest, MakeManifest());
  PARLEY_RETURN_IF_ERROR(WriteFile(StagedFileOf("commit"), manifest.ToText()));
  PARLEY_RETURN_IF_ERROR(Settle());
  whole_ = manifest;
  begun_.reset();
  arrived_.clear();
  have_size_ = manifest.size;
  return absl::OkStatus();
}

absl::Status BundleWriter::Settle() {
  PARLEY_ASSIGN_OR_RETURN(const BundleManifest manifest, ReadManifest(StagedFileOf("commit")));
  PARLEY_RETURN_IF_ERROR(ForEachFile(StagedFileOf(""), [&](const std::string& file) -> absl::Status {
    if (!manifest.files.contains(file)) return absl::OkStatus();
    std::error_code error;
    fs::create_directories(fs::path(FileOf(file)).parent_path(), error);
    if (!error) fs::rename(StagedFileOf(file), FileOf(file), error);
    return error ? Failed("put " + file + " in its place", error) : absl::OkStatus();
  }));
  PARLEY_RETURN_IF_ERROR(WriteFile(FileOf(kManifestPath), manifest.ToText()));
  PARLEY_RETURN_IF_ERROR(Remove(StagedFileOf("")));
  return ForEachFile(path_, [&](const std::string& file) -> absl::Status {
    std::string_view name = file;
    if (name.ends_with(kDraft)) name.remove_suffix(kDraft.size());
    // What somebody else put there is not touched.
    if (manifest.files.contains(file) || !IsBundlePath(name)) return absl::OkStatus();
    return Remove(FileOf(file));
  });
}

}  // namespace parley
