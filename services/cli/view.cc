#include "services/cli/view.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <map>

#include "services/cli/field_text.h"
#include "services/cli/text.h"

namespace parley {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Fields = std::vector<const FieldDescriptor*>;

constexpr size_t kMostColumns = 9;
constexpr std::string_view kRoot = "relationships/";

// Columns of the resources that are listed most; a resource that is not here is shown by its plain fields.
const std::map<std::string, std::vector<std::string>, std::less<>>& ChosenColumns() {
  static const auto* const kChosen = new std::map<std::string, std::vector<std::string>, std::less<>>{
      {"parley.v1.Relationship",
       {"name", "display_name", "archetype", "stage", "parties", "charter_in_force", "update_time"}},
      {"parley.v1.Decision", {"name", "title", "state", "class_id", "amount", "proposed_by_party", "update_time"}},
      {"parley.v1.Objective", {"name", "title", "state", "rankings", "endorsements", "update_time"}},
      {"parley.v1.Metric", {"name", "display_name", "version_in_force", "links", "periods", "update_time"}},
      {"parley.v1.Dispute",
       {"name", "title", "type", "state", "style", "tier_id", "amount", "raised_by_party", "update_time"}},
      {"parley.v1.SignedCheckpoint", {"size", "root", "create_time", "cosigned_by", "cosigned"}},
      {"parley.v1.Person", {"name", "state", "party_id", "principal", "display_name", "email", "phone", "update_time"}},
      {"parley.v1.Key", {"name", "state", "party_id", "registered_in", "ended_in", "vkey"}},
  };
  return *kChosen;
}

bool IsMessage(const FieldDescriptor& field) { return field.message_type() != nullptr; }

// One value that is not a message, or one with a text form.
bool IsPlain(const FieldDescriptor& field) {
  return !field.is_repeated() && (!IsMessage(field) || HasTextForm(*field.message_type()));
}

bool IsTime(const FieldDescriptor& field) {
  return IsMessage(field) && field.message_type()->full_name() == "google.protobuf.Timestamp";
}

bool IsNumber(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return !field.is_repeated();
    default:
      return IsPlain(field) && IsMessage(field) && !IsTime(field);
  }
}

// Nothing worth a line: unset, or a number or text at its default.
bool IsEmpty(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  return field.is_repeated() ? reflection.FieldSize(message, &field) == 0 : !reflection.HasField(message, &field);
}

// Things said by parties, one by one: "buyer 5, provider 2" for rankings, "buyer, provider" for signatures.
std::string ByParty(const Message& message, const FieldDescriptor& list) {
  if (list.message_type()->FindFieldByName("objective") != nullptr) return "";  // A party's word on something else.
  const FieldDescriptor* party = list.message_type()->FindFieldByName("party_id");
  if (party == nullptr) return "";
  const FieldDescriptor* number = nullptr;
  for (const char* name : {"rank", "score"}) {
    if (number == nullptr) number = list.message_type()->FindFieldByName(name);
  }
  std::string out;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &list); ++i) {
    const Message& item = message.GetReflection()->GetRepeatedMessage(message, &list, i);
    out += (i > 0 ? ", " : "") + FieldText(item, party);
    if (number != nullptr) out += " " + FieldText(item, number);
  }
  return out;
}

std::string Joined(const Message& message, const FieldDescriptor& field) {
  std::string out;
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
    out += (i > 0 ? ", " : "") + FieldText(message, &field, i);
  }
  return out;
}

// Where each column of a table of these rows is empty, it is left out.
Fields NotEmpty(const Fields& fields, const Message& message, const FieldDescriptor& rows) {
  Fields out;
  const int count = message.GetReflection()->FieldSize(message, &rows);
  for (const FieldDescriptor* field : fields) {
    for (int i = 0; i < count; ++i) {
      if (IsEmpty(message.GetReflection()->GetRepeatedMessage(message, &rows, i), *field)) continue;
      out.push_back(field);
      break;
    }
  }
  return out;
}

bool FitsTable(const Descriptor& type) {
  if (ChosenColumns().contains(type.full_name())) return true;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsMessage(field) && !IsPlain(field)) return false;
  }
  return true;
}

// An id is called what it identifies, unless another field is: source and source_id.
std::string Heading(const FieldDescriptor& field) {
  static constexpr std::string_view kId = "_id";
  std::string name = field.name();
  if (name.ends_with(kId)) {
    const std::string identified = name.substr(0, name.size() - kId.size());
    if (field.containing_type()->FindFieldByName(identified) == nullptr) name = identified;
  }
  return Humanized(name);
}

}  // namespace

