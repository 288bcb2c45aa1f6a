// Exact decimal numbers, from the text they are written in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace parley {

// units + nanos / 1,000,000,000, both of one sign: as google.type.Money has it.
struct Decimal {
  int64_t units = 0;
  int32_t nanos = 0;
  bool operator==(const Decimal&) const = default;
};

// A JSON number ("-12.50", "1.1e7"), exactly. nullopt where `text` is none, or where its value does not fit without
// rounding.
std::optional<Decimal> ParseDecimal(std::string_view text);

}  // namespace parley
