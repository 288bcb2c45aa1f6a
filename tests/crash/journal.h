// What clients were told, and whether a log bears it out.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "eventstore/event_log.h"
#include "grpcpp/grpcpp.h"
#include "parley/v1/errors.pb.h"

namespace parley::test {

struct Connection;

// What came back from the server.
struct Reply {
  grpc::Status status;
  std::string name;  // Of the resource in the answer.
  std::string etag;
  std::string token;
};

// One command. Sent again, it is the very same request.
struct Step {
  std::string ledger;
  std::string principal;
  std::string request_id;
  std::string resource;             // Name; empty where the server chooses it.
  std::vector<std::string> events;  // Types of the entries that it records, in order.
  // Refusals that are in order: somebody else may have been faster. With any other the load itself is wrong.
  std::set<v1::Reason> refusals = {};
  bool validate_only = false;
  std::function<Reply(Connection&)> send = {};
};

// How an attempt ended, as far as its client can know.
enum class Outcome { kAcknowledged, kRefused, kUnknown };

// Thread-safe.
class Journal {
 public:
  // Before a step is sent for the first time or again.
  void Sending(const Step& step);
  // Notes everything that the reply claims.
  Outcome Received(const Step& step, const Reply& reply);

  // Waits until that many replies came in since the last call; gives up after `patience`.
  void AwaitReplies(uint64_t count, absl::Duration patience);

  // Steps of which nobody knows whether they happened.
  std::vector<Step> Unsettled() const;
  // A step that was sent before, whatever became of it: number `back` from the latest. nullopt: there is none.
  std::optional<Step> Earlier(uint64_t back) const;
  // One that was acknowledged; `seed` picks it. nullopt: there is none yet.
  std::optional<Step> Acknowledged(uint64_t seed) const;
  // Somebody else found something wrong.
  void Wrong(std::string what);
  // What is wrong with `log`, in words; empty where everything that anybody was told is so, and nothing else is there.
  std::vector<std::string> Check(const EventLog& log) const;

  // What went on, for the result line.
  struct Counts {
    uint64_t acknowledged = 0;  // First time.
    uint64_t multi_event = 0;   // Of those, with more than one entry.
    uint64_t repeats = 0;       // Acknowledged again.
    uint64_t validated = 0;
    uint64_t unknown = 0;
    std::map<v1::Reason, uint64_t> refused;
  };
  Counts counts() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // Ledger, principal, request id.
  using Stream = std::pair<std::string, std::string>;             // Ledger, name.
  struct Request {
    Step step;
    bool may_have_happened = false;  // Some attempt's outcome is not known.
    bool turned_down = false;        // A later attempt was refused: another request was first, after all.
    bool refused = false;            // For good: nothing that comes later would make it acceptable.
    // Of the first acknowledgement; every later one must say the same.
    std::optional<uint64_t> sequence;
    std::string name;
    std::string etag;
  };
  struct Found;
  static Key KeyOf(const Step& step) { return {step.ledger, step.principal, step.request_id}; }
  Outcome Acknowledge(Request& request, const Step& step, const Reply& reply);
  Outcome Refuse(Request& request, const Step& step, const Reply& reply);
  void CheckRequest(const Key& key, const Request& request, const Found& found, std::vector<std::string>& wrong) const;
  void CheckRefusals(const Found& found, std::vector<std::string>& wrong) const;

  mutable std::mutex mu_;
  std::condition_variable replied_;
  uint64_t replies_ = 0;
  std::map<Key, Request> requests_;
  std::vector<Key> order_;                           // Of requests_, as first sent, without validate_only.
  std::vector<Key> acknowledged_;                    // Those of them.
  std::map<std::string, uint64_t> length_;           // Ledger -> entries that some answer rested on.
  std::set<Stream> exists_;                          // Streams that a refusal spoke of.
  std::set<Stream> decided_;                         // Decisions that a refusal called decided.
  std::set<std::pair<Stream, uint64_t>> revisions_;  // Etags that a refusal spoke of.
  std::set<Key> used_;                               // Request ids that a refusal called used.
  std::vector<std::string> wrong_;                   // What was wrong on the face of it.
  Counts counts_;
};

}  // namespace parley::test
