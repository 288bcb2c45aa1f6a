#include "tests/crash/journal.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/support/server_rpc.h"

namespace parley::test {
namespace {

std::string Describe(const Step& step) {
  return absl::StrCat(step.ledger, " ", step.principal, " ", step.request_id, " (", absl::StrJoin(step.events, ", "),
                      ")");
}

// A refusal after which it is certain that nothing was written, and which says nothing about the ledger.
bool IsTurnedAway(v1::Reason reason) {
  return reason == v1::REASON_LOG_UNAVAILABLE || reason == v1::REASON_DRAINING || reason == v1::REASON_OVERLOADED;
}

// Whether the call broke rather than being answered: the server says its refusals with details.
bool IsBroken(const grpc::Status& status) {
  if (RefusalOf(status) == v1::REASON_OUTCOME_UNKNOWN) return true;
  return status.error_details().empty() && status.error_code() != grpc::StatusCode::UNIMPLEMENTED;
}

// Happens once in a stream, as the load goes.
bool IsUnique(const std::string& event) {
  return event == "decision.proposed" || event == "decision.decided" || event == "dispute.raised" ||
         event == "dispute.resolved" || event == "relationship.established";
}

}  // namespace

// A log, arranged by what claims are about.
struct Journal::Found {
  struct Commit {
    uint64_t first = 0;
    std::vector<std::string> events;
    std::vector<std::string> streams;
  };
  std::map<Key, Commit> commits;
  std::map<Stream, std::map<uint64_t, std::string>> streams;  // Event types by sequence.
  std::map<std::string, uint64_t> length;

