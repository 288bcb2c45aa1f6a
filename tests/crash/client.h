// A client that works on several ledgers at once with others, and keeps a journal of everything it is told.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/crash/connection.h"
#include "tests/crash/journal.h"

namespace parley::test {

// What the clients share.
struct Load {
  std::vector<std::string> ledgers = {"acme", "bolt", "coil", "dyne"};
  Journal journal;
  std::atomic<uint64_t> race = 0;  // Counts attempts at things that several clients want to be the first at.
};

// One thread at a time.
class Client {
 public:
  Client(Load& load, int number, uint64_t seed) : load_(load), number_(number), random_(seed) {}

  // Opens every ledger, with a charter that binds. True: everything was acknowledged.
  bool SetUp(int port);
  // Works until the server does not answer any more.
  void Run(int port);
  // Repeats everything that is not settled yet, under the same request ids. True: all of it is now.
  static bool Settle(Load& load, int port);

 private:
  // Sends a new step. True: acknowledged; `reply_` holds the answer.
  bool Do(Step step);
  // Sends what somebody has sent before.
  void DoAgain(const Step& step);
  // A step of the present ledger under a new request id.
  Step By(const std::string& principal, std::vector<std::string> events, const std::string& resource = "");
  std::string NewName(const std::string& collection);
  uint64_t Below(uint64_t n) { return random_() % n; }
  std::string Parent() const { return "relationships/" + ledger_; }
  std::string Text() { return std::string(1 + Below(Below(20) == 0 ? 8000 : 100), 'x'); }

  void OpenLedger();
  void DriveDecision();
  void DriveDispute();
  void Race();
  void BreakRules();
  Step Proposes(const std::string& principal, const std::string& name, const std::string& class_id);
  Step Decides(const std::string& principal, const std::string& name);

  Load& load_;
  const int number_;
  std::mt19937_64 random_;
  Connection* connection_ = nullptr;
  std::string ledger_;
  bool gone_ = false;  // The server does not answer.
  uint64_t requests_ = 0;
  uint64_t names_ = 0;
  Reply reply_;
  std::map<std::string, uint64_t> told_;         // Ledger -> the highest sequence that an answer rested on.
  std::map<std::string, std::string> previous_;  // Ledger -> a decided decision of this client's.
};

}  // namespace parley::test
