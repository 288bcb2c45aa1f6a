// A relationship's record with all that proves it, as files: made by parleyd as a process of its own, both parties' agents, and a
// time-stamp authority; then the server is gone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/scratch_dir.h"

namespace parley::test {

// What is in the directory:
//   bundle/             as an auditor may read it, cosigned by both, time-stamped
//   party-bundle/       the same as the buyer may read it, one entry of its own included
//   earlier-bundle/     as an auditor could at the first checkpoint
//   erased-bundle/      as an auditor may after a person was erased, cosigned again
//   seen-checkpoint     that checkpoint, as the provider's agent kept it
//   policy              the first keys of log and parties; both must have cosigned
//   authority.pem       whom to trust about time-stamps
//   receipt.*           of entry kReceiptUnderFirst, under the first checkpoint
//   late-receipt.*      of the last entry
//   consistency         base64 hashes: from the first checkpoint to the newest
//   log-key.seed        the log's first key, which nobody but the server has
// Between the first checkpoint and the newest the log and the buyer changed their keys, and the clock went on from January to April
// 2024 (cosignatures and time-stamps are of the machine's time).
class ProvenRecord {
 public:
  static constexpr uint64_t kReceiptUnderFirst = 42;

  // Makes it, which takes seconds, the first time in a process. What goes wrong on the way is a failure of the test.
  static const ProvenRecord& Get();

  std::string operator/(const std::string& name) const { return dir_ / name; }
  // Vkeys. The log's, the newest last; of each party the newest.
  const std::vector<std::string>& logs() const { return logs_; }
  const std::vector<std::string>& witnesses() const { return witnesses_; }
  // The buyer's key before.
  const std::string& former_witness() const { return former_witness_; }
  // Of the first checkpoint and the newest.
  uint64_t first_size() const { return first_size_; }
  uint64_t size() const { return size_; }

 private:
  ProvenRecord();
  void Make();
  void Establish();
  void Work(const std::string& batch, int activities);
  void Cosign();
  void ChangeKeys();
  void Keep();
  void Erase();

  // The command line, which must do as it is told; what it printed.
  std::string Do(const std::string& principal, std::vector<std::string> args) const;
  std::string MakeKey(const std::string& party, const std::string& file) const;
  uint64_t NewestSize() const;

  ScratchDir dir_;
  int port_ = 0;
  std::vector<std::string> logs_, witnesses_;
  std::string former_witness_;
  uint64_t first_size_ = 0, size_ = 0;
};

// Why the judges cannot run here; empty where they can, or where PARLEY_REQUIRE_TOOLS wants them to try.
std::string JudgesMissing();
// npm's packages, as deploy/install.sh puts them.
std::string NodeModules();

std::string ReadBytes(const std::string& file);
void WriteBytes(const std::string& file, const std::string& bytes);
// A copy of a directory.
void CopyTree(const std::string& from, const std::string& to);
// Writes a bundle's manifest anew, for files that were changed: naive checks then find nothing.
void RenewManifest(const std::string& bundle);

}  // namespace parley::test
