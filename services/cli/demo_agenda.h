// The demo's agenda: who does what when. The chapters fill it in whatever order reads best; it is carried out in order
// of time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/money.pb.h"
#include "services/cli/demo_desk.h"
#include "services/cli/demo_dice.h"

namespace parley::demo {

// Before the first month: the day counts from the start, the parties set themselves up within 20 days.
inline constexpr int kSetup = -1;
// How many months the story has.
inline constexpr int kMonths = 24;

// A day in the story: months from 0, days from 1. Some minutes past the hour are thrown.
struct When {
  int month;
  int day;
  int hour = 9;
};

struct Step {
  absl::Time time;
  int month;
  Person who;
  std::string method;    // "DecideDecision"
  std::string resource;  // "decisions/go-live"; "relationship" for the relationship itself, "activities/2026-03".
  std::function<grpc::Status(Desk&)> send;
  int items = 1;  // How many things the resource stands for: a batch is many.
};

class Agenda {
 public:
  // `start`: when the relationship was established.
  Agenda(std::string relationship_id, uint64_t seed, absl::Time start);

  // "relationships/acme-globex"
  const std::string& root() const { return root_; }
  // "relationships/acme-globex/decisions/go-live"
  std::string Name(std::string_view resource) const { return root_ + "/" + std::string(resource); }
  absl::Time TimeOf(const When& when) const;
  // The first day of a month of the story, and its name: "2026-03".
  absl::CivilDay FirstDay(int month) const { return absl::CivilDay(first_month_ + month); }
  std::string Month(int month) const;
  Dice Throw(std::string_view what_for) const { return Dice(seed_, what_for); }

  // `who` calls `method` about a resource. The request gets an id that follows from the seed and from how many requests
  // about that resource came before it.
  template <class Stub, class Request, class Response>
  void Add(const When& when, const Person& who,
           grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const std::string& resource,
           Request request, int items = 1) {
    request.set_request_id(NextRequestId(resource));
    std::string name = Request::descriptor()->name();
    name.resize(name.size() - std::string_view("Request").size());
    steps_.push_back({TimeOf(when), when.month, who, std::move(name), resource,
                      [who, method, request = std::move(request)](Desk& desk) {
                        Response response;
                        return desk.Call(who, method, request, &response);
                      },
                      items});
  }

  // Everything, in order of time; at the same time, in the order in which it was added.
  std::vector<Step> InOrder() const;

 private:
  std::string NextRequestId(const std::string& resource);

  const std::string root_;
  const uint64_t seed_;
  const absl::Time start_;
  const absl::CivilMonth first_month_;
  std::map<std::string, int> requests_;  // How many there are about each resource.
  std::vector<Step> steps_;
};

// The id of the n-th request about a resource, from 1.
std::string RequestId(uint64_t seed, std::string_view resource, int n);

google::type::Money Eur(int64_t units);

}  // namespace parley::demo
