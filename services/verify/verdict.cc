#include "services/verify/verify.h"

namespace parley {

const std::vector<Verdict>& Verdicts() {
  static const auto* const kVerdicts = new std::vector<Verdict>{Verdict::kComplete,     Verdict::kErasedWithAuthority,
                                                                Verdict::kDamaged,      Verdict::kBadSignature,
                                                                Verdict::kAltered,      Verdict::kHidden,
                                                                Verdict::kTruncated,    Verdict::kForked,
                                                                Verdict::kStale,        Verdict::kBackdated,
                                                                Verdict::kUnauthorised, Verdict::kDivergent};
  return *kVerdicts;
}

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kComplete:
      return "complete";
    case Verdict::kErasedWithAuthority:
      return "erased-with-authority";
    case Verdict::kDamaged:
      return "damaged";
    case Verdict::kBadSignature:
      return "bad-signature";
    case Verdict::kAltered:
      return "altered";
    case Verdict::kHidden:
      return "hidden";
    case Verdict::kTruncated:
      return "truncated";
    case Verdict::kForked:
      return "forked";
    case Verdict::kStale:
      return "stale";
    case Verdict::kBackdated:
      return "backdated";
    case Verdict::kUnauthorised:
      return "unauthorised";
    case Verdict::kDivergent:
      return "divergent";
  }
  return "";
}

std::string_view VerdictMeaning(Verdict verdict) {
  switch (verdict) {
    case Verdict::kComplete:
      return "Everything holds, and the signatures that the policy requires are there.";
    case Verdict::kErasedWithAuthority:
      return "Everything holds; texts about people are missing, each with an authorised Erased entry of that person.";
    case Verdict::kDamaged:
      return "Bytes that do not match the manifest, or do not parse.";
    case Verdict::kBadSignature:
      return "A signature that the policy requires is missing, wrong, or under a key not valid at that size.";
    case Verdict::kAltered:
      return "A part that does not match its commitment, or headers that do not give the root.";
    case Verdict::kHidden:
      return "A part is missing that this reader may read, and no Erased entry names it.";
    case Verdict::kTruncated:
      return "Fewer entries than a seen, validly signed checkpoint covers.";
    case Verdict::kForked:
      return "A seen checkpoint that this history does not extend.";
    case Verdict::kStale:
      return "The newest cosigned checkpoint is older than the policy allows.";
    case Verdict::kBackdated:
      return "A recorded time goes back, or is later than a cosignature or time-stamp over it or than now, or an "
             "effective "
             "time breaks its rule.";
    case Verdict::kUnauthorised:
      return "An entry that the charter then in force did not allow, or that the rules would have refused.";
    case Verdict::kDivergent:
      return "What the record says of its read models is not what the replay gives, or it says nothing of them.";
  }
  return "";
}

bool IsGood(Verdict verdict) { return verdict == Verdict::kComplete || verdict == Verdict::kErasedWithAuthority; }

}  // namespace parley
