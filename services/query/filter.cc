#include "services/query/filter.h"

#include <array>
#include <optional>

#include "eventstore/base/status.h"

namespace parley {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;

constexpr size_t kMaxFilterBytes = 4096;
constexpr size_t kMaxTerms = 32;
constexpr size_t kMaxOrderFields = 8;

absl::Status Invalid(std::string_view field, std::string_view why) {
  return Reject(v1::REASON_FILTER_INVALID, std::string(field) + ": " + std::string(why)).Field(field, why);
}

bool IsPathCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

}  // namespace

class FilterParser {
 public:
  FilterParser(std::string_view text, const Descriptor* resource) : rest_(text), resource_(resource) {}

  absl::StatusOr<Filter> Run() {
    Filter filter;
    SkipSpace();
    if (rest_.empty()) return filter;
    while (true) {
      PARLEY_ASSIGN_OR_RETURN(Filter::Term term, ParseTerm());
      filter.terms_.push_back(std::move(term));
      if (filter.terms_.size() > kMaxTerms) return Invalid("filter", "more than 32 terms");
      SkipSpace();
      if (rest_.empty()) return filter;
      const std::string word = TakeWhile(IsPathCharacter);
      if (word != "AND") return Invalid("filter", "expected AND before \"" + word + std::string(rest_) + "\"");
    }
  }

 private:
  struct Spelling {
    std::string_view text;
    Filter::Operator op;
  };

  void SkipSpace() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' || rest_.front() == '\n')) {
      rest_.remove_prefix(1);
    }
  }

  template <class Predicate>
  std::string TakeWhile(Predicate predicate) {
    size_t n = 0;
    while (n < rest_.size() && predicate(rest_[n])) ++n;
    const std::string out(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return out;
  }

  absl::StatusOr<Filter::Term> ParseTerm() {
    SkipSpace();
    const std::string text = TakeWhile(IsPathCharacter);
    if (text.empty()) return Invalid("filter", "expected a field " + Place());
    if (text == "NOT" || text == "OR" || text == "AND") return Invalid("filter", "expected a field, not " + text);
    const auto path = FieldPath::Parse(text, resource_);
    if (!path.ok()) return Invalid("filter", std::string(path.status().message()));
    SkipSpace();
    const std::optional<Filter::Operator> op = TakeOperator();
    if (!op) return Invalid("filter", "expected one of = != < <= > >= : after \"" + text + "\"");
    SkipSpace();
    const bool quoted = !rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'');
    PARLEY_ASSIGN_OR_RETURN(const std::string literal, quoted ? TakeQuoted() : TakeBare());
    if (*op == Filter::Operator::kHas && !quoted && literal == "*") {
      return Filter::Term{*path, Filter::Operator::kIsSet, ""};
    }
    if (path->repeated() && *op != Filter::Operator::kHas) {
      return Invalid("filter", "\"" + text + "\" has several values: ask with \":\"");
    }
    auto value = path->ParseLiteral(literal);
    if (!value.ok()) return Invalid("filter", std::string(value.status().message()));
    return Filter::Term{*path, *op, *std::move(value)};
  }

  std::optional<Filter::Operator> TakeOperator() {
    static constexpr std::array<Spelling, 7> kSpellings{{{"!=", Filter::Operator::kNotEqual},
                                                         {"<=", Filter::Operator::kLessOrEqual},
                                                         {">=", Filter::Operator::kGreaterOrEqual},
                                                         {"=", Filter::Operator::kEqual},
                                                         {"<", Filter::Operator::kLess},
                                                         {">", Filter::Operator::kGreater},
                                                         {":", Filter::Operator::kHas}}};
    for (const Spelling& spelling : kSpellings) {
      if (!rest_.starts_with(spelling.text)) continue;
      rest_.remove_prefix(spelling.text.size());
      return spelling.op;
    }
    return std::nullopt;
  }

  absl::StatusOr<std::string> TakeQuoted() {
    const char quote = rest_.front();
    std::string out;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == quote) {
        rest_.remove_prefix(i + 1);
        return out;
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) break;
      out.push_back(rest_[i]);
    }
    return Invalid("filter", "a quote is not closed");
  }

  absl::StatusOr<std::string> TakeBare() {
    const std::string out = TakeWhile([](char c) {
      return c != ' ' && c != '\t' && c != '\n' && c != '(' && c != ')' && c != '"' && c != '\'' && c != ',';
    });
    if (out.empty()) return Invalid("filter", "expected a value " + Place());
    return out;
  }

  std::string Place() const { return rest_.empty() ? "at the end" : "before \"" + std::string(rest_) + "\""; }

  std::string_view rest_;
  const Descriptor* resource_;
};

