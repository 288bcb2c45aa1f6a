// Read models folded as plainly as can be: one row map per model, one entry after another.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "eventstore/kv_memory.h"
#include "parley/v1/read_store.pb.h"
#include "projections/projection.h"
#include "projections/store_keys.h"
#include "tests/support/map_rows.h"

namespace parley::test {

// A read model's rows of one ledger, without its index.
class PlainRows final : public MapRows {
 public:
  void Index(std::string_view) override {}
  void Unindex(std::string_view) override {}
};

// Every read model of relationships/acme over the entries that `takes` wants.
inline std::unique_ptr<KvStore> FoldPlainly(const std::vector<Entry>& entries,
                                            const std::function<bool(const Entry&)>& takes) {
  auto store = NewMemoryKvStore();
  KvBatch batch;
  uint64_t number = 0;
  for (const auto& projection : Projections()) {
    PlainRows rows;
    for (const Entry& entry : entries) {
      if (!takes(entry) || entry.joint() != (projection->sees() == Sees::kJoint)) continue;
      EXPECT_TRUE(projection->Apply(*DecodeEvent(entry), rows).ok());
    }
    v1::ProjectionCatalog catalog;
    catalog.add_generations()->set_number(++number);
    catalog.set_live(number);
    batch.Put(store_keys::Catalog(projection->name()), Canonical(catalog));
    for (const auto& [key, value] : rows.rows()) batch.Put(store_keys::Row(number, "acme", key), value);
  }
  EXPECT_TRUE(store->Write(batch).ok());
  return store;
}

}  // namespace parley::test
