// What clients of a server need in tests: calls under an identity, tokens and error details taken apart.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "parley/v1/entry.pb.h"
#include "parley/v1/errors.pb.h"

namespace parley::test {

// A connection of its own: channels share none, as clients on different machines would not.
inline std::shared_ptr<grpc::Channel> Connect(int port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments);
}

// Calls `rpc` as `principal`; as nobody where that is empty.
template <class Stub, class Request, class Response>
grpc::Status CallAs(const std::string& principal, Stub& stub,
                    grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*), const Request& request,
                    Response* response) {
  grpc::ClientContext context;
  if (!principal.empty()) context.AddMetadata("parley-principal", principal);
  return (stub.*rpc)(&context, request, response);
}

// One of the details of a refusal; nullopt where it has none of that type.
template <class Detail>
std::optional<Detail> DetailOf(const grpc::Status& status) {
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details())) return std::nullopt;
  for (const auto& any : rich.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

// Why a call was refused; REASON_UNSPECIFIED where the status does not say.
inline v1::Reason RefusalOf(const grpc::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  v1::Reason reason = v1::REASON_UNSPECIFIED;
  if (info && info->domain() == "parley.v1") v1::Reason_Parse("REASON_" + info->reason(), &reason);
  return reason;
}

// From ErrorInfo.metadata; empty where it is not there.
inline std::string MetadataOf(const grpc::Status& status, const std::string& key) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  if (!info) return "";
  const auto it = info->metadata().find(key);
  return it == info->metadata().end() ? "" : it->second;
}

inline std::optional<v1::ConsistencyToken> DecodeToken(const std::string& text) {
  std::string bytes;
  v1::ConsistencyToken token;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || !token.ParseFromString(bytes)) return std::nullopt;
  return token;
}

}  // namespace parley::test
