// kill -9 of parleyd at random moments under load from several clients: nothing that anybody was told is ever untrue
// afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <thread>

#include "eventstore/base/random.h"
#include "tests/crash/client.h"
#include "tests/crash/inspect.h"
#include "tests/support/parleyd.h"

namespace parley::test {
namespace {

using testing::IsEmpty;

constexpr int kClients = 8;
// A new store after so many kills, since every check reads all of it.
constexpr int kKillsPerStore = 10;

// A store that outlives many servers, and the clients that do.
class Site {
 public:
  explicit Site(uint64_t seed) {
    for (int i = 0; i < kClients; ++i) clients_.push_back(std::make_unique<Client>(load_, i, seed + i));
  }

  // Starts a server and settles what the one before left open.
  void Start() {
    server_ = std::make_unique<Parleyd>(dir_.path());
    port_ = server_->WaitForPort();
    ASSERT_NE(port_, 0) << server_->Log();
    if (!set_up_) {
      ASSERT_TRUE(clients_[0]->SetUp(port_)) << server_->Log();
      set_up_ = true;
    }
    ASSERT_TRUE(Client::Settle(load_, port_)) << server_->Log();
  }

  // Has the clients work until `end` has ended the server.
  void WorkUntil(const std::function<void()>& end) {
    std::vector<std::thread> threads;
    for (auto& client : clients_) threads.emplace_back([&client, this] { client->Run(port_); });
    end();
    for (std::thread& thread : threads) thread.join();
  }

  // Kills a server that is starting, after at most `patience`.
  void KillStarting(absl::Duration patience) {
    Parleyd starting(dir_.path());
    load_.journal.AwaitReplies(1, patience);  // Nobody replies: just waits.
  }

  Inspection Check() const { return Inspect(dir_.path(), load_.journal); }
  Journal& journal() { return load_.journal; }
  Parleyd& server() { return *server_; }

 private:
  ScratchDir dir_;
  Load load_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::unique_ptr<Parleyd> server_;
  int port_ = 0;
  bool set_up_ = false;
};

uint64_t NewSeed() {
  SystemRandom random;
  uint64_t seed = 0;
  for (const char c : random.Bytes(sizeof(seed))) seed = seed << 8 | static_cast<unsigned char>(c);
  return seed;
}

void Add(Journal::Counts& total, const Journal::Counts& more) {
  total.acknowledged += more.acknowledged;
  total.multi_event += more.multi_event;
  total.repeats += more.repeats;
  total.validated += more.validated;
  total.unknown += more.unknown;
  for (const auto& [reason, count] : more.refused) total.refused[reason] += count;
}

TEST(Kill, NothingThatWasToldIsLost) {
  const int kills = std::getenv("PARLEY_LONG") ? 200 : 10;
  const uint64_t seed = NewSeed();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  Journal::Counts total;
  uint64_t entries = 0;
  for (int done = 0; done < kills;) {
    Site site(random());
    Inspection found;
    for (int i = 0; i < kKillsPerStore && done < kills; ++i, ++done) {
      ASSERT_NO_FATAL_FAILURE(site.Start());
      site.WorkUntil([&] {
        site.journal().AwaitReplies(random() % 1500, absl::Seconds(20));
        site.server().Kill();
      });
      // One that is picking up the pieces is not spared either.
      if (random() % 3 == 0) site.KillStarting(absl::Milliseconds(random() % 150));
      found = site.Check();
      ASSERT_THAT(found.wrong, IsEmpty()) << "after kill " << done + 1;
    }
    entries += found.entries;
    Add(total, site.journal().counts());
  }
  std::cout << kills << " kills: " << entries << " entries; " << total.acknowledged << " commands acknowledged ("
            << total.multi_event << " of several events), " << total.unknown << " of unknown outcome, " << total.repeats
            << " repeats, " << total.validated << " only validated;";
  for (const auto& [reason, count] : total.refused) std::cout << " " << v1::Reason_Name(reason) << " " << count;
  std::cout << std::endl;
  // The load is what it says it is.
  EXPECT_GT(total.acknowledged, 100u * kills);
  EXPECT_GT(total.multi_event, 10u * kills);
  EXPECT_GT(total.repeats, 10u * kills);
  EXPECT_GT(total.validated, kills);
  EXPECT_GT(total.unknown, kills);
  for (const v1::Reason reason :
       {v1::REASON_ALREADY_EXISTS, v1::REASON_WRONG_STATE, v1::REASON_ETAG_MISMATCH, v1::REASON_REQUEST_ID_REUSED}) {
    EXPECT_GT(total.refused[reason], 0u) << v1::Reason_Name(reason);
  }
}

TEST(Drain, AnswersWhatWasDecidedAndEnds) {
  Site site(NewSeed());
  for (int i = 0; i < 3; ++i) {
    ASSERT_NO_FATAL_FAILURE(site.Start());
    int exit_code = -1;
    site.WorkUntil([&] {
      site.journal().AwaitReplies(300, absl::Seconds(20));
      exit_code = site.server().Terminate(absl::Seconds(15));  // The grace is ten.
    });
    ASSERT_EQ(exit_code, 0) << site.server().Log();
    const Inspection found = site.Check();
    ASSERT_THAT(found.wrong, IsEmpty());
  }
}

}  // namespace
}  // namespace parley::test
