// Answers of services as they are printed.
#pragma once

#include <google/protobuf/message.h>

#include "services/cli/session.h"

namespace parley {

// The rows of a page: the answer's repeated field. Null where answers of this type are no pages.
const google::protobuf::FieldDescriptor* RowsOf(const google::protobuf::Descriptor& answer);

// Prints to standard output: as JSON where that was asked for, a page as a table, what wraps one resource as that resource with token
// and basis below, anything else field by field.
void PrintAnswer(Session& session, const google::protobuf::Message& answer);

}  // namespace parley
