// Typed identifiers. Two ids of different kinds never convert into each other.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace parley {

// A string that names one kind of thing. Explicit in and out.
template <class Tag>
class StringId {
 public:
  StringId() = default;
  explicit StringId(std::string_view value) : value_(value) {}
  const std::string& str() const { return value_; }
  bool empty() const { return value_.empty(); }
  auto operator<=>(const StringId&) const = default;

  template <class H>
  friend H AbslHashValue(H h, const StringId& id) {
    return H::combine(std::move(h), id.value_);
  }

 private:
  std::string value_;
};

// A relationship's id: "acme" in relationships/acme. One relationship is one ledger.
using LedgerId = StringId<struct LedgerTag>;

// Which of a log's shards. A ledger lives in one shard for good.
enum class ShardId : uint32_t {};

// Where an entry stands in its shard: dense, from 0, in commit order. Nothing orders positions of different shards.
struct Position {
  ShardId shard{0};
  uint64_t offset = 0;
  auto operator<=>(const Position&) const = default;
};

}  // namespace parley