absl::StatusOr<Filter> Filter::Parse(std::string_view text, const Descriptor* resource) {
  if (text.size() > kMaxFilterBytes) return Invalid("filter", "longer than 4096 bytes");
  return FilterParser(text, resource).Run();
}

bool Filter::Matches(const Term& term, const Message& resource) {
  if (term.op == Operator::kIsSet) return term.path.IsSet(resource);
  const auto equal = [&](const std::string& value) { return value == term.value; };
  if (term.op == Operator::kNotEqual) return !term.path.Any(resource, equal);
  return term.path.Any(resource, [&](const std::string& value) {
    const int order = value.compare(term.value);
    switch (term.op) {
      case Operator::kEqual:
      case Operator::kHas:
        return order == 0;
      case Operator::kLess:
        return order < 0;
      case Operator::kLessOrEqual:
        return order <= 0;
      case Operator::kGreater:
        return order > 0;
      case Operator::kGreaterOrEqual:
        return order >= 0;
      case Operator::kNotEqual:
      case Operator::kIsSet:
        break;  // Answered above.
    }
    return false;
  });
}

bool Filter::Matches(const Message& resource) const {
  for (const Term& term : terms_) {
    if (!Matches(term, resource)) return false;
  }
  return true;
}

absl::StatusOr<OrderBy> OrderBy::Parse(std::string_view text, const Descriptor* resource) {
  OrderBy order;
  std::vector<std::string> words;
  const auto finish = [&]() -> absl::Status {
    if (words.empty()) return Invalid("order_by", "a field is missing");
    const bool descending = words.size() == 2 && words[1] == "desc";
    if (words.size() > 2 || (words.size() == 2 && !descending)) {
      return Invalid("order_by", "expected \"field\" or \"field desc\"");
    }
    const auto path = FieldPath::Parse(words[0], resource);
    if (!path.ok()) return Invalid("order_by", std::string(path.status().message()));
    if (path->repeated() || !path->comparable()) {
      return Invalid("order_by", "\"" + words[0] + "\" has no single value to order by");
    }
    order.fields_.push_back({*path, descending});
    if (order.fields_.size() > kMaxOrderFields) return Invalid("order_by", "more than 8 fields");
    words.clear();
    return absl::OkStatus();
  };
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::exchange(word, ""));
  };
  if (text.find_first_not_of(" \t") == std::string_view::npos) return order;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == ',') {
      end_word();
      if (c == ',') PARLEY_RETURN_IF_ERROR(finish());
    } else {
      word.push_back(c);
    }
  }
  end_word();
  PARLEY_RETURN_IF_ERROR(finish());
  const bool by_name = order.fields_.size() == 1 && !order.fields_[0].descending &&
                       order.fields_[0].path.leaf()->containing_type() == resource &&
                       order.fields_[0].path.leaf()->number() == 1;
  if (by_name) order.fields_.clear();
  return order;
}

std::string OrderBy::KeyOf(const Message& resource) const {
  std::string key;
  for (const Field& field : fields_) {
    std::string part(1, '\0');  // Unset.
    field.path.Any(resource, [&](const std::string& value) {
      part = "\x01";
      // Ends with two bytes that come before whatever a longer value goes on with.
      for (const char c : value) {
        part.push_back(c);
        if (c == '\0') part.push_back('\xff');
      }
      part.append(std::string_view("\0\1", 2));
      return true;
    });
    if (field.descending) {
      for (char& c : part) c = static_cast<char>(~c);
    }
    key += part;
  }
  // In every resource, the name is field 1.
  const auto* name = resource.GetDescriptor()->FindFieldByNumber(1);
  return key + resource.GetReflection()->GetString(resource, name);
}

}  // namespace parley
