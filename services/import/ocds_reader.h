// Reads Open Contracting Data Standard 1.1 release and record packages into plain facts.
//
// Nothing is dropped silently: every leaf of the JSON ends in a fact or another field of the result, or its path is
// listed as withheld or unplaced. Amounts are exact; the text of a number is never put through a floating-point one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/import/decimal.h"
#include "services/import/json_tree.h"

namespace parley {

enum class OcdsKind {
  kParty,
  kPlanning,
  kBudget,
  kTender,
  kAward,
  kContract,
  kAmendment,
  kMilestone,
  kTransaction,
  kItem,
  kDocument,
  kRelatedProcess,
};
std::string_view OcdsKindName(OcdsKind kind);  // "contract", "related process"

struct OcdsAmount {
  Decimal value;
  std::string currency;  // ISO 4217.
  std::string text;      // The number as the file has it.
};

struct OcdsParty {
  std::string id;
  std::string name;
  std::vector<std::string> roles;  // All that any release gave, in that order, once each.
  std::string scheme;              // Of its identifier: a register, for example GB-COH,
  std::string register_id;         // and its number there.
};

// Something that one release says first, or says differently from the releases before it.
struct OcdsFact {
  // Stable: release id and where in the release by ids, not by places: "<release>#contracts/<id>/transactions/<id>".
  std::string source_id;
  OcdsKind kind = OcdsKind::kParty;
  bool change = false;   // Earlier releases spoke of the same thing, with other values or less of them.
  absl::Time published;  // The release's date.
  absl::Time date;       // The fact's own date (signed, paid, awarded, …), or else `published`.
  std::string release_id;
  std::string path;     // JSON Pointer in the file.
  std::string subject;  // Where in the release by ids: "contracts/<id>/transactions/<id>".
  std::string what;     // Its title, or what comes nearest.
  std::optional<OcdsAmount> amount;
  std::vector<std::pair<std::string, std::string>> details;  // The fields as they stand, by path from the fact down.

  std::string_view Detail(std::string_view key) const;
};

struct OcdsRelease {
  std::string id;
  absl::Time date;
  std::vector<std::string> tags;
  std::string initiation_type;
  std::string language;
};

// One contracting process: everything under one ocid.
struct OcdsContracting {
  std::string ocid;
  std::string title;  // Of the contract, tender, award or project, as far as there is one.
  std::string buyer_id;
  std::vector<OcdsParty> parties;     // In order of their first mention.
  std::vector<OcdsRelease> releases;  // By date.
  std::vector<OcdsFact> facts;        // By release, and within it in the file's order.
};

// A package's own data.
struct OcdsPackage {
  std::string file;
  std::string uri, version, published, license, policy;
  std::string publisher, publisher_scheme, publisher_uid, publisher_uri;
};

struct OcdsLeftOut {
  std::string file;
  std::string path;    // JSON Pointer. The value is not repeated here.
  std::string reason;  // "personal data", "no place for it", …
};

struct OcdsHistory {
  std::vector<OcdsPackage> packages;
  std::vector<OcdsContracting> contractings;  // By ocid.
  std::vector<OcdsLeftOut> withheld;          // Personal: contact points and the like.
  std::vector<OcdsLeftOut> unplaced;
  uint64_t repeated = 0;  // Facts that said nothing new.
};

// Takes any number of packages of the same or several processes and merges them. The same release from two files counts
// once, and the facts do not depend on the files' order. A record's versioned release is taken apart into the releases
// it was made of; its compiled release comes last and says only what is in no other release.
class OcdsReader {
 public:
  OcdsReader();
  ~OcdsReader();

  // `file` is only a name for messages. A file with an error adds nothing.
  absl::Status Add(std::string_view file, std::string_view json, const JsonLimits& limits = {});
  absl::Status AddFile(const std::string& path, const JsonLimits& limits = {});

  // Everything added so far, merged. The reader is empty afterwards.
  OcdsHistory Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace parley
