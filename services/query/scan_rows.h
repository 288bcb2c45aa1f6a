// Reading ranges of rows as messages.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "eventstore/base/ids.h"
#include "projections/read_view.h"

namespace parley {

// Where rows go whose key starts with `prefix`, each an M.
template <class M>
struct RowsInto {
  std::string_view prefix;
  std::vector<M>& rows;
};

// Every row of those kinds, in key order; no prefix begins another. In one pass, so that they had better lie together: what lies between
// them is read, too.
// PROJECTION_STOPPED where the model stopped following the ledger.
template <class... M>
absl::Status ScanRows(ReadView& view, const std::string& model, const LedgerId& ledger, RowsInto<M>... kinds) {
  if (absl::Status followed = view.RequireFollowed(model, ledger); !followed.ok()) return followed;
  bool parsed = true;
  const auto visit = [&](std::string_view key, std::string_view value) {
    const auto take = [&](const auto& kind) {
      if (!key.starts_with(kind.prefix)) return true;
      return kind.rows.emplace_back().ParseFromArray(value.data(), static_cast<int>(value.size()));
    };
    parsed = (take(kinds) && ...);
    return parsed;
  };
  const absl::Status status = view.Scan(model, ledger, std::min({kinds.prefix...}), std::max({kinds.prefix...}), visit);
  if (!status.ok()) return status;
  return parsed ? absl::OkStatus() : absl::DataLossError("a row of the read store does not parse");
}

}  // namespace parley
