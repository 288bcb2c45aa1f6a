// The record of BundleBuilder as it was at its first checkpoint, before anybody was erased, and as it is at its last.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "eventstore/proof/bundle.h"
#include "tests/support/bundle_builder.h"
#include "tests/support/scratch_dir.h"

namespace parley::test {

class TwoBundles : public testing::Test {
 protected:
  static BundleBuilder& Good() {
    static auto* const kGood = new BundleBuilder();
    return *kGood;
  }
  static size_t EarlySize() { return Checkpoint::Parse(Good().notes.front().text())->size; }
  static TestBundle Early(const std::string& reader = "buyer") {
    std::vector<v1::StoredEntry> entries;
    for (const Entry& entry : Good().world().entries()) {
      if (entries.size() < EarlySize()) entries.push_back(entry.stored);
    }
    return MakeBundle(entries, {Good().notes.front()}, reader);
  }
  static TestBundle Late(const std::string& reader = "buyer") { return Good().Bundle(reader); }

  BundleDir Write(const TestBundle& bundle, const std::string& name) {
    bundle.Write(dir_ / name);
    auto dir = BundleDir::Open(dir_ / name);
    EXPECT_TRUE(dir.ok()) << dir.status();
    return *std::move(dir);
  }

  ScratchDir dir_;
};

}  // namespace parley::test
