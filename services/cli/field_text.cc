#include "services/cli/field_text.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "eventstore/base/proto_util.h"
#include "services/cli/api.h"
#include "services/cli/text.h"

namespace parley {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr char kTimestamp[] = "google.protobuf.Timestamp";
constexpr char kDuration[] = "google.protobuf.Duration";
constexpr char kMoney[] = "google.type.Money";
constexpr char kFraction[] = "parley.v1.Fraction";

absl::Status Misread(std::string_view text, std::string_view wanted) {
  return absl::InvalidArgumentError("\"" + std::string(text) + "\" is not " + std::string(wanted));
}

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

int64_t Int64Of(const Message& message, const char* name) {
  return message.GetReflection()->GetInt64(message, Field(message, name));
}

int32_t NanosOf(const Message& message) { return message.GetReflection()->GetInt32(message, Field(message, "nanos")); }

void SetSeconds(Message* message, const char* seconds, int64_t value, int32_t nanos) {
  message->GetReflection()->SetInt64(message, Field(*message, seconds), value);
  message->GetReflection()->SetInt32(message, Field(*message, "nanos"), nanos);
}

absl::Status ParseTimestamp(std::string_view text, Message* out) {
  absl::Time time;
  std::string error;
  const std::string copy(text);
  if (!absl::ParseTime(absl::RFC3339_full, copy, &time, &error) && !absl::ParseTime("%Y-%m-%d", copy, &time, &error)) {
    return Misread(text, "a time like 2026-03-05T09:30:00Z or a date like 2026-03-05");
  }
  const auto proto = ToProto(time);
  SetSeconds(out, "seconds", proto.seconds(), proto.nanos());
  return absl::OkStatus();
}

absl::Duration UnitOf(char letter) {
  switch (letter) {
    case 'w':
      return absl::Hours(24 * 7);
    case 'd':
      return absl::Hours(24);
    case 'h':
      return absl::Hours(1);
    case 'm':
      return absl::Minutes(1);
    case 's':
      return absl::Seconds(1);
    default:
      return absl::ZeroDuration();
  }
}

absl::Status ParseDuration(std::string_view text, Message* out) {
  auto duration = ParseDurationText(text);
  if (!duration.ok()) return duration.status();
  SetSeconds(out, "seconds", absl::ToInt64Seconds(*duration), 0);
  return absl::OkStatus();
}

absl::Status ParseMoney(std::string_view text, Message* out) {
  const auto misread = [text] { return Misread(text, "an amount like \"GBP 1200.50\""); };
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() < 4 || !std::all_of(text.begin(), text.begin() + 3, upper)) return misread();
  const std::string currency(text.substr(0, 3));
  std::string number(text.substr(3));
  number.erase(0, std::min(number.find_first_not_of(' '), number.size()));
  const bool negative = number.starts_with("-");
  if (negative) number.erase(0, 1);
  const size_t point = std::min(number.find('.'), number.size());
  const std::string whole = number.substr(0, point);
  std::string fraction = point < number.size() ? number.substr(point + 1) : "";
  const auto digits = [](const std::string& s) { return s.find_first_not_of("0123456789") == std::string::npos; };
  int64_t units = 0;
  if (whole.empty() || !digits(whole) || !digits(fraction) || fraction.size() > 9 || number.ends_with(".") ||
      !absl::SimpleAtoi(whole, &units)) {
    return misread();
  }
  fraction.resize(9, '0');
  int32_t nanos = 0;
  if (!absl::SimpleAtoi(fraction, &nanos)) return misread();
  out->GetReflection()->SetString(out, Field(*out, "currency_code"), currency);
  SetSeconds(out, "units", negative ? -units : units, negative ? -nanos : nanos);
  return absl::OkStatus();
}

absl::Status ParseFraction(std::string_view text, Message* out) {
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), '/');
  int64_t numerator = 0, denominator = 0;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &numerator) || !absl::SimpleAtoi(parts[1], &denominator)) {
    return Misread(text, "a fraction like 97/100");
  }
  out->GetReflection()->SetInt64(out, Field(*out, "numerator"), numerator);
  out->GetReflection()->SetInt64(out, Field(*out, "denominator"), denominator);
  return absl::OkStatus();
}

std::string DurationText(int64_t seconds) {
  if (seconds == 0) return "0s";
  std::string out = seconds < 0 ? "-" : "";
  uint64_t left = seconds < 0 ? 0 - static_cast<uint64_t>(seconds) : static_cast<uint64_t>(seconds);
  static constexpr std::pair<uint64_t, char> kUnits[] = {{86'400, 'd'}, {3'600, 'h'}, {60, 'm'}, {1, 's'}};
  for (const auto& [unit, letter] : kUnits) {
    if (left >= unit) out += std::to_string(left / unit) + letter;
    left %= unit;
  }
  return out;
}

