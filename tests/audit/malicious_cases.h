// What a malicious operator might do to a record, and what must be said of it.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "services/verify/verify.h"
#include "tests/support/bundle_builder.h"

namespace parley::test {

// A bundle of the record by BundleBuilder is good, and a person was erased in it.
inline constexpr Verdict kGoodVerdict = Verdict::kErasedWithAuthority;

struct Tampering {
  const char* name;
  std::function<void(BundleBuilder&)> tamper = nullptr;
  // Of the tampered entries under hashes, checkpoints and cosignatures as they were, with a manifest to match. (With the manifest as it
  // was, anything is damaged.)
  Verdict naive = Verdict::kDamaged;
  // Of the tampered records in a store whose tree and checkpoints are as they were, exported by the server; nullopt: it refuses.
  std::optional<Verdict> naive_on_disk = {};
  // After the tree was built anew and signed with the operator's own key, to whoever asks for the parties' cosignatures, …
  Verdict both_must_sign = Verdict::kBadSignature;
  // … and to whoever asks for the log's signature alone, or where both parties cosigned without looking.
  Verdict log_alone = Verdict::kDamaged;
  // Where that is good: it can be shown by a checkpoint seen before only, and then so.
  std::optional<Verdict> with_seen = {};
  // To whom the bundle is shown.
  const char* reader = "buyer";
};

inline void PrintTo(const Tampering& tampering, std::ostream* out) { *out << tampering.name; }

const std::vector<Tampering>& Tamperings();

}  // namespace parley::test
