// A server's write side on one disk that fails as asked: pipeline, log, index and snapshots over a FaultFs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/base/clock.h"
#include "eventstore/base/random.h"
#include "eventstore/engine.h"
#include "eventstore/event_log.h"
#include "eventstore/kv_store.h"
#include "services/command/pipeline.h"
#include "services/server/calls.h"
#include "tests/crash/journal.h"
#include "tests/support/fault_fs.h"

namespace parley::test {

// A step, and its way into a pipeline.
struct Submission {
  Step step;
  std::function<void(CommandPipeline&, CommandPipeline::Done)> submit;
};

// Completes `step` with `request` about an R.
template <class R, class Request>
Submission Submits(Step step, Request request) {
  request.set_request_id(step.request_id);
  request.set_validate_only(step.validate_only);
  auto shared = std::make_shared<const Request>(std::move(request));
  const std::string principal = step.principal;
  return {.step = std::move(step),
          .submit = [principal, shared](CommandPipeline& pipeline, CommandPipeline::Done done) {
            pipeline.Submit({.principal = principal}, MakeCommand<R>(shared), nullptr, std::move(done));
          }};
}

class Machine {
 public:
  // Without `sync` the log gives up its promise of durability: the test must notice.
  explicit Machine(bool sync) : sync_(sync) {}
  ~Machine() { Stop(); }

  // What came of it, in words; empty: running.
  std::string Start();
  // Everything is answered, everything closed.
  void Stop();
  // The power goes; comes back with what the disk has.
  void CutPower(bool torn);

  // Hands all in at once, waits for every answer, notes them. True: nothing is left open.
  bool Run(Journal& journal, const std::vector<Submission>& commands);

  FaultFs& fs() { return fs_; }
  std::vector<std::string> Check(const Journal& journal);

 private:
  const bool sync_;
  SystemRandom random_;
  std::unique_ptr<PersonKeys> keys_ = NewMemoryPersonKeys(random_);
  SystemClock clock_;
  FaultFs fs_;
  std::unique_ptr<rocksdb::Env> env_ = fs_.NewEnv();
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<KvStore> derived_;
  std::unique_ptr<EventLog> log_;
  std::unique_ptr<CommandPipeline> pipeline_;
};

}  // namespace parley::test
