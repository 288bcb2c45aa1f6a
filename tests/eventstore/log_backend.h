// The engines under the contract suite, with a way to damage what they stored.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "eventstore/engine.h"

namespace parley {

// Owns an engine; what was appended outlives Close and Open.
class LogBackend {
 public:
  virtual ~LogBackend() = default;
  virtual Engine& Open() = 0;
  virtual void Close() = 0;
  // Flips a bit of the record that starts at `first`, behind its checksum's back. The engine is closed.
  virtual void FlipBit(Position first) = 0;
  // Puts other bytes in place of that record's, with a checksum that matches. The engine is closed.
  virtual void Replace(Position first, const std::function<std::string(std::string)>& change) = 0;
};

std::unique_ptr<LogBackend> NewMemoryBackend();
std::unique_ptr<LogBackend> NewRocksBackend();

struct BackendParam {
  std::string name;
  std::function<std::unique_ptr<LogBackend>()> make;
};

}  // namespace parley
