// A time-stamp authority over HTTP, as a process of its own: timestamp_authority.mjs, which says what it answers at which path.
#pragma once

#include <cstdio>
#include <string>

#include "tests/support/scratch_dir.h"

namespace parley::test {

// Whether the tools that it is made of are there: node, openssl.
bool HasTimestampTools();

class TestTimestampAuthority {
 public:
  // Listens when this returns.
  TestTimestampAuthority();
  // Ends it.
  ~TestTimestampAuthority();
  TestTimestampAuthority(const TestTimestampAuthority&) = delete;

  // "http://127.0.0.1:<port>" and a path of its own, from "/" on. Port 0: it did not start.
  std::string Url(const std::string& path = "/") const;
  // What to trust.
  std::string CaPem() const;

 private:
  ScratchDir dir_;
  std::FILE* process_ = nullptr;
  int port_ = 0;
};

}  // namespace parley::test
