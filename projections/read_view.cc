#include "projections/read_view.h"

#include "eventstore/base/hash.h"
#include "eventstore/base/status.h"
#include "projections/store_keys.h"

namespace parley {

absl::StatusOr<const ReadGeneration*> ReadView::Live(const std::string& projection) {
  const ReadGenerations& known = moment_.live != nullptr ? *moment_.live : found_;
  if (const auto it = known.find(projection); it != known.end()) return &it->second;
  if (moment_.live == nullptr) {
    PARLEY_ASSIGN_OR_RETURN(const auto bytes, moment_.rows->Get(store_keys::Catalog(projection)));
    v1::ProjectionCatalog catalog;
    if (bytes && catalog.ParseFromString(*bytes)) {
      for (const v1::ProjectionGeneration& generation : catalog.generations()) {
        if (generation.number() != catalog.live()) continue;
        return &found_.insert({projection, {.row = generation, .followed = nullptr}}).first->second;
      }
    }
  }
  return absl::NotFoundError("no such read model: " + projection);
}

absl::StatusOr<std::optional<std::string>> ReadView::GetBytes(const std::string& projection, const LedgerId& ledger,
                                                              std::string_view key) {
  PARLEY_ASSIGN_OR_RETURN(const ReadGeneration* live, Live(projection));
  return moment_.rows->Get(store_keys::Row(live->row.number(), ledger.str(), key));
}

absl::Status ReadView::Scan(const std::string& projection, const LedgerId& ledger, std::string_view from,
                            std::string_view last, const Visit& visit) {
  PARLEY_ASSIGN_OR_RETURN(const ReadGeneration* live, Live(projection));
  const std::string all = store_keys::Row(live->row.number(), ledger.str(), "");
  return moment_.rows->Scan(
      all + std::string(from), PrefixEnd(all + std::string(last)),
      [&](std::string_view key, std::string_view value) { return visit(key.substr(all.size()), value); });
}

absl::StatusOr<std::vector<LedgerId>> ReadView::LedgersUnder(const std::string& projection, std::string_view key) {
  PARLEY_ASSIGN_OR_RETURN(const ReadGeneration* live, Live(projection));
  const std::string prefix = store_keys::Index(live->row.number(), key, "");
  std::vector<LedgerId> out;
  PARLEY_RETURN_IF_ERROR(moment_.rows->Scan(prefix, PrefixEnd(prefix), [&](std::string_view found, std::string_view) {
    out.emplace_back(found.substr(prefix.size()));
    return true;
  }));
  return out;
}

absl::StatusOr<uint64_t> ReadView::NextSequence(const std::string& projection, const LedgerId& ledger) {
  PARLEY_ASSIGN_OR_RETURN(const ReadGeneration* live, Live(projection));
  PARLEY_ASSIGN_OR_RETURN(const auto bytes, moment_.rows->Get(store_keys::Applied(live->row.number(), ledger.str())));
  return bytes ? ParseOrdered(*bytes) : 0;
}

absl::StatusOr<std::optional<v1::ProjectionQuarantine>> ReadView::Quarantine(const std::string& projection,
                                                                             const LedgerId& ledger) {
  PARLEY_ASSIGN_OR_RETURN(const ReadGeneration* live, Live(projection));
  // Asked after the moment: what stopped before it is known to have.
  if (live->followed != nullptr && !live->followed->any_stopped) return std::nullopt;
  PARLEY_ASSIGN_OR_RETURN(const auto bytes,
                          moment_.rows->Get(store_keys::Quarantine(live->row.number(), ledger.str())));
  std::optional<v1::ProjectionQuarantine> out;
  if (bytes) out.emplace().ParseFromString(*bytes);
  return out;
}

absl::StatusOr<std::vector<std::pair<LedgerId, v1::ProjectionQuarantine>>> ReadView::Quarantines(
    const std::string& projection) {
  PARLEY_ASSIGN_OR_RETURN(const ReadGeneration* live, Live(projection));
  const std::string prefix = store_keys::Quarantine(live->row.number(), "");
  std::vector<std::pair<LedgerId, v1::ProjectionQuarantine>> out;
  PARLEY_RETURN_IF_ERROR(
      moment_.rows->Scan(prefix, PrefixEnd(prefix), [&](std::string_view key, std::string_view value) {
        auto& [ledger, quarantine] = out.emplace_back(LedgerId(key.substr(prefix.size())), v1::ProjectionQuarantine());
        quarantine.ParseFromArray(value.data(), static_cast<int>(value.size()));
        return true;
      }));
  return out;
}

absl::Status ReadView::RequireFollowed(const std::string& projection, const LedgerId& ledger) {
  PARLEY_ASSIGN_OR_RETURN(const auto quarantine, Quarantine(projection, ledger));
  if (!quarantine) return absl::OkStatus();
  return StoppedError(projection, ledger, *quarantine);
}

absl::Status StoppedError(const std::string& projection, const LedgerId& ledger,
                          const v1::ProjectionQuarantine& quarantine) {
  return Reject(v1::REASON_PROJECTION_STOPPED, "the read model " + projection + " of " + ledger.str() +
                                                   " stopped at entry " + std::to_string(quarantine.sequence()) + ": " +
                                                   quarantine.error())
      .With("projection", projection)
      .With("ledger", ledger.str())
      .With("sequence", std::to_string(quarantine.sequence()));
}

absl::StatusOr<std::string> ReadView::Digest(const std::string& projection, const LedgerId& ledger) {
  PARLEY_ASSIGN_OR_RETURN(const ReadGeneration* live, Live(projection));
  PARLEY_ASSIGN_OR_RETURN(LedgerDigest digest, DigestLedger(*moment_.rows, live->row.number(), ledger.str()));
  return std::move(digest.sha256);
}

absl::StatusOr<LedgerDigest> DigestLedger(const KvReader& store, uint64_t generation, std::string_view ledger) {
  const std::string prefix = store_keys::Row(generation, ledger, "");
  LedgerDigest out;
  Sha256Stream hash;
  const auto add = [&](std::string_view bytes) {
    std::string size;
    AppendOrdered(size, bytes.size());
    hash.Update(size);
    hash.Update(bytes);
  };
  PARLEY_RETURN_IF_ERROR(store.Scan(prefix, PrefixEnd(prefix), [&](std::string_view key, std::string_view value) {
    add(key.substr(prefix.size()));
    add(value);
    ++out.rows;
    return true;
  }));
  out.sha256 = hash.Final();
  return out;
}

}  // namespace parley
