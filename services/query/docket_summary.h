// What a docket comes to.
#pragma once

#include <google/protobuf/repeated_ptr_field.h>

#include "parley/v1/docket.pb.h"

namespace parley {

// Over entries whose ages have been computed, in whatever order.
v1::DocketSummary SummariseDocket(const google::protobuf::RepeatedPtrField<v1::DocketEntry>& entries);

}  // namespace parley
