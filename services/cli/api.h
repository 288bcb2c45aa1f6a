// The API as its descriptors tell it: which services there are, what their methods take, and what the comments in the
// .proto files say about it all. Built into the program, comments included, so a new area needs no line here.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <string>
#include <vector>

namespace parley {

// A method of a service, as a word on the command line.
struct Verb {
  std::string name;  // "object-to"
  const google::protobuf::MethodDescriptor* method;
};

// A service, as a word on the command line.
struct Noun {
  std::string name;  // "decisions"
  const google::protobuf::ServiceDescriptor* service;
  std::vector<Verb> verbs;
};

// Thread-safe once made. Messages made by it must not outlive it.
class Api {
 public:
  Api();
  Api(const Api&) = delete;

  // In alphabetical order.
  const std::vector<Noun>& nouns() const { return nouns_; }
  std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor* type) const;
  // Null where there is no such thing.
  const google::protobuf::Descriptor* FindMessage(const std::string& full_name) const;
  const google::protobuf::MethodDescriptor* FindMethod(const std::string& full_name) const;
  const google::protobuf::EnumDescriptor* FindEnum(const std::string& full_name) const;

 private:
  google::protobuf::DescriptorPool pool_;
  mutable google::protobuf::DynamicMessageFactory factory_;
  std::vector<Noun> nouns_;
};

// A comment as it stands in a .proto file, on one line.
std::string Flattened(const std::string& comment);

// The comment on a service, method, message or field, on one line; empty where there is none.
template <class D>
std::string CommentOf(const D* descriptor);

// "DecisionService" -> "decisions" where the service lists its resource, else the bare word: "timeline".
std::string NounOf(const google::protobuf::ServiceDescriptor& service);

// What is left of a method's name without the resource's: "AssessDecisionOutcome" -> "assess-outcome".
std::string VerbOf(const google::protobuf::MethodDescriptor& method);

// True for a method whose request takes a request id: it changes something.
bool IsMutating(const google::protobuf::MethodDescriptor& method);

// "/parley.v1.DecisionService/DecideDecision"
std::string PathOf(const google::protobuf::MethodDescriptor& method);

// A value's name without what all values of its enum begin with: "managed-service".
std::string ShortName(const google::protobuf::EnumValueDescriptor& value);

}  // namespace parley
