#include "services/import/decimal.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace parley {
namespace {

constexpr int kNanoDigits = 9;
constexpr int kMaxExponent = 1000;

std::string_view TakeDigits(std::string_view& text) {
  size_t n = 0;
  while (n < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[n]))) ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

}  // namespace

std::optional<Decimal> ParseDecimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::string digits(TakeDigits(text));
  if (digits.empty()) return std::nullopt;
  int point = static_cast<int>(std::min<size_t>(digits.size(), kMaxExponent * 10));
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::string_view fraction = TakeDigits(text);
    if (fraction.empty()) return std::nullopt;
    digits += fraction;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    const bool down = text.starts_with('-');
    if (down || text.starts_with('+')) text.remove_prefix(1);
    const std::string exponent_digits(TakeDigits(text));
    int exponent = 0;
    if (!absl::SimpleAtoi(exponent_digits, &exponent) || exponent > kMaxExponent) return std::nullopt;
    point += down ? -exponent : exponent;
  }
  if (!text.empty()) return std::nullopt;

  // Leading and trailing zeros say nothing; what remains must fit between 10^18 and 10^-9.
  const size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return Decimal{};
  digits.erase(0, first);
  point -= static_cast<int>(first);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (point > 19 || static_cast<int>(digits.size()) - point > kNanoDigits) return std::nullopt;

  std::string whole = "0", nanos = "0";
  for (int i = 0; i < point; ++i) whole += i < static_cast<int>(digits.size()) ? digits[i] : '0';
  for (int i = 0; i < kNanoDigits; ++i) {
    const int at = point + i;
    nanos += at >= 0 && at < static_cast<int>(digits.size()) ? digits[at] : '0';
  }
  Decimal value;
  // The sign goes first, so that the lowest int64 is read too.
  if (!absl::SimpleAtoi((negative ? "-" : "") + whole, &value.units)) return std::nullopt;
  if (!absl::SimpleAtoi((negative ? "-" : "") + nanos, &value.nanos)) return std::nullopt;
  return value;
}

}  // namespace parley
