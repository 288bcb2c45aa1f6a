// What may be asked of a bundle, in words of the command line.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/cli/api.h"

namespace parley {

// One of a service's methods, and what it is asked about.
struct BundleQuestion {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string
      about;  // The request's name, or its parent, without "relationships/{relationship}"; empty: the relationship itself.

  // The request about that relationship ("relationships/acme"), and room for its answer: messages of the generated code, which is
  // what answers without a server.
  std::unique_ptr<google::protobuf::Message> Request(const std::string& relationship) const;
  std::unique_ptr<google::protobuf::Message> Response() const;
  bool is_dashboard() const { return method->service()->name() == "DashboardService"; }
};

class BundleQuestions {
 public:
  // `api` outlives this.
  explicit BundleQuestions(const Api& api) : api_(api) {}

  // Every dashboard, in the order of the .proto.
  std::vector<BundleQuestion> Dashboards() const;
  // Their names: "decision-register, overview, …".
  std::string DashboardNames() const;
  // What a word asks for: a dashboard by its name or alias; "relationship"; a list of resources ("persons", "parties/buyer/objectives"); one resource
  // ("decisions/d1"). INVALID_ARGUMENT otherwise.
  absl::StatusOr<BundleQuestion> Find(std::string_view word) const;

 private:
  // The method of the noun that answers as of the past and is called so; null where there is none.
  const google::protobuf::MethodDescriptor* Method(std::string_view noun, std::string_view verb) const;

  const Api& api_;
};

}  // namespace parley
