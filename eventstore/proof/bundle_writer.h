// Writes a bundle into a directory, file by file as it arrives; goes on where it stopped; brings a bundle that is there up to a later
// size. Until Finish a bundle that was there stays what it was, apart from files beside it.
//
// While it is under way `partial/` holds: `manifest`, what is being made (without files); files that will replace others; and, once all
// is there, `commit`, the manifest to be: from then on nothing but renames is left to do, which Open does where Finish was cut off.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventstore/proof/bundle.h"

namespace parley {

// Not thread-safe; one writer at a time for a directory. UNAVAILABLE wherever a file cannot be read or written.
class BundleWriter {
 public:
  // `reader`: party id; empty: an auditor. Makes the directory where there is none. INVALID_ARGUMENT where it holds something else than
  // a bundle, whole or begun, for this reader.
  static absl::StatusOr<BundleWriter> Open(const std::string& path, const std::string& reader);

  // The bundle that is there, whole; if any.
  const std::optional<BundleManifest>& whole() const { return whole_; }
  // What was begun; if anything. Without files.
  const std::optional<BundleManifest>& begun() const { return begun_; }
  // ExportBundleRequest.have_size: the size of the bundle that is there; 0 where it lacks a full tile.
  uint64_t have_size() const { return have_size_; }
  // ExportBundleRequest.after_path: up to which tile, in the order of paths, everything is there of what was begun.
  std::string after_path() const;

  // A piece of a file. INVALID_ARGUMENT where no bundle has such a file, or another is not ended yet.
  absl::Status Append(std::string_view path, std::string_view data);
  // The file is whole, and on the disk when this returns. The first is the checkpoint, which says what is being made:
  // FAILED_PRECONDITION where that is of another origin than the bundle that is there, or of fewer entries.
  absl::Status EndFile();
  // Begins to make the bundle that is there anew, of the same size: for Replace. FAILED_PRECONDITION where there is none.
  absl::Status Amend();
  // Takes other bytes for a tile, or the checkpoint, of the bundle that is being made.
  absl::Status Replace(std::string_view path, std::string_view bytes);
  // A tile of the bundle that is being made, as it stands.
  absl::StatusOr<std::string> Read(const TileId& tile) const;

  // Writes the manifest and removes what the bundle does not hold any more. FAILED_PRECONDITION where a file is missing.
  absl::Status Finish();

 private:
  BundleWriter(std::string path, std::string reader) : path_(std::move(path)), reader_(std::move(reader)) {}
  absl::Status Load();
  absl::Status BeginWith(const std::string& note);
  absl::Status Begin(BundleManifest manifest);
  absl::Status Put(const std::string& file, std::string_view bytes);
  absl::StatusOr<BundleManifest::File> Hash(const std::string& file) const;
  absl::StatusOr<BundleManifest> MakeManifest() const;
  absl::Status Settle();
  bool IsStaged(std::string_view file) const;
  std::string FileOf(std::string_view file) const;
  std::string StagedFileOf(std::string_view file) const;

  std::string path_;
  std::string reader_;
  std::optional<BundleManifest> whole_, begun_;
  uint64_t have_size_ = 0;
  std::string file_;  // The one that is arriving; empty: none.
  std::string data_;
  std::map<std::string, BundleManifest::File, std::less<>> arrived_;
};

}  // namespace parley
