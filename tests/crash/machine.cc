#include "tests/crash/machine.h"

#include <future>

#include "eventstore/base/status.h"
#include "eventstore/fsck.h"
#include "eventstore/kv_rocks.h"
#include "eventstore/log_store.h"
#include "eventstore/rocks_engine.h"
#include "services/command/snapshots.h"
#include "services/query/consistency.h"

namespace parley::test {
namespace {

// As an adapter would answer.
Reply ReplyTo(const absl::StatusOr<Answer>& answer) {
  Reply reply;
  reply.status = ToGrpc(answer.status());
  if (!answer.ok() || answer->resource == nullptr) return reply;
  const auto text = [&](const char* name) {
    const auto* field = answer->resource->GetDescriptor()->FindFieldByName(name);
    return answer->resource->GetReflection()->GetString(*answer->resource, field);
  };
  reply.name = text("name");
  reply.etag = text("etag");
  if (answer->sequence) reply.token = EncodeConsistencyToken(answer->ledger, *answer->sequence, "");
  return reply;
}

}  // namespace

std::string Machine::Start() {
  auto engine = OpenRocksEngine(
      {.path = "/log", .random = &random_, .env = env_.get(), .write_buffer_bytes = 64 << 10, .sync = sync_});
  if (!engine.ok()) return "the engine does not open: " + engine.status().ToString();
  auto derived = OpenRocksKvStore("/derived", env_.get(), KvUse::kWriting);
  if (!derived.ok()) return "the derived store does not open: " + derived.status().ToString();
  auto log = OpenLogStore({.engine = engine->get(), .index = derived->get()});
  if (!log.ok()) return "the log does not open: " + log.status().ToString();
  engine_ = *std::move(engine);
  derived_ = *std::move(derived);
  log_ = *std::move(log);
  pipeline_ = std::make_unique<CommandPipeline>(PipelineOptions{.log = log_.get(),
                                                                .snapshots = derived_.get(),
                                                                .clock = &clock_,
                                                                .random = &random_,
                                                                .person_keys = keys_.get(),
                                                                .fingerprint_key = std::string(32, 'k')});
  return "";
}

void Machine::Stop() {
  pipeline_.reset();
  log_.reset();
  derived_.reset();
  engine_.reset();
}

void Machine::CutPower(bool torn) {
  fs_.CutPower();
  Stop();
  fs_.Restart(torn);
}

bool Machine::Run(Journal& journal, const std::vector<Submission>& commands) {
  std::vector<std::future<Reply>> replies;
  for (const Submission& command : commands) {
    journal.Sending(command.step);
    auto replied = std::make_shared<std::promise<Reply>>();
    replies.push_back(replied->get_future());
    command.submit(*pipeline_,
                   [replied](const absl::StatusOr<Answer>& answer) { replied->set_value(ReplyTo(answer)); });
  }
  bool settled = true;
  for (size_t i = 0; i < commands.size(); ++i) {
    const Reply reply = replies[i].get();
    const Outcome outcome = journal.Received(commands[i].step, reply);
    settled &= outcome != Outcome::kUnknown && reply.status.error_code() != grpc::StatusCode::UNAVAILABLE;
  }
  return settled;
}

std::vector<std::string> Machine::Check(const Journal& journal) {
  std::vector<std::string> wrong = journal.Check(*log_);
  const auto snapshots = Snapshots(derived_.get()).Check(*log_);
  if (!snapshots.ok()) wrong.push_back("snapshots: " + snapshots.status().ToString());
  for (const std::string& finding : snapshots.value_or(std::vector<std::string>())) wrong.push_back(finding);
  const auto report = Fsck(*engine_, *derived_, {});
  if (!report.ok()) wrong.push_back("fsck: " + report.status().ToString());
  for (const FsckFinding& finding : report.value_or(FsckReport()).findings) {
    wrong.push_back("fsck: " + std::string(FsckProblemName(finding.problem)) + " " + finding.detail);
  }
  return wrong;
}

}  // namespace parley::test
