// Reading a range of rows as messages.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "eventstore/base/ids.h"
#include "projections/read_view.h"

namespace parley {

// Every row whose key starts with `prefix`, in key order. PROJECTION_STOPPED where the model stopped following the ledger.
template <class M>
absl::StatusOr<std::vector<M>> ScanRows(ReadView& view, const std::string& model, const LedgerId& ledger,
                                        std::string_view prefix) {
  if (absl::Status followed = view.RequireFollowed(model, ledger); !followed.ok()) return followed;
  std::vector<M> out;
  bool parsed = true;
  const absl::Status status = view.Scan(model, ledger, prefix, "", [&](std::string_view, std::string_view value) {
    parsed = out.emplace_back().ParseFromArray(value.data(), static_cast<int>(value.size()));
    return parsed;
  });
  if (!status.ok()) return status;
  if (!parsed) return absl::DataLossError("a row of the read store does not parse");
  return out;
}

}  // namespace parley