std::string MoneyText(const Message& money) {
  std::string currency = money.GetReflection()->GetString(money, Field(money, "currency_code"));
  const int64_t units = Int64Of(money, "units");
  const int32_t nanos = NanosOf(money);
  std::string fraction = std::to_string(nanos < 0 ? -static_cast<int64_t>(nanos) : nanos);
  fraction.insert(0, 9 - std::min<size_t>(9, fraction.size()), '0');
  while (fraction.size() > 2 && fraction.ends_with("0")) fraction.pop_back();
  std::string whole = std::to_string(units);
  if (units == 0 && nanos < 0) whole = "-0";
  return currency + " " + whole + "." + fraction;
}

absl::Time TimeOf(const Message& timestamp) {
  return absl::FromUnixSeconds(Int64Of(timestamp, "seconds")) + absl::Nanoseconds(NanosOf(timestamp));
}

absl::Status ParseEnum(std::string_view text, const FieldDescriptor* field, int* number) {
  const std::string wanted = KebabCase(text);
  std::string choices;
  for (int i = 0; i < field->enum_type()->value_count(); ++i) {
    const auto& value = *field->enum_type()->value(i);
    if (ShortName(value) == wanted || KebabCase(value.name()) == wanted) {
      *number = value.number();
      return absl::OkStatus();
    }
    if (value.number() != 0) choices += (choices.empty() ? "" : ", ") + ShortName(value);
  }
  return Misread(text, "one of " + choices);
}

absl::Status SetScalar(Message* message, const FieldDescriptor* field, std::string_view text) {
  const Reflection& reflection = *message->GetReflection();
  const std::string copy(text);
  const auto set = [&](auto setter, auto adder, auto value) {
    (reflection.*(field->is_repeated() ? adder : setter))(message, field, value);
    return absl::OkStatus();
  };
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      if (field->type() != FieldDescriptor::TYPE_BYTES)
        return set(&Reflection::SetString, &Reflection::AddString, copy);
      const auto hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
      if (copy.size() % 2 != 0 || !std::all_of(copy.begin(), copy.end(), hex)) return Misread(text, "hexadecimal");
      return set(&Reflection::SetString, &Reflection::AddString, absl::HexStringToBytes(copy));
    }
    case FieldDescriptor::CPPTYPE_BOOL: {
      bool value = false;
      if (!absl::SimpleAtob(copy, &value)) return Misread(text, "true or false");
      return set(&Reflection::SetBool, &Reflection::AddBool, value);
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      int32_t value = 0;
      if (!absl::SimpleAtoi(copy, &value)) return Misread(text, "a whole number");
      return set(&Reflection::SetInt32, &Reflection::AddInt32, value);
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      uint32_t value = 0;
      if (!absl::SimpleAtoi(copy, &value)) return Misread(text, "a whole number, not negative");
      return set(&Reflection::SetUInt32, &Reflection::AddUInt32, value);
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      int64_t value = 0;
      if (!absl::SimpleAtoi(copy, &value)) return Misread(text, "a whole number");
      return set(&Reflection::SetInt64, &Reflection::AddInt64, value);
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      uint64_t value = 0;
      if (!absl::SimpleAtoi(copy, &value)) return Misread(text, "a whole number, not negative");
      return set(&Reflection::SetUInt64, &Reflection::AddUInt64, value);
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      int number = 0;
      if (absl::Status status = ParseEnum(text, field, &number); !status.ok()) return status;
      return set(&Reflection::SetEnumValue, &Reflection::AddEnumValue, number);
    }
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return absl::InvalidArgumentError("give " + field->name() + " as --json");
}

// "option_id=a,description=Stay"
absl::Status SetFromPairs(Message* message, std::string_view text) {
  const std::vector<std::string> pairs = absl::StrSplit(std::string(text), ',');
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    std::string key = pair.substr(0, equals);
    std::replace(key.begin(), key.end(), '-', '_');
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(key);
    if (equals == std::string::npos || field == nullptr) {
      std::string known;
      for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
        known += (i > 0 ? "," : "") + message->GetDescriptor()->field(i)->name() + "=…";
      }
      return Misread(pair, "of the form " + known + " (or give it as JSON: {…})");
    }
    absl::Status status = SetFromText(message, field, pair.substr(equals + 1));
    if (!status.ok()) return absl::InvalidArgumentError(key + ": " + std::string(status.message()));
  }
  return absl::OkStatus();
}

absl::Status SetMessage(Message* message, std::string_view text) {
  if (text.starts_with("{")) {
    const auto parsed = google::protobuf::util::JsonStringToMessage(std::string(text), message);
    if (!parsed.ok()) return absl::InvalidArgumentError(std::string(parsed.message()));
    return absl::OkStatus();
  }
  const std::string& type = message->GetDescriptor()->full_name();
  if (type == kTimestamp) return ParseTimestamp(text, message);
  if (type == kDuration) return ParseDuration(text, message);
  if (type == kMoney) return ParseMoney(text, message);
  if (type == kFraction) return ParseFraction(text, message);
  return SetFromPairs(message, text);
}

}  // namespace

