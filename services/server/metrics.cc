#include "services/server/metrics.h"

#include <grpcpp/support/status_code_enum.h>
#include <prometheus/exposer.h>

namespace parley {
namespace {

// Seconds: from a tenth of a millisecond, a sync's order, to where a client would have given up.
const prometheus::Histogram::BucketBoundaries kLatencyBuckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                                 0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};

}  // namespace

ServerMetrics::ServerMetrics() : registry_(std::make_shared<prometheus::Registry>()) {
  calls_ = &prometheus::BuildCounter()
                .Name("parley_calls_total")
                .Help("Finished calls by method and gRPC status code.")
                .Register(*registry_);
  latency_ = &prometheus::BuildHistogram()
                  .Name("parley_call_seconds")
                  .Help("How long calls took, by method.")
                  .Register(*registry_);
}

prometheus::Counter& ServerMetrics::CallsOf(const std::string& method, int code, prometheus::Histogram*& latency) {
  {
    std::shared_lock lock(methods_mu_);
    if (const auto known = methods_.find(method); known != methods_.end()) {
      latency = known->second.latency;
      if (const auto calls = known->second.calls.find(code); calls != known->second.calls.end()) return *calls->second;
    }
  }
  std::unique_lock lock(methods_mu_);
  Method& known = methods_[method];
  known.latency = latency = &latency_->Add({{"method", method}}, kLatencyBuckets);
  known.calls[code] = &calls_->Add({{"method", method}, {"code", std::to_string(code)}});
  return *known.calls[code];
}

void ServerMetrics::CallFinished(const std::string& method, int code, absl::Duration took) {
  prometheus::Histogram* latency = nullptr;
  CallsOf(method, code, latency).Increment();
  latency->Observe(absl::ToDoubleSeconds(took));
}

void ServerMetrics::AddGauge(const std::string& name, const std::string& help,
                             const std::map<std::string, std::string>& labels, std::function<double()> value) {
  std::lock_guard lock(mu_);
  auto& family = gauge_families_[name];
  if (family == nullptr) family = &prometheus::BuildGauge().Name(name).Help(help).Register(*registry_);
  gauges_.push_back({&family->Add(labels), std::move(value)});
}

std::vector<prometheus::MetricFamily> ServerMetrics::Collect() {
  std::lock_guard lock(mu_);
  for (auto& pulled : gauges_) pulled.gauge->Set(pulled.value());
  return registry_->Collect();
}

struct MetricsEndpoint::Impl {
  struct Source : prometheus::Collectable {
    explicit Source(ServerMetrics* m) : metrics(m) {}
    std::vector<prometheus::MetricFamily> Collect() const override { return metrics->Collect(); }
    ServerMetrics* const metrics;
  };
  Impl(const std::string& address, ServerMetrics* metrics)
      : exposer(address, 1), source(std::make_shared<Source>(metrics)) {
    exposer.RegisterCollectable(source);
  }
  prometheus::Exposer exposer;
  std::shared_ptr<Source> source;
};

MetricsEndpoint::MetricsEndpoint(const std::string& address, ServerMetrics* metrics)
    : impl_(std::make_unique<Impl>(address, metrics)) {}
MetricsEndpoint::~MetricsEndpoint() = default;
int MetricsEndpoint::port() const {
  const auto ports = impl_->exposer.GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

}  // namespace parley
