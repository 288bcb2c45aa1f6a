// filter and order_by, as AIP-160 and AIP-132 have them, as far as design goes: conjunctions of comparisons.
#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/query/field_path.h"

namespace parley {

// term { "AND" term }, where term is
//   path = literal, and likewise != < <= > >=    a field that is not set compares with nothing, but differs (!=) from
//   all path : literal                               some value of the (repeated) field equals the literal path : * the
//   field is set, or not empty
// A literal is a bare word or a string in quotes, with backslash escapes. Strings compare by bytes, enums by number.
// Matching has no side effects; a Filter is immutable.
class Filter {
 public:
  // FILTER_INVALID where `text` is not such a filter over fields of `resource`. An empty filter matches everything.
  static absl::StatusOr<Filter> Parse(std::string_view text, const google::protobuf::Descriptor* resource);

  bool Matches(const google::protobuf::Message& resource) const;

 private:
  enum class Operator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kHas, kIsSet };
  struct Term {
    FieldPath path;
    Operator op;
    std::string value;
  };
  friend class FilterParser;
  static bool Matches(const Term& term, const google::protobuf::Message& resource);

  std::vector<Term> terms_;
};

// "field" or "field desc", several with commas between them; the resource's name breaks ties.
class OrderBy {
 public:
  // FILTER_INVALID where `text` is not such an order over singular fields of `resource`. Empty: by name.
  static absl::StatusOr<OrderBy> Parse(std::string_view text, const google::protobuf::Descriptor* resource);

  // Nothing but the name, ascending.
  bool by_name_only() const { return fields_.empty(); }
  // Bytes that compare as the resources are ordered. Never the same for two resources; never empty. Unset fields come
  // first.
  std::string KeyOf(const google::protobuf::Message& resource) const;

 private:
  struct Field {
    FieldPath path;
    bool descending = false;
  };
  std::vector<Field> fields_;
};

}  // namespace parley
