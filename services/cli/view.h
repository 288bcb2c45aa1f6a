// Messages drawn for people: one as keys and values, many as a table.
#pragma once

#include <google/protobuf/message.h>

#include <ostream>
#include <string>
#include <vector>

#include "services/cli/screen.h"
#include "services/cli/table.h"

namespace parley {

// The fields that a table of `type` shows, in order: chosen for the resources that are listed most, otherwise those
// whose values fit a cell.
std::vector<const google::protobuf::FieldDescriptor*> ColumnsOf(const google::protobuf::Descriptor& type);

// Any field in one cell: times to the minute, resource names without "relationships/", lists joined or counted.
Cell CellOf(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field);

// One message: set fields as keys and values, what is nested indented below, lists of messages as tables.
void PrintMessage(std::ostream& out, const Screen& screen, const google::protobuf::Message& message, int indent = 0);

// The messages of a repeated field as a table; nothing where there are none.
void PrintRows(std::ostream& out, const Screen& screen, const google::protobuf::Message& message,
               const google::protobuf::FieldDescriptor& rows, int indent = 0);

// The same where the messages do not fit a table: one after another.
void PrintList(std::ostream& out, const Screen& screen, const google::protobuf::Message& message,
               const google::protobuf::FieldDescriptor& list, int indent = 0);

// As JSON, with the fields named as in the .proto files.
std::string ToJson(const google::protobuf::Message& message);
// The same on one line, for streams of messages.
std::string ToJsonLine(const google::protobuf::Message& message);

}  // namespace parley
