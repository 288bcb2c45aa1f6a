#include "tests/bench/empty_server.h"

#include <grpcpp/grpcpp.h>
#include <pthread.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "parley/v1/metric.grpc.pb.h"

namespace parley::bench {
namespace {

class EmptyMetrics final : public v1::MetricService::CallbackService {
 public:
  explicit EmptyMetrics(int answer_bytes) : token_(static_cast<size_t>(answer_bytes), 'x') {}

  grpc::ServerUnaryReactor* ReportMetric(grpc::CallbackServerContext* context, const v1::ReportMetricRequest*,
                                         v1::ReportMetricResponse* response) override {
    response->set_consistency_token(token_);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const std::string token_;
};

}  // namespace

int ServeEmpty(const std::string& port_file, int answer_bytes) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  EmptyMetrics service(answer_bytes);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::ofstream(port_file + ".new") << port << "\n";
  std::filesystem::rename(port_file + ".new", port_file);
  int signal = 0;
  sigwait(&signals, &signal);
  server->Shutdown();
  return 0;
}

}  // namespace parley::bench
