#include "services/verify/contents.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/resource_name.h"
#include "eventstore/proof/merkle.h"
#include "eventstore/proof/tile.h"
#include "services/verify/bundle_entries.h"
#include "services/verify/entry_check.h"
#include "services/verify/hash_tiles.h"

namespace parley {
namespace {

constexpr char kRelationships[] = "relationships/";

class ContentsReader {
 public:
  ContentsReader(const BundleDir& bundle, const v1::PersonKeys* keys, const std::set<uint64_t>& sizes,
                 Findings& findings, VerifyReport& report)
      : bundle_(bundle), keys_(keys), sizes_(sizes), findings_(findings), report_(report) {}

  std::optional<BundleContents> Read() {
    CheckFiles();
    BundleNote head;
    if (!ReadNote(std::string(kCheckpointPath), bundle_.manifest().size, head)) return std::nullopt;
    if (head.checkpoint.origin != bundle_.manifest().origin) Damaged("manifest and checkpoint are of different logs");
    const auto ledger = LedgerOfOrigin(head.checkpoint.origin);
    if (!ledger) Damaged("the checkpoint's origin names no relationship");
    if (findings_.Has(Verdict::kDamaged)) return std::nullopt;
    BundleContents contents(*ledger);
    for (const auto& [path, file] : bundle_.manifest().files) {
      const auto size = SizeOfCheckpointPath(path);
      BundleNote note;
      if (size && ReadNote(path, *size, note)) contents.notes.push_back(std::move(note));
    }
    contents.notes.push_back(std::move(head));
    if (!ReadEntries(contents) || findings_.Has(Verdict::kDamaged)) return std::nullopt;
    return contents;
  }

 private:
  void Damaged(std::string what) { findings_.Add(Verdict::kDamaged, std::nullopt, std::move(what)); }

  // That the files are there that a bundle of this size has, and no others.
  void CheckFiles() {
    if (bundle_.manifest().size == 0) Damaged("a bundle of no entries: no relationship begins with nothing");
    const auto stray = bundle_.StrayFiles();
    if (!stray.ok()) return Damaged(std::string(stray.status().message()));
    for (const std::string& path : *stray) Damaged(path + " is either not there or not in the manifest");
    const uint64_t size = bundle_.manifest().size;
    // Headers and parts: what else is missing is told by name, for which there must not be too much of it.
    if (bundle_.manifest().files.size() < 2 * ((size + kTileWidth - 1) / kTileWidth)) {
      return Damaged("the manifest names fewer files than so many entries take");
    }
    std::set<std::string, std::less<>> expected = {std::string(kCheckpointPath)};
    for (const TileId& tile : TilesOfBundle(size)) expected.insert(tile.Path());
    for (const auto& [path, file] : bundle_.manifest().files) {
      if (expected.erase(path) > 0) continue;
      const auto of_checkpoint = SizeOfCheckpointPath(path);
      const auto of_timestamp = ParseTimestampPath(path);
      const uint64_t covered = of_checkpoint ? *of_checkpoint + 1 : of_timestamp ? of_timestamp->size : size + 1;
      if (covered > size) Damaged(path + " is no file of a bundle of this size");
    }
    for (const std::string& path : expected) Damaged(path + " is not in the manifest");
  }

  bool ReadNote(const std::string& path, uint64_t size, BundleNote& note) {
    const auto bytes = bundle_.Read(path);
    if (!bytes.ok()) return Damaged(std::string(bytes.status().message())), false;
    auto parsed = SignedNote::Parse(*bytes);
    if (!parsed.ok() || parsed->ToString() != *bytes) return Damaged(path + " is no signed note"), false;
    auto checkpoint = Checkpoint::Parse(parsed->text());
    if (!checkpoint.ok()) return Damaged(path + ": " + std::string(checkpoint.status().message())), false;
    if (checkpoint->size != size) return Damaged(path + " is the checkpoint of another size"), false;
    if (checkpoint->origin != bundle_.manifest().origin) return Damaged(path + " is another log's"), false;
    note = {path, *std::move(parsed), *std::move(checkpoint)};
    return true;
  }

  // False where a tile cannot be read: the tree cannot be known then.
  bool ReadEntries(BundleContents& contents) {
    EntryCheck entries(bundle_.manifest().reader, keys_, contents, findings_, report_);
    HashTileCheck tiles(bundle_, findings_);
    MerkleFrontier tree;
    auto note = contents.notes.begin();
    // What is asked and said of the first `tree.size()` entries.
    const auto reached = [&] {
      if (sizes_.contains(tree.size())) contents.roots[tree.size()] = tree.Root();
      for (; note != contents.notes.end() && note->checkpoint.size == tree.size(); ++note) {
        if (note->checkpoint.root == tree.Root()) continue;
        findings_.Add(Verdict::kAltered, std::nullopt, "the headers do not give the root in " + note->path);
      }
    };
    reached();
    for (EntryTiles ahead(bundle_, EntryTiles::Leaves::kHashed); ahead.HasNext();) {
      auto tile = ahead.Next();
      if (!tile.ok()) return Damaged(std::string(tile.status().message())), false;
      for (size_t i = 0; i < tile->entries.size(); ++i) {
        const uint64_t sequence = tree.size();
        tree.Append(std::move(tile->leaf_hashes[i]),
                    [&](NodeId node, const std::string& hash) { tiles.Completed(node, hash); });
        entries.Check(std::move(tile->entries[i]), sequence);
        reached();
      }
    }
    tiles.Finish(bundle_.manifest().size);
    entries.Finish();
    report_.root = tree.Root();
    return true;
  }

  const BundleDir& bundle_;
  const v1::PersonKeys* const keys_;
  const std::set<uint64_t>& sizes_;
  Findings& findings_;
  VerifyReport& report_;
};

}  // namespace

std::optional<LedgerId> LedgerOfOrigin(std::string_view origin) {
  const size_t at = origin.rfind(std::string("/") + kRelationships);
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const auto name = ResourceName::Parse(origin.substr(at + 1));
  if (!name || name->collection != "relationships") return std::nullopt;
  return name->ledger;
}

std::optional<BundleContents> ReadContents(const BundleDir& bundle, const v1::PersonKeys* keys,
                                           const std::set<uint64_t>& sizes, Findings& findings, VerifyReport& report) {
  return ContentsReader(bundle, keys, sizes, findings, report).Read();
}

}  // namespace parley
