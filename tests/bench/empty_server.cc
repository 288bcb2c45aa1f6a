#include "tests/bench/empty_server.h"

#include <grpcpp/grpcpp.h>
#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "parley/v1/metric.grpc.pb.h"
#include "tests/bench/rocks_baseline.h"

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

// Requests that came while others were synced are synced together.
class BareMetrics final : public v1::MetricService::CallbackService {
 public:
  BareMetrics(int answer_bytes, const std::string& directory)
      : token_(static_cast<size_t>(answer_bytes), 'x'), log_(directory), thread_([this] { Run(); }) {}
  ~BareMetrics() override {
    {
      std::lock_guard lock(mu_);
      stop_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  grpc::ServerUnaryReactor* ReportMetric(grpc::CallbackServerContext* context, const v1::ReportMetricRequest* request,
                                         v1::ReportMetricResponse* response) override {
    response->set_consistency_token(token_);
    auto* reactor = context->DefaultReactor();
    {
      std::lock_guard lock(mu_);
      waiting_.emplace_back(reactor, request->SerializeAsString());
    }
    changed_.notify_one();
    return reactor;
  }

 private:
  using Waiting = std::vector<std::pair<grpc::ServerUnaryReactor*, std::string>>;

  void Run() {
    while (true) {
      Waiting batch;
      {
        std::unique_lock lock(mu_);
        changed_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        batch.swap(waiting_);
      }
      std::vector<std::string> values;
      for (auto& [reactor, request] : batch) values.push_back(std::move(request));
      log_.Append(values);
      for (auto& [reactor, request] : batch) reactor->Finish(grpc::Status::OK);
    }
  }

  const std::string token_;
  RawLog log_;
  std::mutex mu_;
  std::condition_variable changed_;
  Waiting waiting_;
  bool stop_ = false;
  std::thread thread_;
};

int Serve(grpc::Service& service, const std::string& port_file) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
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

}  // namespace

int ServeEmpty(const std::string& port_file, int answer_bytes) {
  EmptyMetrics service(answer_bytes);
  return Serve(service, port_file);
}

int ServeBare(const std::string& port_file, int answer_bytes, const std::string& directory) {
  BareMetrics service(answer_bytes, directory);
  return Serve(service, port_file);
}

}  // namespace parley::bench
