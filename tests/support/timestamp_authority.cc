#include "tests/support/timestamp_authority.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace parley::test {

bool HasTimestampTools() {
  return std::system("node --version >/dev/null 2>&1") == 0 && std::system("openssl version >/dev/null 2>&1") == 0;
}

TestTimestampAuthority::TestTimestampAuthority() {
  // The shell opens the pipe for the authority, so that reading it ends also where that does not start.
  const std::string port = dir_ / "port";
  if (::mkfifo(port.c_str(), 0600) != 0) return;
  const std::string script = std::string(PARLEY_SOURCE_DIR) + "/tests/support/timestamp_authority.mjs";
  process_ = ::popen(("exec node '" + script + "' '" + dir_.path() + "/tsa' > '" + port + "'").c_str(), "w");
  if (process_ != nullptr) std::ifstream(port) >> port_;
}

TestTimestampAuthority::~TestTimestampAuthority() {
  if (process_ != nullptr) ::pclose(process_);
}

std::string TestTimestampAuthority::Url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::string TestTimestampAuthority::CaPem() const {
  std::ifstream in(dir_ / "tsa/ca.pem", std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace parley::test