  absl::Status Read(const EventLog& log, std::vector<std::string>& wrong);
};

void Journal::Sending(const Step& step) {
  std::lock_guard lock(mu_);
  const auto [it, added] = requests_.try_emplace(KeyOf(step), Request{.step = step});
  if (added && !step.validate_only) order_.push_back(it->first);
}

Outcome Journal::Received(const Step& step, const Reply& reply) {
  std::lock_guard lock(mu_);
  ++replies_;
  replied_.notify_all();
  Request& request = requests_.at(KeyOf(step));
  if (reply.status.ok()) return Acknowledge(request, step, reply);
  if (!IsBroken(reply.status)) return Refuse(request, step, reply);
  if (!step.validate_only) request.may_have_happened = true;
  ++counts_.unknown;
  return Outcome::kUnknown;
}

Outcome Journal::Acknowledge(Request& request, const Step& step, const Reply& reply) {
  const auto token = DecodeToken(reply.token);
  if (!token || token->ledger() != step.ledger) {
    wrong_.push_back(Describe(step) + " was answered without a usable token");
    return Outcome::kAcknowledged;
  }
  uint64_t& length = length_[step.ledger];
  length = std::max(length, token->sequence() + 1);
  if (step.validate_only) {
    ++counts_.validated;
    return Outcome::kAcknowledged;
  }
  if (!request.sequence) {
    request.sequence = token->sequence();
    request.name = reply.name;
    request.etag = reply.etag;
    acknowledged_.push_back(KeyOf(step));
    ++counts_.acknowledged;
    if (step.events.size() > 1) ++counts_.multi_event;
    return Outcome::kAcknowledged;
  }
  ++counts_.repeats;
  if (*request.sequence != token->sequence() || request.etag != reply.etag || request.name != reply.name) {
    wrong_.push_back(absl::StrCat(Describe(step), " was answered as ", request.name, " ", *request.sequence, "/",
                                  request.etag, ", then as ", reply.name, " ", token->sequence(), "/", reply.etag));
  }
  return Outcome::kAcknowledged;
}

Outcome Journal::Refuse(Request& request, const Step& step, const Reply& reply) {
  const v1::Reason reason = RefusalOf(reply.status);
  ++counts_.refused[reason];
  if (IsTurnedAway(reason)) return Outcome::kRefused;
  if (!step.refusals.contains(reason)) {
    wrong_.push_back(absl::StrCat(Describe(step), " was refused: ", v1::Reason_Name(reason), " ",
                                  reply.status.error_code(), " ", reply.status.error_message()));
    return Outcome::kRefused;
  }
  request.turned_down = true;
  const auto about = [&](const char* key) { return MetadataOf(reply.status, key); };
  const bool says_decided = reason == v1::REASON_WRONG_STATE && about("state") == "DECISION_STATE_DECIDED";
  if (reason == v1::REASON_ALREADY_EXISTS || reason == v1::REASON_ETAG_MISMATCH || says_decided) request.refused = true;
  if (reason == v1::REASON_ALREADY_EXISTS) exists_.insert({step.ledger, about("resource")});
  if (says_decided) decided_.insert({step.ledger, step.resource});
  if (reason == v1::REASON_REQUEST_ID_REUSED) used_.insert({step.ledger, step.principal, about("request_id")});
  if (reason == v1::REASON_ETAG_MISMATCH) {
    uint64_t revision = 0;
    if (!absl::SimpleAtoi(about("etag"), &revision)) wrong_.push_back(Describe(step) + " was told no etag");
    revisions_.insert({{step.ledger, step.resource}, revision});
  }
  return Outcome::kRefused;
}

void Journal::AwaitReplies(uint64_t count, absl::Duration patience) {
  std::unique_lock lock(mu_);
  replies_ = 0;
  replied_.wait_for(lock, absl::ToChronoMilliseconds(patience), [&] { return replies_ >= count; });
}

std::vector<Step> Journal::Unsettled() const {
  std::lock_guard lock(mu_);
  std::vector<Step> steps;
  for (const Key& key : order_) {
    const Request& request = requests_.at(key);
    if (request.may_have_happened && !request.sequence && !request.turned_down) steps.push_back(request.step);
  }
  return steps;
}

std::optional<Step> Journal::Earlier(uint64_t back) const {
  std::lock_guard lock(mu_);
  if (back >= order_.size()) return std::nullopt;
  return requests_.at(order_[order_.size() - 1 - back]).step;
}

std::optional<Step> Journal::Acknowledged(uint64_t seed) const {
  std::lock_guard lock(mu_);
  if (acknowledged_.empty()) return std::nullopt;
  return requests_.at(acknowledged_[seed % acknowledged_.size()]).step;
}

void Journal::Wrong(std::string what) {
  std::lock_guard lock(mu_);
  wrong_.push_back(std::move(what));
}

Journal::Counts Journal::counts() const {
  std::lock_guard lock(mu_);
  return counts_;
}

void Journal::CheckRequest(const Key& key, const Request& request, const Found& found,
                           std::vector<std::string>& wrong) const {
  const std::string what = Describe(request.step);
  const auto commit = found.commits.find(key);
  if (commit == found.commits.end()) {
    if (request.sequence) wrong.push_back(what + " was acknowledged and is gone");
    return;
  }
  if (request.refused || (!request.sequence && !request.may_have_happened)) {
    wrong.push_back(what + " is there, and was refused");
  }
  if (commit->second.events != request.step.events) {
    wrong.push_back(absl::StrCat(what, " is not whole: ", absl::StrJoin(commit->second.events, ", ")));
  }
  if (!request.sequence) return;
  const uint64_t last = commit->second.first + commit->second.events.size() - 1;
  if (last != *request.sequence) {
    wrong.push_back(absl::StrCat(what, " was acknowledged up to ", *request.sequence, " and ends at ", last));
  }
  // The etag is the sequence of the resource's own latest entry.
  uint64_t own = 0;
  for (size_t i = 0; i < commit->second.streams.size(); ++i) {
    if (commit->second.streams[i] == request.name) own = commit->second.first + i;
  }
  if (absl::StrCat(own) != request.etag) {
    wrong.push_back(absl::StrCat(what, " was answered with etag ", request.etag, ", and the entry is ", own));
  }
}

absl::Status Journal::Found::Read(const EventLog& log, std::vector<std::string>& wrong) {
  const auto ledgers = log.Ledgers(LedgerId(), 1000);
  if (!ledgers.ok()) return ledgers.status();
  for (const LedgerId& ledger : *ledgers) {
    uint64_t& next = length[ledger.str()];
    std::optional<Key> previous;
    while (true) {
      const auto entries = log.Read(ledger, next, {});
      if (!entries.ok()) return entries.status();
      if (entries->empty()) break;
      for (const Entry& entry : *entries) {
        if (entry.sequence() != next) wrong.push_back(absl::StrCat(ledger.str(), " skips ", next));
        const Key key = {ledger.str(), entry.record.actor(), entry.record.request_id()};
        Commit& commit = commits[key];
        if (commit.events.empty()) commit.first = next;
        if (!commit.events.empty() && previous != key) {
          wrong.push_back(absl::StrCat(ledger.str(), " has ", entry.record.request_id(), " twice"));
        }
        commit.events.push_back(entry.record.event_type());
        commit.streams.push_back(entry.record.stream());
        streams[{ledger.str(), entry.record.stream()}].emplace(next, entry.record.event_type());
        previous = key;
        ++next;
      }
    }
  }
  return absl::OkStatus();
}

void Journal::CheckRefusals(const Found& found, std::vector<std::string>& wrong) const {
  const auto events_of = [&](const Stream& stream) {
    const auto it = found.streams.find(stream);
    return it == found.streams.end() ? std::map<uint64_t, std::string>() : it->second;
  };
  for (const Stream& stream : exists_) {
    if (events_of(stream).empty()) wrong.push_back(stream.second + " was said to exist and does not");
  }
  for (const Stream& stream : decided_) {
    const auto events = events_of(stream);
    if (std::none_of(events.begin(), events.end(), [](const auto& e) { return e.second == "decision.decided"; })) {
      wrong.push_back(stream.second + " was said to be decided and is not");
    }
  }
  for (const auto& [stream, revision] : revisions_) {
    if (!events_of(stream).contains(revision)) {
      wrong.push_back(absl::StrCat(stream.second, " was said to be at ", revision, " and never was"));
    }
  }
  for (const Key& key : used_) {
    if (!found.commits.contains(key)) wrong.push_back(std::get<2>(key) + " was said to be used and is not there");
  }
}

std::vector<std::string> Journal::Check(const EventLog& log) const {
  std::lock_guard lock(mu_);
  std::vector<std::string> wrong = wrong_;
  Found found;
  if (const absl::Status read = found.Read(log, wrong); !read.ok())
    return {"the log cannot be read: " + read.ToString()};
  for (const auto& [key, request] : requests_) CheckRequest(key, request, found, wrong);
  for (const auto& [key, commit] : found.commits) {
    if (!requests_.contains(key)) wrong.push_back(std::get<2>(key) + " is there, and nobody sent it");
  }
  for (const auto& [stream, events] : found.streams) {
    std::set<std::string> seen;
    for (const auto& [sequence, event] : events) {
      if (IsUnique(event) && !seen.insert(event).second) wrong.push_back(stream.second + " has twice " + event);
    }
  }
  for (const auto& [ledger, length] : length_) {
    const auto now = found.length.find(ledger);
    if (now == found.length.end() || now->second < length) {
      wrong.push_back(absl::StrCat(ledger, " had ", length, " entries and has fewer now"));
    }
  }
  CheckRefusals(found, wrong);
  return wrong;
}

}  // namespace parley::test
