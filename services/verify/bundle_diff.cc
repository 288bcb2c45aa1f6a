#include "services/verify/bundle_diff.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "eventstore/base/status.h"
#include "eventstore/entry.h"
#include "eventstore/proof/merkle.h"
#include "eventstore/proof/note.h"
#include "services/verify/bundle_entries.h"

namespace parley {
namespace {

struct Note {
  SignedNote note;
  Checkpoint checkpoint;
};

// Every note in a bundle, by size.
absl::StatusOr<std::map<uint64_t, Note>> ReadNotes(const BundleDir& bundle) {
  std::map<uint64_t, Note> notes;
  for (const auto& [file, unused] : bundle.manifest().files) {
    if (file != kCheckpointPath && !SizeOfCheckpointPath(file)) continue;
    PARLEY_ASSIGN_OR_RETURN(const std::string text, bundle.Read(file));
    Note note;
    PARLEY_ASSIGN_OR_RETURN(note.note, SignedNote::Parse(text));
    PARLEY_ASSIGN_OR_RETURN(note.checkpoint, Checkpoint::Parse(note.note.text()));
    const uint64_t size = SizeOfCheckpointPath(file).value_or(bundle.manifest().size);
    if (note.checkpoint.size != size) return absl::InvalidArgumentError(file + " is of another size");
    notes[size] = std::move(note);
  }
  return notes;
}

std::set<std::string> KeysUnder(const SignedNote& note) {
  std::set<std::string> keys;
  for (const NoteSignature& s : note.signatures()) keys.insert(s.name + "+" + absl::BytesToHexString(s.key_id));
  return keys;
}

class Diff {
 public:
  Diff(const BundleDir& earlier, const BundleDir& later) : earlier_(earlier), later_(later) {}

  absl::StatusOr<BundleDiff> Run() {
    out_.earlier_size = earlier_.manifest().size;
    out_.later_size = later_.manifest().size;
    PARLEY_RETURN_IF_ERROR(CompareEntries());
    if (out_.forked_at) return std::move(out_);
    PARLEY_RETURN_IF_ERROR(ReadAppended());
    PARLEY_RETURN_IF_ERROR(CompareNotes());
    for (auto& part : out_.gone) {
      if (const auto found = erased_.find(part.person); found != erased_.end()) part.erased_in = found->second;
    }
    return std::move(out_);
  }

 private:
  // The prefix that both have.
  absl::Status CompareEntries() {
    for (uint64_t tile = 0; tile * kTileWidth < out_.earlier_size; ++tile) {
      PARLEY_ASSIGN_OR_RETURN(const auto before, earlier_.ReadEntries(tile));
      PARLEY_ASSIGN_OR_RETURN(const auto after, later_.ReadEntries(tile));
      for (size_t i = 0; i < before.size(); ++i) {
        const uint64_t sequence = tile * kTileWidth + i;
        if (before[i].header() != after[i].header()) {
          out_.forked_at = sequence;
          return absl::OkStatus();
        }
        tree_.Append(LeafHash(after[i].header()));
        PARLEY_RETURN_IF_ERROR(CompareParts(sequence, before[i], after[i]));
      }
    }
    return absl::OkStatus();
  }

  absl::Status CompareParts(uint64_t sequence, const v1::StoredEntry& before, const v1::StoredEntry& after) {
    // What one of the readers may not read says nothing.
    if (before.parts().empty() || after.parts().empty()) return absl::OkStatus();
    PARLEY_ASSIGN_OR_RETURN(const v1::EntryHeader header, DecodeHeader(after, Position()));
    if (before.parts_size() != after.parts_size() || after.parts_size() != header.commitments_size()) {
      return absl::InvalidArgumentError("entry " + std::to_string(sequence) + " has not the parts that it commits to");
    }
    PARLEY_RETURN_IF_ERROR(Follow(sequence, after));
    for (int i = 0; i < after.parts_size(); ++i) {
      const bool was = !IsMissing(before.parts(i)), is = !IsMissing(after.parts(i));
      if (was == is) continue;
      BundleDiff::Part part{sequence, i, "", {}};
      const auto entry = DecodeEntry(was ? before : after, Position());
      if (i > 0 && entry.ok() && i <= entry->record.personal_parts_size()) {
        part.person = entry->record.personal_parts(i - 1).person();
      }
      (was ? out_.gone : out_.came).push_back(std::move(part));
    }
    return absl::OkStatus();
  }

  absl::Status ReadAppended() {
    return ForEachStored(later_, out_.earlier_size, [&](uint64_t sequence, const v1::StoredEntry& stored) {
      tree_.Append(LeafHash(stored.header()));
      if (stored.parts().empty()) {
        ++out_.appended_withheld;
        return absl::OkStatus();
      }
      return Follow(sequence, stored);
    });
  }

  // An entry of the later bundle whose parts are there.
  absl::Status Follow(uint64_t sequence, const v1::StoredEntry& stored) {
    if (IsMissing(stored.parts(0))) return absl::OkStatus();
    auto entry = DecodeEntry(stored, Position());
    if (!entry.ok()) return absl::InvalidArgumentError(std::string(entry.status().message()));
    if (sequence >= out_.earlier_size) ++out_.appended[entry->record.event_type()];
    if (entry->record.event_type() == kErasedEvent) erased_.emplace(entry->record.stream(), sequence);
    return absl::OkStatus();
  }

  absl::Status CompareNotes() {
    PARLEY_ASSIGN_OR_RETURN(const auto before, ReadNotes(earlier_));
    PARLEY_ASSIGN_OR_RETURN(const auto after, ReadNotes(later_));
    const auto head = after.find(out_.later_size);
    if (head == after.end() || head->second.checkpoint.root != tree_.Root()) {
      return absl::InvalidArgumentError(later_.path() + ": the entries do not hash to the checkpoint");
    }
    for (const auto& [size, note] : before) {
      const auto same = after.find(size);
      if (same == after.end()) {
        out_.checkpoints_gone.push_back(size);
        continue;
      }
      if (same->second.note.text() != note.note.text()) {
        return absl::InvalidArgumentError("the checkpoints of " + std::to_string(size) +
                                          " entries differ, although the entries do not");
      }
      const std::set<std::string> old_keys = KeysUnder(note.note), new_keys = KeysUnder(same->second.note);
      for (const std::string& key : old_keys) {
        if (!new_keys.contains(key)) out_.signatures_gone.push_back({size, key});
      }
      for (const std::string& key : new_keys) {
        if (!old_keys.contains(key)) out_.signatures_added.push_back({size, key});
      }
    }
    return absl::OkStatus();
  }

  const BundleDir& earlier_;
  const BundleDir& later_;
  BundleDiff out_;
  MerkleFrontier tree_;                     // Over the later one.
  std::map<std::string, uint64_t> erased_;  // By person, in the later one.
};

}  // namespace

bool BundleDiff::good() const {
  return !forked_at &&
         std::all_of(gone.begin(), gone.end(), [](const Part& part) { return part.erased_in.has_value(); });
}

absl::StatusOr<BundleDiff> DiffBundles(const BundleDir& a, const BundleDir& b) {
  if (a.manifest().origin != b.manifest().origin) {
    return absl::InvalidArgumentError("the bundles are of different relationships: " + a.manifest().origin + " and " +
                                      b.manifest().origin);
  }
  return a.manifest().size <= b.manifest().size ? Diff(a, b).Run() : Diff(b, a).Run();
}

}  // namespace parley
