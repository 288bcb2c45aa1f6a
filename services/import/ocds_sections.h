// What the OCDS 1.1 release schema has and Parley understands, as a table.
#pragma once

#include <string_view>
#include <vector>

#include "services/import/ocds_reader.h"

namespace parley {

// An object, or a list of objects, in a release that becomes a fact.
struct OcdsSection {
  std::string_view key;  // Its member in the object above.
  OcdsKind kind;
  std::vector<std::string_view> fields;  // Paths of understood leaves from here; "*" stands for any place in a list.
  std::string_view amount;               // Path of the {amount, currency} that is the fact's amount; may be empty.
  std::vector<std::string_view> dates;   // Fields that date the fact; the first that is there counts.
  std::vector<std::string_view> titles;  // The same for what it says.
  std::vector<OcdsSection> sections;     // Facts below this one.
};

// The sections of a release.
const std::vector<OcdsSection>& OcdsReleaseSections();

// True for members that hold data about people wherever they stand: contact points, persons, beneficial owners.
bool IsOcdsPersonal(std::string_view key);

}  // namespace parley
