#include "services/cli/session.h"

#include "services/cli/text.h"

namespace parley {

Client& Session::client() {
  if (client_ == nullptr) client_ = std::make_unique<Client>(options);
  return *client_;
}

bool Session::Call(const google::protobuf::MethodDescriptor& method, const google::protobuf::Message& request,
                   google::protobuf::Message* response, int* exit_code) {
  const grpc::Status status = client().Call(method, request, response);
  if (status.ok()) return true;
  const auto* id = request.GetDescriptor()->FindFieldByName("request_id");
  *exit_code = Fail(status, id == nullptr ? "" : request.GetReflection()->GetString(request, id));
  return false;
}

int Session::Fail(const grpc::Status& status, const std::string& request_id) {
  PrintFailure(streams.err, err_screen, api, status, {options.server, request_id});
  return ExitCodeOf(status);
}

int Session::FailHere(const absl::Status& status) {
  Misused(status);
  return absl::IsUnavailable(status) ? kExitUnavailable : kExitRefused;
}

int Session::Misused(const absl::Status& status) {
  streams.err << err_screen.Paint(Tone::kBad, "error:") << " " << Printable(std::string(status.message())) << "\n";
  return kExitUsage;
}

}  // namespace parley
