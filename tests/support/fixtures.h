// Beginnings that many tests share: relationships/acme between `buyer` and `provider`.
//
//   principal  party     role             may
//   bea        buyer     representative   everything
//   bill       buyer     service-manager  contribute
//   brian      buyer     observer         nothing but read
//   pat        provider  representative   everything
//   petra      provider  delivery-lead    contribute
//   otto                                  opened the ledger, and is nobody's
//   ann        adviser   representative   everything (only WithAdviser)
#pragma once

#include <string>
#include <string_view>

#include "parley/v1/relationship.pb.h"
#include "tests/support/world.h"

namespace parley::test {

inline constexpr char kAcme[] = "relationships/acme";
// "decisions/d1" -> "relationships/acme/decisions/d1"; "" -> "relationships/acme".
std::string InAcme(std::string_view rest);

// A request about InAcme(rest), with the fields in `text`.
template <class Request>
Request On(std::string_view rest, std::string_view text = "") {
  Request request = Parse<Request>(text);
  request.set_name(InAcme(rest));
  return request;
}

// Opened by otto; both parties named, neither has accepted.
void Established(World& world);
// Both parties accepted, roles granted; no charter yet.
void Staffed(World& world);
// The charter proposed by bea and signed by both: version 1 binds.
void Chartered(World& world);
// A third party, admitted after the charter bound, accepted by ann. Needs Chartered.
void WithAdviser(World& world);
// A decided decision of class "staffing", for whatever needs one to rest on. Needs Chartered.
void Decided(World& world, std::string_view decision_id);

// The charter that Chartered adopts. Currency EUR; forums steering and operations.
//   class change-request: up to 10,000: bill decides, petra agrees; from there on: petra recommends, bea decides, pat
//   and
//     petra agree; grounds security and cost; override by bea's role; review after 90 days
//   class staffing: petra decides, whatever the amount; no grounds, no override, no review
//   tiers: working-level (5 days), management (10 days, precondition), executive (20 days), expert (30 days)
//   acknowledgement within 3 days, reports within 10 days
v1::Charter StandardCharter();

}  // namespace parley::test
