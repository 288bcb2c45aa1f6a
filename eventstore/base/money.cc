#include "eventstore/base/money.h"

#include <algorithm>

namespace parley {
namespace {

constexpr int64_t kNanos = 1'000'000'000;

}  // namespace

bool IsValidMoney(const google::type::Money& money) {
  const auto& currency = money.currency_code();
  if (currency.size() != 3 ||
      !std::all_of(currency.begin(), currency.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return false;
  }
  if (money.nanos() <= -kNanos || money.nanos() >= kNanos) return false;
  return (money.units() >= 0 && money.nanos() >= 0) || (money.units() <= 0 && money.nanos() <= 0);
}

bool IsZero(const google::type::Money& money) { return money.units() == 0 && money.nanos() == 0; }

bool IsNegative(const google::type::Money& money) { return money.units() < 0 || money.nanos() < 0; }

int CompareMoney(const google::type::Money& a, const google::type::Money& b) {
  if (a.units() != b.units()) return a.units() < b.units() ? -1 : 1;
  if (a.nanos() != b.nanos()) return a.nanos() < b.nanos() ? -1 : 1;
  return 0;
}

std::optional<google::type::Money> AddMoney(const google::type::Money& a, const google::type::Money& b) {
  if (a.currency_code().empty()) return b;
  if (b.currency_code().empty()) return a;
  if (a.currency_code() != b.currency_code()) return std::nullopt;
  int64_t units = 0;
  if (__builtin_add_overflow(a.units(), b.units(), &units)) return std::nullopt;
  int64_t nanos = int64_t{a.nanos()} + b.nanos();
  int64_t carry = nanos / kNanos;
  nanos %= kNanos;
  if (__builtin_add_overflow(units, carry, &units)) return std::nullopt;
  if (units > 0 && nanos < 0) {
    units -= 1;
    nanos += kNanos;
  } else if (units < 0 && nanos > 0) {
    units += 1;
    nanos -= kNanos;
  }
  google::type::Money sum;
  sum.set_currency_code(a.currency_code());
  sum.set_units(units);
  sum.set_nanos(static_cast<int32_t>(nanos));
  return sum;
}

}  // namespace parley
