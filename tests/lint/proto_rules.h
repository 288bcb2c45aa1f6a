// What every proto of ours keeps to, beyond what buf checks.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/source.h"

namespace parley::lint {

struct ProtoField {
  std::string type;  // As written; "repeated " and "optional " included.
  std::string name;
  int number = 0;
};
struct ProtoRpc {
  std::string name;
  std::string request;
  std::string response;
  int line = 0;
};
struct ProtoMessage {
  std::string path;
  int line = 0;
  std::vector<ProtoField> fields;

  const ProtoField* Numbered(int number) const;
  const ProtoField* Named(std::string_view name) const;
};
// Messages by name; nested ones as "Outer.Inner".
struct ProtoFiles {
  std::map<std::string, ProtoMessage> messages;
  std::vector<std::pair<std::string, ProtoRpc>> rpcs;  // With the path of their file.
};

// Reads the declarations of protos that are laid out as ours are: one field, message head or rpc a line.
ProtoFiles ReadProtos(const std::vector<const SourceFile*>& files);

// Resources begin with name, etag, create_time, update_time; commands carry fields 11 to 15 and answer with a token;
// queries take one; no maps and no floating point anywhere.
std::vector<Finding> CheckProtos(const std::vector<const SourceFile*>& files);

}  // namespace parley::lint
