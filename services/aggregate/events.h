// What a decider decides.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace parley {

// An event about to be recorded.
struct NewEvent {
  std::string stream;
  std::shared_ptr<const google::protobuf::Message> event;
  // Sequence of the entry it follows from.
  std::optional<uint64_t> caused_by = {};
  // Where the event has a time of its own (an activity in a batch); otherwise the command's.
  std::optional<absl::Time> effective_at = {};
};

// Events of one command, in order, recorded together or not at all. Empty: the command changes nothing.
class Events {
 public:
  // `role`: the role that gave the right; stands in every record.
  explicit Events(std::string role = {}) : role_(std::move(role)) {}

  template <class E>
  Events& Emit(std::string stream, E event) & {
    list_.push_back({std::move(stream), std::make_shared<const E>(std::move(event))});
    return *this;
  }
  template <class E>
  Events&& Emit(std::string stream, E event) && {
    static_cast<Events&>(*this).Emit(std::move(stream), std::move(event));
    return std::move(*this);
  }

  // For what Emit has no words for.
  Events& Add(NewEvent event) {
    list_.push_back(std::move(event));
    return *this;
  }

  const std::string& role() const { return role_; }
  const std::vector<NewEvent>& list() const { return list_; }
  bool empty() const { return list_.empty(); }

 private:
  std::string role_;
  std::vector<NewEvent> list_;
};

}  // namespace parley
