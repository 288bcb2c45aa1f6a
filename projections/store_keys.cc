#include "projections/store_keys.h"

#include "eventstore/kv_store.h"

namespace parley::store_keys {

std::string Meta(std::string_view name) { return "m" + std::string(name); }

std::string Catalog(std::string_view projection) { return "g" + std::string(projection); }

std::string Space(char space, uint64_t generation) {
  std::string key(1, space);
  AppendOrdered(key, generation);
  return key;
}

std::string Checkpoint(uint64_t generation, ShardId shard, uint32_t partition) {
  std::string key = Space('c', generation);
  AppendOrdered(key, static_cast<uint32_t>(shard));
  AppendOrdered(key, partition);
  return key;
}

std::string High(ShardId shard, uint32_t partition) {
  std::string key(1, 'h');
  AppendOrdered(key, static_cast<uint32_t>(shard));
  AppendOrdered(key, partition);
  return key;
}

std::string Applied(uint64_t generation, std::string_view ledger) { return Space('a', generation).append(ledger); }

std::string Quarantine(uint64_t generation, std::string_view ledger) { return Space('q', generation).append(ledger); }

std::string Row(uint64_t generation, std::string_view ledger, std::string_view key) {
  std::string out = Space('r', generation);
  out.reserve(out.size() + ledger.size() + 1 + key.size());
  out.append(ledger).push_back('\0');
  return out.append(key);
}

std::string Index(uint64_t generation, std::string_view key, std::string_view ledger) {
  std::string out = Space('x', generation).append(key);
  out.push_back('\0');
  return out.append(ledger);
}

}  // namespace parley::store_keys
