#include "services/cli/as_of.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "eventstore/proof/note.h"
#include "services/cli/field_text.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What was known: the entries looked at, and how many of them count.
std::string EntriesText(const v1::Basis& basis) {
  if (basis.size() == 0) return "no entries";
  std::string out = basis.size() == 1 ? "entry 0" : absl::StrCat("entries 0–", basis.size() - 1);
  if (basis.folded() < basis.size()) absl::StrAppend(&out, ", ", basis.folded(), " of them folded in");
  return out;
}

std::string CheckpointText(const v1::Basis& basis) {
  if (basis.checkpoint().empty()) return "under no checkpoint yet";
  const auto note = SignedNote::Parse(basis.checkpoint());
  if (!note.ok()) return "under a checkpoint that is no signed note";
  const auto checkpoint = Checkpoint::Parse(note->text());
  if (!checkpoint.ok()) return "under a checkpoint that is none";
  return absl::StrCat("under the checkpoint of size ", checkpoint->size);
}

}  // namespace

std::string_view AsOfFlag(const FieldDescriptor& field) {
  if (field.containing_type()->full_name() != v1::AsOf::descriptor()->full_name()) return "";
  if (field.number() == v1::AsOf::kKnownTimeFieldNumber) return "--as-of";
  if (field.number() == v1::AsOf::kKnownSizeFieldNumber) return "--as-of-size";
  return field.number() == v1::AsOf::kTrueTimeFieldNumber ? "--effective" : "";
}

void AsOfFlags::AddTo(CLI::App* command) {
  command->add_option("--as-of", known_time_, "As it was known then: entries recorded after this are left out")
      ->type_name("TIME")
      ->group(kAsOfGroup);
  command->add_option("--as-of-size", known_size_, "As it was known when the relationship had this many entries")
      ->type_name("N")
      ->group(kAsOfGroup);
  command->add_option("--effective", true_time_, "As it was true then: entries that became true later are left out")
      ->type_name("TIME")
      ->group(kAsOfGroup);
}

absl::Status AsOfFlags::FillIn(v1::AsOf* as_of) const {
  for (const auto& [text, number] : {std::pair(known_time_, v1::AsOf::kKnownTimeFieldNumber),
                                     std::pair(known_size_, v1::AsOf::kKnownSizeFieldNumber),
                                     std::pair(true_time_, v1::AsOf::kTrueTimeFieldNumber)}) {
    if (text.empty()) continue;
    const FieldDescriptor* field = v1::AsOf::descriptor()->FindFieldByNumber(number);
    const absl::Status set = SetFromText(as_of, field, text);
    if (!set.ok()) return absl::InvalidArgumentError(absl::StrCat(std::string(AsOfFlag(*field)), ": ", set.message()));
  }
  return absl::OkStatus();
}

std::string BasisLine(const Message& answer) {
  const FieldDescriptor* field = answer.GetDescriptor()->FindFieldByName("basis");
  if (field == nullptr || !answer.GetReflection()->HasField(answer, field)) return "";
  v1::Basis basis;  // The answer may have been made from descriptors alone.
  basis.ParseFromString(answer.GetReflection()->GetMessage(answer, field).SerializeAsString());
  std::string out = "As known ";
  absl::StrAppend(&out,
                  basis.has_known_time() ? "on " + ShortTime(basis.known_time()) : "before anything was recorded");
  if (basis.has_true_time()) absl::StrAppend(&out, ", as true on ", ShortTime(basis.true_time()));
  return absl::StrCat(out, ": ", EntriesText(basis), ", ", CheckpointText(basis), ".");
}

}  // namespace parley
