// The keys of the read store. A generation is one set of rows of one projection (read_store.proto); numbers are unique
// in the store and stand in keys as 8 bytes, big-endian, so that a generation's rows are removed by ranges.
//
//   'm' name                             the store itself: "incarnation", "partitions", "generation" (the last number)
//   'g' projection                       ProjectionCatalog: its generations, and which one is live
//   'c' generation shard partition       the next offset to fold in (8 bytes, as are shard and partition)
//   'h' shard partition                  the offset that no row of the partition's ledgers goes beyond (8 bytes each)
//   'a' generation ledger                the next sequence of that ledger to fold in (8 bytes)
//   'q' generation ledger                ProjectionQuarantine: that ledger stopped there
//   'r' generation ledger NUL key        a row
//   'x' generation key NUL ledger        the ledger is indexed under the key; no value
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventstore/base/ids.h"

namespace parley::store_keys {

// 'c', 'a', 'q', 'r' and 'x': everything that belongs to one generation.
inline constexpr std::string_view kGenerationSpaces = "caqrx";

std::string Meta(std::string_view name);
std::string Catalog(std::string_view projection);
std::string Checkpoint(uint64_t generation, ShardId shard, uint32_t partition);
std::string High(ShardId shard, uint32_t partition);
std::string Applied(uint64_t generation, std::string_view ledger);
std::string Quarantine(uint64_t generation, std::string_view ledger);
std::string Row(uint64_t generation, std::string_view ledger, std::string_view key);
std::string Index(uint64_t generation, std::string_view key, std::string_view ledger);
// What all keys of a generation in one of its spaces begin with.
std::string Space(char space, uint64_t generation);

}  // namespace parley::store_keys