Fields ColumnsOf(const Descriptor& type) {
  Fields out;
  if (const auto chosen = ChosenColumns().find(type.full_name()); chosen != ChosenColumns().end()) {
    for (const std::string& name : chosen->second) {
      if (const FieldDescriptor* field = type.FindFieldByName(name); field != nullptr) out.push_back(field);
    }
    return out;
  }
  for (int i = 0; i < type.field_count() && out.size() < kMostColumns; ++i) {
    const FieldDescriptor* field = type.field(i);
    const bool fits = IsPlain(*field) || (field->is_repeated() && !IsMessage(*field));
    if (fits && field->name() != "etag" && field->name() != "create_time") out.push_back(field);
  }
  return out;
}

Cell CellOf(const Message& message, const FieldDescriptor& field) {
  if (IsEmpty(message, field)) {
    // An unset enum says "unspecified" nowhere: it is just not there.
    return {IsNumber(field) && !IsMessage(field) && !field.has_presence() ? "0" : "", Tone::kPlain};
  }
  if (field.is_repeated()) {
    if (!IsMessage(field)) return {Joined(message, field), Tone::kPlain};
    const std::string parties = ByParty(message, field);
    return {parties.empty() ? std::to_string(message.GetReflection()->FieldSize(message, &field)) : parties,
            Tone::kPlain};
  }
  if (IsTime(field)) return {ShortTime(message.GetReflection()->GetMessage(message, &field)), Tone::kDim};
  if (IsMessage(field) && !HasTextForm(*field.message_type())) return {"…", Tone::kDim};
  std::string text = FieldText(message, &field);
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const Tone tone = ToneOfState(text);
    return {std::move(text), tone};
  }
  if (text.starts_with(kRoot)) text.erase(0, kRoot.size());
  return {std::move(text), field.name() == "name" ? Tone::kAccent : Tone::kPlain};
}

void PrintRows(std::ostream& out, const Screen& screen, const Message& message, const FieldDescriptor& rows,
               int indent) {
  const auto& reflection = *message.GetReflection();
  const Fields fields = NotEmpty(ColumnsOf(*rows.message_type()), message, rows);
  if (fields.empty()) return;
  std::vector<Column> columns;
  for (const FieldDescriptor* field : fields) columns.push_back({Heading(*field), IsNumber(*field)});
  Table table(std::move(columns));
  for (int i = 0; i < reflection.FieldSize(message, &rows); ++i) {
    std::vector<Cell> cells;
    for (const FieldDescriptor* field : fields) {
      cells.push_back(CellOf(reflection.GetRepeatedMessage(message, &rows, i), *field));
    }
    table.Add(std::move(cells));
  }
  table.Print(out, screen, indent);
}

void PrintMessage(std::ostream& out, const Screen& screen, const Message& message, int indent) {
  const auto& reflection = *message.GetReflection();
  const Descriptor& type = *message.GetDescriptor();
  const std::string margin(static_cast<size_t>(indent), ' ');
  int width = 0;
  for (int i = 0; i < type.field_count(); ++i) width = std::max(width, DisplayWidth(Heading(*type.field(i))));
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsEmpty(message, field)) continue;
    const std::string heading = Heading(field);
    if (!IsMessage(field) || IsPlain(field)) {
      const std::string text = field.is_repeated() ? Joined(message, field) : FieldText(message, &field);
      const Tone tone = field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM ? ToneOfState(text)
                        : field.name() == "name"                          ? Tone::kAccent
                                                                          : Tone::kPlain;
      out << margin << screen.Paint(Tone::kDim, Pad(heading, width)) << "  " << screen.Paint(tone, Printable(text))
          << "\n";
    } else if (!field.is_repeated()) {
      out << margin << screen.Paint(Tone::kBold, heading) << "\n";
      PrintMessage(out, screen, reflection.GetMessage(message, &field), indent + 2);
    } else if (FitsTable(*field.message_type())) {
      out << margin << screen.Paint(Tone::kBold, heading) << "\n";
      PrintRows(out, screen, message, field, indent + 2);
    } else {
      PrintList(out, screen, message, field, indent);
    }
  }
}

void PrintList(std::ostream& out, const Screen& screen, const Message& message, const FieldDescriptor& list,
               int indent) {
  if (FitsTable(*list.message_type())) {
    PrintRows(out, screen, message, list, indent);
    return;
  }
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &list); ++i) {
    out << std::string(static_cast<size_t>(indent), ' ')
        << screen.Paint(Tone::kBold, Heading(list) + " " + std::to_string(i + 1)) << "\n";
    PrintMessage(out, screen, message.GetReflection()->GetRepeatedMessage(message, &list, i), indent + 2);
  }
}

namespace {

std::string Json(const Message& message, bool whitespace) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = whitespace;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : "{}";
}

}  // namespace

std::string ToJson(const Message& message) { return Json(message, true); }

std::string ToJsonLine(const Message& message) { return Json(message, false) + "\n"; }

}  // namespace parley
