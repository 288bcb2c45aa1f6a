#include "projections/derived_rows.h"

namespace parley {

void ReplaceRows(Rows& rows, std::string_view prefix, const std::map<std::string, std::string>& wanted) {
  auto missing = wanted;
  rows.Scan(prefix, [&](std::string_view key, std::string_view value) {
    const auto it = missing.find(std::string(key));
    if (it == missing.end()) {
      rows.Delete(key);
    } else if (it->second == value) {
      missing.erase(it);
    }
    return true;
  });
  for (const auto& [key, value] : missing) rows.PutBytes(key, value);
}

}  // namespace parley
