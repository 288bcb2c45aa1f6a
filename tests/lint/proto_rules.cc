#include "tests/lint/proto_rules.h"

#include <regex>

namespace parley::lint {
namespace {

constexpr std::string_view kTimestamp = "google.protobuf.Timestamp";

struct Standard {
  int number;
  std::string_view name;
  std::string_view type;
};
constexpr Standard kOfResources[] = {
    {1, "name", "string"}, {2, "etag", "string"}, {3, "create_time", kTimestamp}, {4, "update_time", kTimestamp}};
constexpr Standard kOfCommands[] = {{11, "request_id", "string"},
                                    {12, "etag", "string"},
                                    {13, "effective_at", kTimestamp},
                                    {14, "validate_only", "bool"},
                                    {15, "historical", "bool"}};

// Services that read views, not resources. In the others, Get, List and Watch read.
constexpr std::string_view kReadServices[] = {"TimelineService", "DashboardService"};
// Their RPCs record nothing and read no read model, so there is no resource, no request id, no token: they are about no ledger, or give
// proofs, which rest on the log and say of what size.
constexpr std::string_view kBesideLedgers[] = {"DevelopmentService", "AdminService", "AuditService"};

bool Reads(const ProtoRpc& rpc) {
  const std::string method = rpc.name.substr(rpc.name.find('.') + 1);
  for (std::string_view service : kReadServices) {
    if (rpc.name.starts_with(std::string(service) + ".")) return true;
  }
  return method.starts_with("Get") || method.starts_with("List") || method.starts_with("Watch");
}

bool BesideLedgers(const ProtoRpc& rpc) {
  for (std::string_view service : kBesideLedgers) {
    if (rpc.name.starts_with(std::string(service) + ".")) return true;
  }
  return false;
}

std::string WithoutComment(std::string_view line) { return std::string(line.substr(0, line.find("//"))); }

template <size_t N>
void CheckStandard(const ProtoMessage& message, const Standard (&fields)[N], std::string_view path,
                   std::string_view kind, std::vector<Finding>& findings) {
  for (const Standard& want : fields) {
    const ProtoField* field = message.Numbered(want.number);
    if (field != nullptr && field->name == want.name && field->type == want.type) continue;
    findings.push_back({std::string(path), message.line,
                        message.path + ": field " + std::to_string(want.number) + " of " + std::string(kind) + " is `" +
                            std::string(want.type) + " " + std::string(want.name) + "`"});
  }
}

void CheckCommand(const ProtoFiles& protos, const std::string& path, const ProtoRpc& rpc,
                  std::vector<Finding>& findings) {
  CheckStandard(protos.messages.at(rpc.request), kOfCommands, path, "a command", findings);
  const ProtoField* token = protos.messages.at(rpc.response).Named("consistency_token");
  if (token == nullptr || token->type != "string") {
    findings.push_back(
        {path, rpc.line, rpc.name + " answers without `string consistency_token`, so nobody can wait for what it did"});
  }
}

void CheckQuery(const ProtoFiles& protos, const std::string& path, const ProtoRpc& rpc,
                std::vector<Finding>& findings) {
  const ProtoField* token = protos.messages.at(rpc.request).Named("consistency_token");
  if (token == nullptr || token->type != "string") {
    findings.push_back(
        {path, rpc.line,
         rpc.name + " takes no `string consistency_token`: every query can be told what it must have seen"});
  }
  if (!rpc.name.substr(rpc.name.find('.') + 1).starts_with("Get")) return;
  const auto& answer = protos.messages.at(rpc.response).fields;
  // GetX answers with a resource X, unless the service only computes views.
  for (std::string_view service : kReadServices) {
    if (rpc.name.starts_with(std::string(service) + ".")) return;
  }
  const auto resource = answer.empty() ? protos.messages.end() : protos.messages.find(answer[0].type);
  if (resource == protos.messages.end()) {
    findings.push_back({path, rpc.line, rpc.name + ": field 1 of the answer is the resource"});
    return;
  }
  CheckStandard(resource->second, kOfResources, path, "a resource", findings);
}

}  // namespace

const ProtoField* ProtoMessage::Numbered(int number) const {
  for (const auto& field : fields) {
    if (field.number == number) return &field;
  }
  return nullptr;
}

const ProtoField* ProtoMessage::Named(std::string_view name) const {
  for (const auto& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

ProtoFiles ReadProtos(const std::vector<const SourceFile*>& files) {
  static const std::regex kHead(R"(^\s*(message|enum|service|oneof) (\w+) \{(\s*\})?\s*$)");
  static const std::regex kField(R"(^\s*((?:repeated |optional )?[\w.<>, ]+?) (\w+) = (\d+)\s*(?:\[.*)?;?\s*$)");
  static const std::regex kRpc(
      R"(^\s*rpc (\w+)\((?:stream )?([\w.]+)\) returns \((?:stream )?([\w.]+)\)\s*(?:;|\{.*)\s*$)");
  struct Scope {
    std::string kind;
    std::string path;
  };
  ProtoFiles protos;
  for (const SourceFile* file : files) {
    std::vector<Scope> scopes;
    int number = 0;
    for (std::string_view raw : Lines(file->text)) {
      ++number;
      const std::string line = WithoutComment(raw);
      std::smatch m;
      if (std::regex_match(line, m, kHead)) {
        // A oneof's fields belong to its message.
        const std::string outer = scopes.empty() ? "" : scopes.back().path;
        const std::string path = m[1] == "oneof" ? outer : (outer.empty() ? "" : outer + ".") + m[2].str();
        if (m[1] == "message") protos.messages[path] = {path, number, {}};
        if (!m[3].matched) scopes.push_back({m[1].str(), path});
      } else if (std::regex_match(line, m, kRpc)) {
        protos.rpcs.push_back({file->path, {scopes.back().path + "." + m[1].str(), m[2].str(), m[3].str(), number}});
        if (line.find('{') != std::string::npos && line.find('}') == std::string::npos) scopes.push_back({"rpc", ""});
      } else if (!scopes.empty() && line.find('}') != std::string::npos && line.find('{') == std::string::npos) {
        scopes.pop_back();
      } else if (!scopes.empty() && (scopes.back().kind == "message" || scopes.back().kind == "oneof") &&
                 std::regex_match(line, m, kField)) {
        protos.messages[scopes.back().path].fields.push_back({m[1].str(), m[2].str(), std::stoi(m[3].str())});
      }
    }
  }
  return protos;
}

std::vector<Finding> CheckProtos(const std::vector<const SourceFile*>& files) {
  std::vector<Finding> findings;
  const ProtoFiles protos = ReadProtos(files);
  for (const auto& [path, rpc] : protos.rpcs) {
    if (!protos.messages.contains(rpc.request) || !protos.messages.contains(rpc.response)) {
      findings.push_back(
          {path, rpc.line, rpc.name + ": its messages were not found; are they laid out one field a line?"});
    } else if (BesideLedgers(rpc)) {
      continue;
    } else if (Reads(rpc)) {
      CheckQuery(protos, path, rpc, findings);
    } else {
      CheckCommand(protos, path, rpc, findings);
    }
  }
  for (const auto& [path, message] : protos.messages) {
    for (const ProtoField& field : message.fields) {
      if (field.type.starts_with("map<")) {
        findings.push_back(
            {path, message.line, field.name + " is a map: maps do not survive byte for byte, use repeated messages"});
      }
      if (field.type.ends_with("float") || field.type.ends_with("double")) {
        findings.push_back(
            {path, message.line, field.name + " is floating point: use integers, Money, or numerator and denominator"});
      }
    }
  }
  return findings;
}

}  // namespace parley::lint
