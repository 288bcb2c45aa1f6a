#include "services/cli/request_flags.h"

#include <google/protobuf/util/json_util.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "eventstore/base/status.h"
#include "services/cli/as_of.h"
#include "services/cli/field_text.h"
#include "services/cli/text.h"

namespace parley {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kDeepest = 4;  // Messages within messages that have flags; what lies deeper is given as JSON.

// Fields that many requests have, commented once in the .proto files.
const std::map<std::string_view, std::string_view>& CommonFields() {
  static const auto* const kFields = new std::map<std::string_view, std::string_view>{
      {"request_id", "A repeat with the same id has no further effect and gets the first answer. Default: a new one."},
      {"etag", "Refuse unless the resource still has this etag."},
      {"effective_at", "When it became true. Default and latest: now."},
      {"validate_only", "Answer as if done, write nothing."},
      {"historical", "Imported from another system: starts no timers."},
      {"page_size", "At most 1,000; 0: 50."},
      {"page_token", "From the last answer to the same query."},
      {"filter", "Conjunctions of `field op literal`."},
      {"order_by", "\"field\" or \"field desc\"."},
      {"consistency_token", "Wait until the answer includes what this token, from an earlier answer, stands for."},
  };
  return *kFields;
}

// What a request is about: given as a positional.
bool IsResourceName(const FieldDescriptor& field) {
  return field.name() == "name" || field.name() == "parent" || field.name() == "relationship";
}

// Other fields that name a resource.
bool IsReference(const FieldDescriptor& field) {
  static const std::set<std::string_view> kReferences = {"subject",   "recurrence_of",   "decision",
                                                         "objective", "waiver_decision", "by"};
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING && kReferences.contains(field.name());
}

std::string HelpOf(const FieldDescriptor& field) {
  std::string comment = CommentOf(&field);
  if (!comment.empty()) return comment;
  const auto common = CommonFields().find(field.name());
  if (common != CommonFields().end()) return std::string(common->second);
  return "";
}

// A message that gets flags for its fields, instead of one for itself.
bool IsOpened(const FieldDescriptor& field, size_t depth) {
  return field.message_type() != nullptr && !field.is_repeated() && !HasTextForm(*field.message_type()) &&
         depth < kDeepest;
}

absl::StatusOr<std::string> ReadAll(const std::string& file, std::istream& in) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(in), {});
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return absl::InvalidArgumentError("--json-file: cannot read " + file);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace

std::string FullResourceName(std::string_view name) {
  static constexpr std::string_view kRoot = "relationships/";
  if (name.empty() || name.starts_with(kRoot)) return std::string(name);
  return std::string(kRoot) + std::string(name);
}

void RequestFlags::AddTo(CLI::App* command, bool positional) {
  AddFields(command, request_, {}, positional);
  command->add_option("--json", json_, "The request as JSON; flags overwrite its fields")->group("Whole request");
  command->add_option("--json-file", json_file_, "The same from a file, - for standard input")->group("Whole request");
}

void RequestFlags::AddFields(CLI::App* command, const Descriptor* type, const Flag& above, bool positional) {
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    Flag flag = above;
    flag.path.push_back(field);
    flag.name += (flag.name.empty() ? "--" : ".") + KebabCase(field->name());
    if (const std::string_view as_of = AsOfFlag(*field); !as_of.empty()) flag.name = as_of;
    if (IsOpened(*field, above.path.size())) {
      AddFields(command, field->message_type(), flag, positional);
    } else {
      AddFlag(command, std::move(flag), positional);
    }
  }
}

void RequestFlags::AddFlag(CLI::App* command, Flag prototype, bool positional) {
  Flag& flag = flags_.emplace_back(std::move(prototype));
  const FieldDescriptor& field = *flag.path.back();
  const bool top = flag.path.size() == 1;
  if (top && IsResourceName(field)) {
    if (!positional) return;
    const std::string help = HelpOf(field);
    command->add_option(
        field.name(), [&flag](const CLI::results_t& given) { return flag.values = given, true; },
        help.empty() ? "Resource name; \"relationships/\" may be left out" : help);
    return;
  }
  CLI::Option* option = nullptr;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    option = command->add_flag_callback(
        flag.name, [&flag] { flag.values = {"true"}; }, HelpOf(field));
  } else {
    option = command->add_option(
        flag.name, [&flag](const CLI::results_t& given) { return flag.values = given, true; }, HelpOf(field));
    option->type_name(TypeHint(field) + (field.is_repeated() ? " …" : ""))->allow_extra_args(false);
    if (field.is_repeated()) option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  option->group(!AsOfFlag(field).empty()                       ? kAsOfGroup
                : top && CommonFields().contains(field.name()) ? "Of every such request"
                                                               : "Request");
}

absl::StatusOr<std::unique_ptr<Message>> RequestFlags::Build(std::istream& in) const {
  std::unique_ptr<Message> request = api_.New(request_);
  std::string json = json_;
  if (!json_file_.empty()) {
    PARLEY_ASSIGN_OR_RETURN(json, ReadAll(json_file_, in));
  }
  if (!json.empty()) {
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, request.get());
    if (!parsed.ok())
      return absl::InvalidArgumentError("the request is not JSON of " + request_->name() + ": " +
                                        std::string(parsed.message()));
  }
  for (const Flag& flag : flags_) {
    if (flag.values.empty()) continue;
    Message* message = request.get();
    for (size_t i = 0; i + 1 < flag.path.size(); ++i) {
      message = message->GetReflection()->MutableMessage(message, flag.path[i]);
    }
    const FieldDescriptor* field = flag.path.back();
    if (field->is_repeated()) message->GetReflection()->ClearField(message, field);
    for (const std::string& value : flag.values) {
      const bool name = (flag.path.size() == 1 && IsResourceName(*field)) || IsReference(*field);
      const absl::Status status = SetFromText(message, field, name ? FullResourceName(value) : value);
      if (!status.ok()) return absl::InvalidArgumentError(flag.name + ": " + std::string(status.message()));
    }
  }
  return request;
}

}  // namespace parley
