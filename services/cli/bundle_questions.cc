#include "services/cli/bundle_questions.h"

#include <optional>

#include "eventstore/base/resource_name.h"
#include "services/cli/dashboards.h"

namespace parley {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// Names are only looked at for their form: any relationship does.
constexpr char kAnyRelationship[] = "relationships/any";

std::unique_ptr<Message> NewGenerated(const Descriptor& type) {
  const auto* generated = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(type.full_name());
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(generated)->New());
}

bool HasAsOf(const MethodDescriptor& method) { return method.input_type()->FindFieldByName("as_of") != nullptr; }

std::string Within(const std::string& relationship, std::string_view about) {
  return about.empty() ? relationship : relationship + "/" + std::string(about);
}

}  // namespace

std::unique_ptr<Message> BundleQuestion::Request(const std::string& relationship) const {
  auto request = NewGenerated(*method->input_type());
  const FieldDescriptor* name = request->GetDescriptor()->FindFieldByName("name");
  const FieldDescriptor* parent = request->GetDescriptor()->FindFieldByName("parent");
  request->GetReflection()->SetString(request.get(), name != nullptr ? name : parent, Within(relationship, about));
  return request;
}

std::unique_ptr<Message> BundleQuestion::Response() const { return NewGenerated(*method->output_type()); }

std::vector<BundleQuestion> BundleQuestions::Dashboards() const {
  std::vector<BundleQuestion> out;
  for (const Noun& noun : api_.nouns()) {
    if (noun.service->name() != "DashboardService") continue;
    for (const Verb& verb : noun.verbs) {
      if (HasAsOf(*verb.method)) out.push_back({verb.method, ""});
    }
  }
  return out;
}

std::string BundleQuestions::DashboardNames() const {
  std::string out;
  for (const BundleQuestion& board : Dashboards()) {
    out += (out.empty() ? "" : ", ") + NameOfBoard({VerbOf(*board.method), board.method}).name;
  }
  return out;
}

const MethodDescriptor* BundleQuestions::Method(std::string_view noun, std::string_view verb) const {
  for (const Noun& known : api_.nouns()) {
    if (known.name != noun) continue;
    for (const Verb& method : known.verbs) {
      if (method.name == verb && HasAsOf(*method.method)) return method.method;
    }
  }
  return nullptr;
}

absl::StatusOr<BundleQuestion> BundleQuestions::Find(std::string_view word) const {
  for (const BundleQuestion& board : Dashboards()) {
    const BoardName name = NameOfBoard({VerbOf(*board.method), board.method});
    if (!word.empty() && (word == name.name || word == name.alias)) return board;
  }
  if (word == "relationship") return BundleQuestion{Method("relationships", "get"), ""};
  const size_t last = word.rfind('/');
  const std::string above(last == std::string_view::npos ? "" : word.substr(0, last));
  const auto* list = Method(last == std::string_view::npos ? word : word.substr(last + 1), "list");
  if (list != nullptr && ParentName::Parse(Within(kAnyRelationship, above))) return BundleQuestion{list, above};
  if (const auto name = ResourceName::Parse(Within(kAnyRelationship, word))) {
    const auto* get = word.empty() ? nullptr : Method(name->collection, "get");
    if (get != nullptr) return BundleQuestion{get, std::string(word)};
  }
  return absl::InvalidArgumentError("\"" + std::string(word) +
                                    "\" is neither a dashboard nor a kind or name of resources that a bundle has");
}

}  // namespace parley
