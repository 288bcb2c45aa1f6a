// Folds the releases of one contracting process into its history. Used by the reader only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/import/json_tree.h"
#include "services/import/ocds_reader.h"
#include "services/import/ocds_sections.h"

namespace parley {

// A release, wherever it was found.
struct OcdsStatement {
  // Of statements with the same date the plain ones come first, so that what was put together from them adds nothing.
  enum class Rank { kRelease, kSnapshot, kCompiled };

  JsonNode* node = nullptr;
  std::string file;
  std::string path;
  Rank rank = Rank::kRelease;
  std::string ocid;
  OcdsRelease release;
};

// Statements are to be applied by date. As OCDS merges releases: what a release does not mention stays as it was.
class OcdsFold {
 public:
  // Notes go to `unplaced` and `repeated`, which must outlive the fold.
  OcdsFold(std::string ocid, std::vector<OcdsLeftOut>& unplaced, uint64_t& repeated);

  void Apply(const OcdsStatement& statement);
  OcdsContracting Finish();

 private:
  // Where the fold stands in a release.
  struct Place {
    std::string path;     // JSON Pointer.
    std::string subject;  // The same by ids.
  };

  void Walk(const OcdsSection& section, JsonNode* node, const Place& place);
  void WalkObject(const OcdsSection& section, JsonNode& object, const Place& place);
  void AddFact(const OcdsSection& section, JsonNode& object, const Place& place);
  void SetAmount(const OcdsSection& section, const JsonNode& object, OcdsFact& fact);
  void SetBuyer(const JsonNode* buyer);
  void UpdateParty(const OcdsFact& fact);
  void UpdateTitle(const OcdsFact& fact);

  OcdsContracting out_;
  std::vector<OcdsLeftOut>& unplaced_;
  uint64_t& repeated_;
  const OcdsStatement* statement_ = nullptr;                         // The one being applied.
  std::map<std::string, std::map<std::string, std::string>> known_;  // By subject, then field.
  std::map<std::string, size_t> party_index_;                        // By subject.
  std::map<std::string, int> uses_of_source_id_;
  std::map<int, std::string> titles_;  // The lower the key, the better the title.
};

}  // namespace parley
