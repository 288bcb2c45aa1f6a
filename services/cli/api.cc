#include "services/cli/api.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <cstdlib>

#include "services/cli/text.h"

namespace parley {

// Made from the .proto files when the program is built.
extern const unsigned char kApiDescriptors[];
extern const std::size_t kApiDescriptorsSize;

namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// "DecisionService" -> "Decision"
std::string ResourceOf(const ServiceDescriptor& service) {
  static constexpr std::string_view kSuffix = "Service";
  std::string name = service.name();
  if (name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
  return name;
}

std::string PluralOf(const std::string& word) {
  const bool vowel_before =
      word.size() > 1 && std::string_view("aeiou").find(word[word.size() - 2]) != std::string_view::npos;
  if (word.ends_with("y") && !vowel_before) return word.substr(0, word.size() - 1) + "ies";
  return word + "s";
}

}  // namespace

Api::Api() {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(kApiDescriptors, static_cast<int>(kApiDescriptorsSize))) std::abort();  // Our own bytes.
  for (const auto& file : set.file()) {
    const auto* built = pool_.BuildFile(file);
    if (built == nullptr) std::abort();
    for (int i = 0; i < built->service_count(); ++i) {
      const ServiceDescriptor* service = built->service(i);
      Noun noun{NounOf(*service), service, {}};
      for (int m = 0; m < service->method_count(); ++m)
        noun.verbs.push_back({VerbOf(*service->method(m)), service->method(m)});
      nouns_.push_back(std::move(noun));
    }
  }
  std::sort(nouns_.begin(), nouns_.end(), [](const Noun& a, const Noun& b) { return a.name < b.name; });
}

std::unique_ptr<google::protobuf::Message> Api::New(const Descriptor* type) const {
  return std::unique_ptr<google::protobuf::Message>(factory_.GetPrototype(type)->New());
}

const Descriptor* Api::FindMessage(const std::string& full_name) const {
  return pool_.FindMessageTypeByName(full_name);
}

const MethodDescriptor* Api::FindMethod(const std::string& full_name) const {
  return pool_.FindMethodByName(full_name);
}

const google::protobuf::EnumDescriptor* Api::FindEnum(const std::string& full_name) const {
  return pool_.FindEnumTypeByName(full_name);
}

std::string Flattened(const std::string& comment) {
  std::string out;
  for (const char c : comment) {
    const bool space = c == ' ' || c == '\n';
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(" ")) out.pop_back();
  return out;
}

template <class D>
std::string CommentOf(const D* descriptor) {
  google::protobuf::SourceLocation location;
  if (!descriptor->GetSourceLocation(&location)) return "";
  return Flattened(location.leading_comments + " " + location.trailing_comments);
}

template std::string CommentOf(const ServiceDescriptor*);
template std::string CommentOf(const MethodDescriptor*);
template std::string CommentOf(const Descriptor*);
template std::string CommentOf(const google::protobuf::FieldDescriptor*);

std::string NounOf(const ServiceDescriptor& service) {
  const std::string resource = ResourceOf(service);
  const bool lists = service.FindMethodByName("List" + PluralOf(resource)) != nullptr;
  return KebabCase(lists ? PluralOf(resource) : resource);
}

std::string VerbOf(const MethodDescriptor& method) {
  const std::string resource = ResourceOf(*method.service());
  const std::string name = "-" + KebabCase(method.name()) + "-";
  for (const std::string& word : {KebabCase(PluralOf(resource)), KebabCase(resource)}) {
    const size_t at = name.find("-" + word + "-");
    if (at == std::string::npos) continue;
    const std::string rest = name.substr(0, at) + name.substr(at + word.size() + 1);
    if (rest.size() > 2) return rest.substr(1, rest.size() - 2);
  }
  return name.substr(1, name.size() - 2);
}

bool IsMutating(const MethodDescriptor& method) {
  return method.input_type()->FindFieldByName("request_id") != nullptr;
}

std::string PathOf(const MethodDescriptor& method) { return "/" + method.service()->full_name() + "/" + method.name(); }

std::string ShortName(const google::protobuf::EnumValueDescriptor& value) {
  static constexpr std::string_view kZero = "UNSPECIFIED";
  std::string_view zero = value.type()->value(0)->name();
  const size_t prefix = zero.ends_with(kZero) ? zero.size() - kZero.size() : 0;
  const std::string& name = value.name();
  if (name.compare(0, prefix, zero.substr(0, prefix)) != 0) return KebabCase(name);
  return KebabCase(name.substr(prefix));
}

}  // namespace parley