// absl's units end at hours; days and weeks are of 24 hours and of 7 days here.
absl::StatusOr<absl::Duration> ParseDurationText(std::string_view text) {
  absl::Duration total;
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    int64_t number = 0;
    if (digits == rest.size() || !absl::SimpleAtoi(std::string(rest.substr(0, digits)), &number)) break;
    const absl::Duration unit = UnitOf(rest[digits]);
    if (unit == absl::ZeroDuration()) break;
    total += unit * number;
    rest.remove_prefix(digits + 1);
  }
  if (text.empty() || !rest.empty() || total > absl::Hours(24 * 3'650'000)) {
    return Misread(text, "a duration like 36h, 30d or 1d12h");
  }
  return total;
}

bool HasTextForm(const Descriptor& type) {
  const std::string& name = type.full_name();
  return name == kTimestamp || name == kDuration || name == kMoney || name == kFraction;
}

std::string TypeHint(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? "HEX" : "TEXT";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "";
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "NUMBER";
    case FieldDescriptor::CPPTYPE_ENUM: {
      std::string out;
      for (int i = 0; i < field.enum_type()->value_count(); ++i) {
        const auto& value = *field.enum_type()->value(i);
        if (value.number() != 0) out += (out.empty() ? "" : "|") + ShortName(value);
      }
      return out;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  const std::string& type = field.message_type()->full_name();
  if (type == kTimestamp) return "TIME";
  if (type == kDuration) return "DURATION";
  if (type == kMoney) return "MONEY";
  if (type == kFraction) return "N/D";
  std::string pairs;
  for (int i = 0; i < field.message_type()->field_count(); ++i) {
    const auto& inner = *field.message_type()->field(i);
    if (inner.is_repeated() || (inner.message_type() != nullptr && !HasTextForm(*inner.message_type()))) return "JSON";
    pairs += (i > 0 ? "," : "") + inner.name() + "=…";
  }
  return pairs;
}

absl::Status SetFromText(Message* message, const FieldDescriptor* field, std::string_view text) {
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return SetScalar(message, field, text);
  const Reflection& reflection = *message->GetReflection();
  return SetMessage(
      field->is_repeated() ? reflection.AddMessage(message, field) : reflection.MutableMessage(message, field), text);
}

std::string FieldText(const Message& message, const FieldDescriptor* field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text =
          one ? reflection.GetString(message, field) : reflection.GetRepeatedString(message, field, index);
      return field->type() == FieldDescriptor::TYPE_BYTES ? absl::BytesToHexString(text) : text;
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return (one ? reflection.GetBool(message, field) : reflection.GetRepeatedBool(message, field, index)) ? "yes"
                                                                                                            : "no";
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(one ? reflection.GetInt32(message, field)
                                : reflection.GetRepeatedInt32(message, field, index));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(one ? reflection.GetUInt32(message, field)
                                : reflection.GetRepeatedUInt32(message, field, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(one ? reflection.GetInt64(message, field)
                                : reflection.GetRepeatedInt64(message, field, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(one ? reflection.GetUInt64(message, field)
                                : reflection.GetRepeatedUInt64(message, field, index));
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number =
          one ? reflection.GetEnumValue(message, field) : reflection.GetRepeatedEnumValue(message, field, index);
      const auto* value = field->enum_type()->FindValueByNumber(number);
      return value == nullptr ? std::to_string(number) : ShortName(*value);  // A newer server may know more values.
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (one && !reflection.HasField(message, field)) return "";
      return MessageText(one ? reflection.GetMessage(message, field)
                             : reflection.GetRepeatedMessage(message, field, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return std::to_string(one ? reflection.GetFloat(message, field)
                                : reflection.GetRepeatedFloat(message, field, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return std::to_string(one ? reflection.GetDouble(message, field)
                                : reflection.GetRepeatedDouble(message, field, index));
  }
  return "";
}

std::string MessageText(const Message& message) {
  const std::string& type = message.GetDescriptor()->full_name();
  if (type == kTimestamp) return Rfc3339(TimeOf(message));
  if (type == kDuration) return DurationText(Int64Of(message, "seconds"));
  if (type == kMoney) return MoneyText(message);
  if (type == kFraction) {
    if (Int64Of(message, "denominator") == 0) return "unknown";
    return std::to_string(Int64Of(message, "numerator")) + "/" + std::to_string(Int64Of(message, "denominator"));
  }
  return "";
}

std::string ShortTime(const Message& timestamp) {
  return absl::FormatTime("%Y-%m-%d %H:%M", TimeOf(timestamp), absl::UTCTimeZone());
}

}  // namespace parley
