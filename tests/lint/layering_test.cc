#include "tests/lint/layering.h"

#include <gtest/gtest.h>

#include <string>

namespace parley::lint {
namespace {

TEST(Layering, HoldsInTheCheckout) {
  for (const SourceFile* file : CppTree()) EXPECT_EQ(Report(CheckLayering(*file)), "");
}

struct Case {
  const char* name;
  const char* path;
  const char* include;
  bool allowed;
};

class LayeringRule : public testing::TestWithParam<Case> {};

TEST_P(LayeringRule, Judges) {
  const auto source = MakeSource(GetParam().path, std::string("#include ") + GetParam().include + "\n");
  EXPECT_EQ(CheckLayering(source).empty(), GetParam().allowed) << Report(CheckLayering(source));
}

constexpr Case kCases[] = {
    {"BaseUsesProto", "eventstore/base/status.h", "\"parley/v1/errors.pb.h\"", true},
    {"BaseUsesLog", "eventstore/base/status.h", "\"eventstore/event_log.h\"", false},
    {"DeciderUsesAggregate", "services/dispute/dispute.h", "\"services/aggregate/context.h\"", true},
    {"DeciderUsesLog", "services/dispute/dispute.cc", "\"eventstore/event_log.h\"", false},
    {"DeciderUsesPipeline", "services/dispute/dispute.cc", "\"services/command/pipeline.h\"", false},
    {"DeciderUsesGrpc", "services/dispute/dispute.cc", "<grpcpp/grpcpp.h>", false},
    {"DeciderUsesStubs", "services/dispute/dispute.cc", "\"parley/v1/dispute.grpc.pb.h\"", false},
    {"AdapterUsesStubs", "services/dispute/dispute_service.cc", "\"parley/v1/dispute.grpc.pb.h\"", true},
    {"AdapterUsesEngine", "services/dispute/dispute_service.cc", "\"eventstore/rocks_engine.h\"", false},
    {"AggregateUsesArea", "services/aggregate/context.cc", "\"services/decision/decision.h\"", false},
    {"RegistryUsesArea", "services/aggregate/registry.cc", "\"services/decision/decision.h\"", true},
    {"CommandUsesLog", "services/command/worker.cc", "\"eventstore/event_log.h\"", true},
    {"CommandUsesEngine", "services/command/worker.cc", "\"eventstore/rocks_engine.h\"", false},
    {"CommandUsesProjections", "services/command/worker.cc", "\"projections/projection.h\"", false},
    {"CommandUsesArea", "services/command/worker.cc", "\"services/decision/decision.h\"", false},
    {"ProjectionUsesArea", "projections/register.cc", "\"services/decision/decision.h\"", true},
    {"ProjectionUsesPipeline", "projections/register.cc", "\"services/command/pipeline.h\"", false},
    {"ProjectionUsesQuery", "projections/register.cc", "\"services/query/filter.h\"", false},
    {"QueryUsesProjection", "services/query/list.cc", "\"projections/projection.h\"", true},
    {"QueryUsesPipeline", "services/query/list.cc", "\"services/command/pipeline.h\"", false},
    {"QueryUsesGrpc", "services/query/list.cc", "<grpcpp/server.h>", false},
    {"ServerUsesEngine", "services/server/server.cc", "\"eventstore/rocks_engine.h\"", true},
    {"ServerUsesCli", "services/server/server.cc", "\"services/cli/client.h\"", false},
    {"CliUsesStubs", "services/cli/client.cc", "\"parley/v1/decision.grpc.pb.h\"", true},
    {"CliUsesLog", "services/cli/client.cc", "\"eventstore/event_log.h\"", false},
    {"CliUsesDecider", "services/cli/client.cc", "\"services/decision/decision.h\"", false},
    {"ImportUsesGrpc", "services/import/xes.cc", "<grpcpp/grpcpp.h>", false},
    {"ImportUsesExpat", "services/import/xes.cc", "<expat.h>", true},
    {"LogUsesRocks", "eventstore/log_store.cc", "<rocksdb/db.h>", false},
    {"EngineUsesRocks", "eventstore/rocks_engine.cc", "<rocksdb/db.h>", true},
    {"LogUsesDomain", "eventstore/log_store.cc", "\"services/aggregate/aggregate.h\"", false},
    {"ProjectionUsesClock", "projections/register.cc", "\"absl/time/clock.h\"", false},
    {"ServerUsesRandom", "services/server/server.cc", "<random>", false},
    {"CommandUsesOpenssl", "services/command/record.cc", "<openssl/sha.h>", false},
    {"TestUsesGtest", "tests/base/money_test.cc", "<gtest/gtest.h>", true},
    {"DomainTestUsesGrpc", "tests/domain/dispute_test.cc", "<grpcpp/grpcpp.h>", false},
    {"SourceUsesGtest", "services/command/record.cc", "<gtest/gtest.h>", false},
    {"SourceUsesTests", "services/command/record.cc", "\"tests/support/world.h\"", false},
    {"UnknownFolder", "tools/x.cc", "\"eventstore/entry.h\"", false},
};

INSTANTIATE_TEST_SUITE_P(Table, LayeringRule, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Layering, IgnoresIncludesInTextAndComments) {
  const auto source =
      MakeSource("services/dispute/dispute.cc",
                 "// \n/*\n#include <rocksdb/db.h>\n*/\nauto s = R\"(\n#include <grpcpp/grpcpp.h>\n)\";\n");
  EXPECT_EQ(Report(CheckLayering(source)), "");
}

}  // namespace
}  // namespace parley::lint
