// What a decider decides.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace parley {

// An event about to be recorded.
struct NewEvent {
  std::string stream;
  std::shared_ptr<const google::protobuf::Message> event;
  // Sequence of the entry it follows from.
  std::optional<uint64_t> caused_by;
};

// Events of one command, in order, recorded together or not at all. Empty: the command changes nothing.
class Events {
 public:
  // `role`: the role that gave the right; stands in every record.
  explicit Events(std::string role = {}) : role_(std::move(role)) {}

  template <class E>
  Events& Emit(std::string stream, E event) & {
    list_.push_back({std::move(stream), std::make_shared<const E>(std::move(event)), std::nullopt});
    return *this;
  }
  template <class E>
  Events&& Emit(std::string stream, E event) && {
    static_cast<Events&>(*this).Emit(std::move(stream), std::move(event));
    return std::move(*this);
  }

  const std::string& role() const { return role_; }
  const std::vector<NewEvent>& list() const { return list_; }
  bool empty() const { return list_.empty(); }

 private:
  std::string role_;
  std::vector<NewEvent> list_;
};

}  // namespace parley
