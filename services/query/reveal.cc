#include "services/query/reveal.h"

#include <optional>
#include <string>
#include <string_view>

#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/aggregate/personal.h"

namespace parley {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The text of the record's personal part at `index` (from 0); nullopt where it is gone.
absl::StatusOr<std::optional<std::string>> TextOf(const PersonKeys& keys, const Entry& entry, int index) {
  const auto key = keys.Find(entry.record.personal_parts(index).person());
  if (absl::IsNotFound(key.status())) return std::nullopt;
  if (!key.ok()) return key.status();
  auto text = OpenPart(entry, static_cast<size_t>(index) + 1, *key);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  if (!text.ok()) return text.status();
  return std::optional<std::string>(*std::move(text));
}

// Walks through one resource.
class Revealer {
 public:
  Revealer(const ReadEntry& read_entry, const PersonKeys& keys, uint64_t size, ResourceName name)
      : read_entry_(read_entry), keys_(keys), size_(size), name_(std::move(name)), stream_(name_.str()) {}

  absl::Status Fill(Message& message) {
    const PersonalFields& personal = PersonalFieldsOf(message.GetDescriptor());
    const auto* reflection = message.GetReflection();
    if (personal.sealed_in != nullptr) {
      PARLEY_RETURN_IF_ERROR(FillOwn(reflection->GetUInt64(message, personal.sealed_in), personal, message));
    }
    for (const FieldDescriptor* field : personal.below) {
      if (!field->is_repeated()) {
        if (!reflection->HasField(message, field)) continue;
        PARLEY_RETURN_IF_ERROR(Fill(*reflection->MutableMessage(&message, field)));
        continue;
      }
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        PARLEY_RETURN_IF_ERROR(Fill(*reflection->MutableRepeatedMessage(&message, field, i)));
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Status FillOwn(uint64_t sequence, const PersonalFields& personal, Message& message) {
    if (sequence == 0 || sequence >= size_) return absl::OkStatus();  // Entry 0 opens the ledger.
    const auto entry = read_entry_(name_.ledger, sequence);
    if (absl::IsNotFound(entry.status())) return absl::OkStatus();
    if (!entry.ok()) return entry.status();
    const v1::Record& record = entry->record;
    if (record.stream() != stream_) return absl::OkStatus();
    for (int i = 0; i < record.personal_parts_size(); ++i) {
      const std::string_view path = record.personal_parts(i).field();
      for (const FieldDescriptor* field : personal.own) {
        if (field->name() != path.substr(path.rfind('.') + 1)) continue;
        PARLEY_ASSIGN_OR_RETURN(auto text, TextOf(keys_, *entry, i));
        if (text) message.GetReflection()->SetString(&message, field, *std::move(text));
      }
    }
    return absl::OkStatus();
  }

  const ReadEntry& read_entry_;
  const PersonKeys& keys_;
  const uint64_t size_;
  const ResourceName name_;
  const std::string stream_;
};

}  // namespace

ReadEntry EntriesOf(const EventLog& log) {
  return [&log](const LedgerId& ledger, uint64_t sequence) -> absl::StatusOr<Entry> {
    PARLEY_ASSIGN_OR_RETURN(auto entries, log.Read(ledger, sequence, {.entries = 1}));
    if (entries.empty()) return absl::NotFoundError("the ledger ends before that entry");
    return std::move(entries[0]);
  };
}

absl::Status RevealResource(const ReadEntry& read_entry, const PersonKeys* keys, uint64_t size, Message& resource) {
  if (keys == nullptr || !HasPersonal(resource.GetDescriptor())) return absl::OkStatus();
  // In every resource, the name is field 1.
  const auto* field = resource.GetDescriptor()->FindFieldByNumber(1);
  auto name = ResourceName::Parse(resource.GetReflection()->GetString(resource, field));
  if (!name) return absl::OkStatus();
  return Revealer(read_entry, *keys, size, *std::move(name)).Fill(resource);
}

absl::Status RevealEvent(const PersonKeys* keys, const Entry& entry, Message& event) {
  if (keys == nullptr) return absl::OkStatus();
  for (int i = 0; i < entry.record.personal_parts_size(); ++i) {
    PARLEY_ASSIGN_OR_RETURN(auto text, TextOf(*keys, entry, i));
    if (text) SetPersonal(event, entry.record.personal_parts(i).field(), *std::move(text));
  }
  return absl::OkStatus();
}

}  // namespace parley
