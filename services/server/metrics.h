// What Prometheus sees of a server.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace parley {

// Thread-safe.
class ServerMetrics {
 public:
  ServerMetrics();

  // Counts a finished call under its method and status code, and how long it took.
  void CallFinished(const std::string& method, int code, absl::Duration took);

  // A gauge whose value is asked for when Prometheus asks. `labels` tell gauges of one name apart.
  void AddGauge(const std::string& name, const std::string& help, const std::map<std::string, std::string>& labels,
                std::function<double()> value);

  // Everything, for an exposer. Keep a reference to this object while it is in use.
  std::vector<prometheus::MetricFamily> Collect();

 private:
  struct PulledGauge {
    prometheus::Gauge* gauge;
    std::function<double()> value;
  };
  // What is counted of one method, found once: to find it by its labels takes longer than many a call.
  struct Method {
    prometheus::Histogram* latency;
    std::map<int, prometheus::Counter*> calls;  // By status code.
  };
  prometheus::Counter& CallsOf(const std::string& method, int code, prometheus::Histogram*& latency);

  std::shared_mutex methods_mu_;
  std::map<std::string, Method, std::less<>> methods_;
  std::mutex mu_;
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>* calls_;
  prometheus::Family<prometheus::Histogram>* latency_;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauge_families_;
  std::vector<PulledGauge> gauges_;
};

// Serves GET /metrics on `address` ("127.0.0.1:0" picks a port) for as long as it lives.
class MetricsEndpoint {
 public:
  MetricsEndpoint(const std::string& address, ServerMetrics* metrics);
  ~MetricsEndpoint();
  int port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace parley
