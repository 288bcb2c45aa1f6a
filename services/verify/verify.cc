#include "services/verify/verify.h"

#include <filesystem>
#include <utility>

#include "eventstore/base/clock.h"
#include "eventstore/base/status.h"
#include "services/verify/contents.h"
#include "services/verify/findings.h"
#include "services/verify/history.h"
#include "services/verify/signatures.h"

namespace parley {
namespace {

// By how much the verifier's own clock may be slow: it is no evidence, and one that nobody set must not make a liar of others.
constexpr absl::Duration kClockTolerance = absl::Minutes(1);

VerifyReport Conclude(VerifyReport report, const Findings& findings) {
  report.findings = findings.List();
  if (report.findings.empty()) {
    report.verdict = report.erased_parts > 0 ? Verdict::kErasedWithAuthority : Verdict::kComplete;
    return report;
  }
  const Finding& first = report.findings.front();
  report.verdict = first.verdict;
  report.detail = first.what;
  report.offence = first.sequence;
  return report;
}

}  // namespace

absl::StatusOr<VerifyReport> VerifyBundle(const VerifyOptions& options) {
  VerifyReport report;
  Findings findings;
  std::error_code ignored;
  if (!std::filesystem::is_directory(options.bundle, ignored)) {
    return absl::NotFoundError("there is no directory " + options.bundle);
  }
  const auto bundle = BundleDir::Open(options.bundle);
  if (!bundle.ok()) {
    findings.Add(Verdict::kDamaged, std::nullopt, std::string(bundle.status().message()));
    return Conclude(std::move(report), findings);
  }
  report.origin = bundle->manifest().origin;
  report.reader = bundle->manifest().reader;
  report.size = bundle->manifest().size;
  PARLEY_ASSIGN_OR_RETURN(const std::vector<SeenNote> seen, ParseSeen(options.seen));
  std::set<uint64_t> sizes;
  for (const SeenNote& note : seen) sizes.insert(note.checkpoint.size);

  // In this order, so that each step may rely on what the ones before it found to hold.
  const auto contents = ReadContents(*bundle, options.keys, sizes, findings, report);
  if (!contents) return Conclude(std::move(report), findings);
  const NoteVerifierKey* log_key = options.policy.LogOf(report.origin);
  if (log_key == nullptr) return absl::InvalidArgumentError("the policy trusts no log " + report.origin);
  const absl::Time now = options.now.value_or(SystemClock().Now());
  HistoryOptions history{.as_of = options.as_of, .scratch = options.scratch};
  history.seen_by = CheckSignatures(options.policy, *log_key, *bundle, *contents, now, findings, report);
  history.seen_by.push_back({report.size, "the verifier's clock", now + kClockTolerance});
  PARLEY_RETURN_IF_ERROR(CheckSeen(seen, options.policy, *log_key, *contents, findings));
  // What was altered, or is not there, has no history to be judged.
  if (contents->readable && !findings.Has(Verdict::kDamaged)) {
    PARLEY_RETURN_IF_ERROR(ReplayHistory(*bundle, *contents, history, findings, report));
  }
  return Conclude(std::move(report), findings);
}

}  // namespace parley
