#include "services/server/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "eventstore/base/status.h"
#include "eventstore/kv_memory.h"
#include "projections/runner.h"
#include "services/command/eraser.h"
#include "services/command/pipeline.h"
#include "services/query/queries.h"
#include "services/server/admin_service.h"
#include "services/server/audit_service.h"
#include "services/server/calls.h"
#include "services/server/development_service.h"
#include "services/server/metrics.h"
#include "services/server/proof.h"
#include "services/server/services.h"
#include "services/server/store.h"
#include "services/server/timeline_service.h"
#include "services/server/watch.h"

namespace parley {

// In the order in which they are built; taken down in the reverse.
struct Server::Parts {
  ServerOptions options;
  SystemRandom random;
  std::unique_ptr<Clock> clock;
  ManualClock* manual_clock = nullptr;  // The same, if it is one.
  Store store;
  ServerMetrics metrics;
  std::unique_ptr<CheckpointStore> checkpoints;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<Queries> queries;
  std::unique_ptr<CommandPipeline> pipeline;
  Proof proof;
  std::unique_ptr<Eraser> eraser;
  std::unique_ptr<QueryPool> pool, past_pool;
  DevelopmentAuthenticator authenticator;
  std::unique_ptr<Calls> calls;
  std::unique_ptr<OpenStreams> watches;
  std::unique_ptr<OpenStreams> exports;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::unique_ptr<MetricsEndpoint> metrics_endpoint;
  std::unique_ptr<grpc::Server> grpc;
  int port = 0;
};

namespace {

void AddGauges(ServerMetrics& metrics, const CommandPipeline& pipeline, const QueryPool& pool,
               const QueryPool& past_pool, const OpenStreams& watches, const OpenStreams& exports, const Runner& runner,
               const Eraser& eraser) {
  metrics.AddGauge("parley_commands_queued", "Commands that wait for their answer.", {},
                   [&pipeline] { return static_cast<double>(pipeline.queued()); });
  metrics.AddGauge("parley_queries_queued", "Queries that wait to be answered.", {},
                   [&pool] { return static_cast<double>(pool.queued()); });
  metrics.AddGauge("parley_past_queries_queued", "Queries as of the past that wait to be answered.", {},
                   [&past_pool] { return static_cast<double>(past_pool.queued()); });
  metrics.AddGauge("parley_watches_open", "Timelines being watched.", {},
                   [&watches] { return static_cast<double>(watches.count()); });
  metrics.AddGauge("parley_exports_open", "Bundles being exported.", {},
                   [&exports] { return static_cast<double>(exports.count()); });
  metrics.AddGauge("parley_erasures_pending", "People whose erasure is recorded and not done yet.", {},
                   [&eraser] { return static_cast<double>(eraser.pending()); });
  metrics.AddGauge("parley_eraser_failing", "1: the latest attempt to erase people failed; it is tried again.", {},
                   [&eraser] { return eraser.failing() ? 1.0 : 0.0; });
  metrics.AddGauge("parley_projections_failing",
                   "1: read models could not be brought up to date, for the log or their store; it is tried again.", {},
                   [&runner] { return runner.Trouble().ok() ? 0.0 : 1.0; });
  for (const ProjectionStatus& status : runner.Status()) {
    const auto of = [&runner, name = status.name](auto value) {
      return [&runner, name, value] {
        for (const ProjectionStatus& now : runner.Status()) {
          if (now.name == name) return static_cast<double>(value(now));
        }
        return 0.0;
      };
    };
    metrics.AddGauge("parley_projection_entries_behind", "Entries that a read model has not folded in yet.",
                     {{"projection", status.name}}, of([](const ProjectionStatus& s) { return s.entries_behind; }));
    metrics.AddGauge("parley_projection_seconds_behind", "Time since a read model last had everything.",
                     {{"projection", status.name}},
                     of([](const ProjectionStatus& s) { return absl::ToDoubleSeconds(s.time_behind); }));
    metrics.AddGauge("parley_projection_ledgers_stopped", "Ledgers that a read model cannot follow.",
                     {{"projection", status.name}}, of([](const ProjectionStatus& s) { return s.quarantined.size(); }));
  }
}

void SetLimits(grpc::ServerBuilder& builder, const ServerOptions& options) {
  builder.SetMaxReceiveMessageSize(options.max_message_kib << 10);
  // Requests are in memory before anything here can refuse them: what one connection can pile up is bounded.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1000);
  // Finds dead clients within half a minute; lets clients ping every ten seconds, calls under way or not.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  // Without this, a second server on the same port would silently get a share of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

absl::Status WritePortFile(const std::string& path, int port) {
  if (path.empty()) return absl::OkStatus();
  // Renamed into place, so that whoever waits for it never reads half a number.
  std::ofstream(path + ".new") << port << "\n";
  std::error_code error;
  std::filesystem::rename(path + ".new", path, error);
  if (error) return absl::UnavailableError("cannot write " + path + ": " + error.message());
  return absl::OkStatus();
}

}  // namespace

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
  if (parts_->grpc != nullptr) Shutdown(absl::ZeroDuration());
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options) {
  PARLEY_RETURN_IF_ERROR(CheckOptions(options));
  auto parts = std::make_unique<Parts>();
  Parts& p = *parts;
  p.options = options;
  if (options.manual_clock.empty()) {
    p.clock = std::make_unique<SystemClock>();
  } else {
    absl::Time start;
    std::string error;
    absl::ParseTime(absl::RFC3339_full, options.manual_clock, &start, &error);  // CheckOptions has seen that it parses.
    auto clock = std::make_unique<ManualClock>(start);
    p.manual_clock = clock.get();
    p.clock = std::move(clock);
  }
  NotesRead notes = ReadNotes(options);
  PARLEY_ASSIGN_OR_RETURN(p.store, OpenStore(options.data_dir, p.random));
  PARLEY_ASSIGN_OR_RETURN(p.checkpoints, OpenCheckpoints(options, p.store, std::move(notes)));
  PARLEY_ASSIGN_OR_RETURN(p.runner,
                          Runner::Start({.log = p.store.log.get(),
                                         .store = p.store.views.get(),
                                         .projections = AllProjections(),
                                         .partitions = static_cast<uint32_t>(options.projection_partitions)}));
  p.pipeline = std::make_unique<CommandPipeline>(
      PipelineOptions{.log = p.store.log.get(),
                      .snapshots = p.store.derived.get(),
                      .clock = p.clock.get(),
                      .random = &p.random,
                      .person_keys = p.store.person_keys.get(),
                      .fingerprint_key = p.store.fingerprint_key,
                      .workers = options.workers,
                      .cache_bytes = static_cast<size_t>(options.cache_mib) << 20,
                      .max_queued = static_cast<size_t>(options.max_queued_commands)});
  p.eraser = std::make_unique<Eraser>(
      EraserOptions{.log = p.store.log.get(), .keys = p.store.person_keys.get(), .progress = p.store.derived.get()});
  PARLEY_ASSIGN_OR_RETURN(p.proof, StartProof(options, {.store = &p.store,
                                                        .checkpoints = p.checkpoints.get(),
                                                        .runner = p.runner.get(),
                                                        .pipeline = p.pipeline.get(),
                                                        .clock = p.clock.get(),
                                                        .random = &p.random}));
  Audit& audit = *p.proof.audit;
  p.queries = std::make_unique<Queries>(QueriesOptions{.log = p.store.log.get(),
                                                       .person_keys = p.store.person_keys.get(),
                                                       .store = &p.runner->reading(),
                                                       .runner = p.runner.get(),
                                                       .clock = p.clock.get(),
                                                       .page_token_key = p.store.page_token_key,
                                                       .scratch = NewMemoryKvStore,
                                                       .checkpoint = std::bind_front(&Audit::NoteCovering, &audit),
                                                       .proven = std::bind_front(&Audit::UpTo, &audit)});
  p.pool = std::make_unique<QueryPool>(options.query_threads, static_cast<size_t>(options.max_queued_queries));
  p.past_pool = std::make_unique<QueryPool>(options.past_threads, static_cast<size_t>(options.max_queued_queries));
  p.watches = std::make_unique<OpenStreams>(static_cast<size_t>(options.max_watches),
                                            "too many timelines are being watched: try again later");
  p.exports = std::make_unique<OpenStreams>(static_cast<size_t>(options.max_exports),
                                            "too many bundles are being exported: try again later");
  AddGauges(p.metrics, *p.pipeline, *p.pool, *p.past_pool, *p.watches, *p.exports, *p.runner, *p.eraser);
  p.calls = std::make_unique<Calls>(p.pipeline.get(), p.eraser.get(), p.queries.get(), p.pool.get(), p.past_pool.get(),
                                    &p.authenticator, &p.metrics);

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &p.port);
  SetLimits(builder, options);
  for (const auto make : kServices) p.services.push_back(make(*p.calls));
  p.services.push_back(std::make_unique<TimelineServiceImpl>(*p.calls, *p.watches));
  p.services.push_back(std::make_unique<AuditServiceImpl>(*p.calls, audit, *p.proof.bundles, *p.exports));
  p.services.push_back(std::make_unique<AdminServiceImpl>(*p.calls,
                                                          BackupSources{.log = p.store.engine.get(),
                                                                        .checkpoints = p.store.checkpoints.get(),
                                                                        .keyring_dir = options.data_dir + "/keyring"},
                                                          *p.proof.keys, *p.clock, options.operators));
  if (p.manual_clock != nullptr) {
    p.services.push_back(std::make_unique<DevelopmentServiceImpl>(p.manual_clock, p.pipeline.get()));
  }
  for (const auto& service : p.services) builder.RegisterService(service.get());
  p.grpc = builder.BuildAndStart();
  if (p.grpc == nullptr || p.port == 0) {
    return absl::UnavailableError("cannot listen on " + options.listen + ": taken, or not an address of this machine");
  }
  if (!options.metrics_listen.empty()) {
    try {
      p.metrics_endpoint = std::make_unique<MetricsEndpoint>(options.metrics_listen, &p.metrics);
    } catch (const std::exception& error) {  // civetweb says no in no other way.
      return absl::UnavailableError("cannot listen on " + options.metrics_listen + ": " + error.what());
    }
  }
  PARLEY_RETURN_IF_ERROR(WritePortFile(options.port_file, p.port));
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

int Server::port() const { return parts_->port; }
int Server::metrics_port() const { return parts_->metrics_endpoint ? parts_->metrics_endpoint->port() : 0; }

void Server::Shutdown(absl::Duration grace) {
  Parts& p = *parts_;
  if (p.grpc == nullptr) return;
  if (auto* health = p.grpc->GetHealthCheckService()) health->SetServingStatus(false);
  p.watches->EndAll(Reject(v1::REASON_DRAINING, "the server is shutting down"));
  p.exports->EndAll(Reject(v1::REASON_DRAINING, "the server is shutting down: export again later, it goes on"));
  p.proof.checkpointer->Stop();  // A time-stamp under way may take as long as the grace.
  p.grpc->Shutdown(absl::ToChronoTime(SystemClock().Now() + grace));
  p.pipeline->Drain();
  p.eraser->Stop();  // Answers those who wait for an erasure.
  p.grpc->Wait();
  p.grpc.reset();
  // An export is over for its client before the checkpoint that it waited for is answered, which then looks for the pool; and what is
  // on the pool's threads looks for the calls. So these end while everything stands. The gauges look at the pools, too.
  p.proof.checkpointer->Join();
  p.metrics_endpoint.reset();
  p.past_pool.reset();
  p.pool.reset();
}

}  // namespace parley
