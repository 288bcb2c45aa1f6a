// The rows of one ledger in one generation while entries are folded in: what the store holds, and over it what changed since
// the last batch was written. Rows that are likely to change again stay in memory from batch to batch.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventstore/kv_store.h"
#include "projections/projection.h"
#include "projections/shared_resources.h"

namespace parley {

class LedgerRows final : public Rows {
 public:
  // `store` and `shared`, the ledger's, outlive it; its rows are changed by nobody else.
  LedgerRows(const KvReader& store, uint64_t generation, std::string_view ledger, SharedResources& shared);

  const google::protobuf::Message* FindMessage(std::string_view key, const google::protobuf::Message& type,
                                               Reuse reuse) override;
  google::protobuf::Message& MutableMessage(std::string_view key, const google::protobuf::Message& type,
                                            Reuse reuse) override;
  const google::protobuf::Message& FoldMessage(std::string_view key, const RecordedEvent& event) override;
  google::protobuf::Message& InsertMessage(std::string_view key, const google::protobuf::Message& type,
                                           Reuse reuse) override;
  void PutBytes(std::string_view key, std::string value) override;
  void Delete(std::string_view key) override;
  void Scan(std::string_view prefix,
            const std::function<bool(std::string_view key, std::string_view value)>& visit) override;
  void Index(std::string_view key) override;
  void Unindex(std::string_view key) override;

  // Everything since the last MoveInto is forgotten, failures included.
  void Discard();
  // Moves what changed into `batch`. Once that is written the next batch may begin; were it lost, this would be worthless.
  void MoveInto(KvBatch& batch);

  // Roughly what stays in memory between batches.
  size_t bytes() const { return bytes_; }

 private:
  struct Row {
    std::unique_ptr<google::protobuf::Message> message;  // Where somebody wanted it as one.
    std::shared_ptr<SharedResource> resource;            // Where events are folded into it.
    std::string bytes;                                   // Where it was put as bytes.
    bool there = false;                                  // False: there is no such row, or it was deleted.
    bool changed = false;
    bool touched = false;  // It is in touched_.
    Reuse reuse = Reuse::kUnlikely;
    size_t counted = 0;  // In bytes_.

    const google::protobuf::Message* Message() const { return resource ? resource->message.get() : message.get(); }
  };
  // Keys differ at their ends: looked at from there, most comparisons are of one word. Nobody relies on this order.
  struct EndFirst {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
  };
  using Map = std::map<std::string, Row, EndFirst>;  // By row key.

  std::string StoreKey(std::string_view key) const { return std::string(prefix_).append(key); }
  // The row, read and taken apart where it was not.
  Row& Load(std::string_view key, const google::protobuf::Message& type, Reuse reuse);
  Row& Overwrite(std::string_view key);
  Row& Touch(Map::iterator row);
  void Count(const std::string& key, Row& row, size_t encoded);

  const KvReader& store_;
  SharedResources& shared_;
  const uint64_t generation_;
  const std::string ledger_;
  const std::string prefix_;  // Of its rows' keys in the store.
  Map rows_;
  std::vector<Map::iterator> touched_;  // Rows that were changed, or are new here, since the last batch.
  std::map<std::string, bool> index_;   // By key in the store; false: to be deleted.
  size_t bytes_ = 0;
};

}  // namespace parley
