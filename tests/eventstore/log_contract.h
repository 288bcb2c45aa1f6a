// The fixture of the log's contract suite: one log on one engine, which can be reopened and damaged.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "eventstore/kv_memory.h"
#include "eventstore/log_store.h"
#include "gtest/gtest.h"
#include "tests/eventstore/log_backend.h"
#include "tests/eventstore/log_fixture.h"

namespace parley {

class LogContract : public testing::TestWithParam<BackendParam> {
 protected:
  using Row = std::pair<std::string, std::string>;

  LogContract() { Open(); }

  void Open(uint32_t shards = 1) {
    Close();
    engine_ = &backend_->Open();
    auto log = OpenLogStore({.engine = engine_, .index = index_.get(), .shards = shards});
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }
  void Close() {
    log_.reset();
    backend_->Close();
  }
  // Another log on the same engine, as another machine would have it.
  std::unique_ptr<EventLog> OpenAnother(KvStore& index, absl::Duration poll) {
    auto log = OpenLogStore({.engine = engine_, .index = &index, .poll_interval = poll});
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }
  Appended MustAppend(Commit commit) {
    const auto appended = AppendAndWait(*log_, std::move(commit));
    EXPECT_TRUE(appended.ok()) << appended.status();
    return appended.value_or(Appended());
  }
  std::vector<Row> IndexRows() {
    std::vector<Row> rows;
    EXPECT_TRUE(index_
                    ->Scan("", "",
                           [&](std::string_view key, std::string_view value) {
                             rows.emplace_back(key, value);
                             return true;
                           })
                    .ok());
    return rows;
  }

  std::unique_ptr<LogBackend> backend_ = GetParam().make();
  std::unique_ptr<KvStore> index_ = NewMemoryKvStore();
  Engine* engine_ = nullptr;
  std::unique_ptr<EventLog> log_;
};

}  // namespace parley
