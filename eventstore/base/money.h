// Exact money: google.type.Money, compared and added without floating point.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "google/type/money.pb.h"

namespace parley {

// A currency of three capital letters, nanos within a billion and of the sign of units.
bool IsValidMoney(const google::type::Money& money);
bool IsZero(const google::type::Money& money);
bool IsNegative(const google::type::Money& money);
// Less than, equal to or greater than zero as a is to b. Both must be of one currency.
int CompareMoney(const google::type::Money& a, const google::type::Money& b);
// The sum; nullopt on overflow or differing currencies. An unset money (no currency) is zero of any currency.
std::optional<google::type::Money> AddMoney(const google::type::Money& a, const google::type::Money& b);

}  // namespace parley
