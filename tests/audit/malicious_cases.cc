#include "tests/audit/malicious_cases.h"

#include <utility>

#include "eventstore/base/hash.h"
#include "eventstore/base/proto_util.h"
#include "eventstore/entry.h"
#include "parley/v1/decision.pb.h"
#include "parley/v1/digest.pb.h"
#include "parley/v1/key.pb.h"
#include "parley/v1/objective.pb.h"
#include "tests/support/fixtures.h"

namespace parley::test {
namespace {

// pat's input to d2: near the end, and nothing rests on it.
size_t LateInput(const BundleBuilder& b) { return b.Find("decision.input_given", 1); }
// max's profile.
size_t MaxProfile(const BundleBuilder& b) { return b.Find("person.registered", 1); }

void Drop(BundleBuilder& b) {
  b.entries.erase(b.entries.begin() + static_cast<std::ptrdiff_t>(LateInput(b)));
  b.Renumber();
}

// An input that pat never gave, before the one that was given.
void Insert(BundleBuilder& b) {
  const size_t at = LateInput(b);
  const auto time = b.HeaderOf(at - 1).recorded_at();
  b.entries.insert(b.entries.begin() + static_cast<std::ptrdiff_t>(at), b.entries[at]);
  b.RewriteEvent<v1::DecisionEvent>(
      at, [](v1::DecisionEvent& event) { event.mutable_input_given()->set_text("and I waive the penalty"); });
  b.Rewrite(at, [&](v1::EntryHeader& header, v1::Record& record) {
    *header.mutable_recorded_at() = time;
    *record.mutable_effective_at() = time;
    record.set_request_id("request-forged");
  });
  b.Renumber();
}

// The proposal of d3 and the input to d2 that follows it.
void Reorder(BundleBuilder& b) {
  const size_t second = LateInput(b);
  std::swap(b.entries[second - 1], b.entries[second]);
  b.Renumber();
}

void ReorderWithTimes(BundleBuilder& b) {
  const size_t second = LateInput(b);
  const auto first_time = b.HeaderOf(second - 1).recorded_at();
  const auto second_time = b.HeaderOf(second).recorded_at();
  Reorder(b);
  const auto at = [&](size_t sequence, const google::protobuf::Timestamp& time) {
    b.Rewrite(sequence, [&](v1::EntryHeader& header, v1::Record& record) {
      *header.mutable_recorded_at() = time;
      *record.mutable_effective_at() = time;
    });
  };
  at(second - 1, first_time);
  at(second, second_time);
}

void AlterRationale(BundleBuilder& b) {
  b.RewriteEvent<v1::DecisionEvent>(b.Find("decision.decided"), [](v1::DecisionEvent& event) {
    event.mutable_decided()->set_rationale("the provider insisted");
  });
}

void AlterReviewDue(BundleBuilder& b) {
  b.RewriteEvent<v1::DecisionEvent>(b.Find("decision.decided"),
                                    [](v1::DecisionEvent& event) { event.mutable_decided()->clear_review_due_time(); });
}

void AlterCiphertext(BundleBuilder& b) {
  std::string& sealed = *b.entries[MaxProfile(b)].mutable_parts(1)->mutable_sealed();
  sealed[20] = static_cast<char>(sealed[20] ^ 1);
}

void AlterCiphertextAndHash(BundleBuilder& b) {
  AlterCiphertext(b);
  const size_t at = MaxProfile(b);
  b.Rewrite(at, [&](v1::EntryHeader&, v1::Record& record) {
    record.mutable_personal_parts(0)->set_sealed_sha256(Sha256(b.entries[at].parts(1).sealed()));
  });
}

// The decision seems to have been recorded an hour before it was.
void Backdate(BundleBuilder& b) {
  b.Rewrite(b.Find("decision.decided"), [](v1::EntryHeader& header, v1::Record& record) {
    header.mutable_recorded_at()->set_seconds(header.recorded_at().seconds() - 3600);
    *record.mutable_effective_at() = header.recorded_at();
  });
}

// As if it had been true before it was proposed.
void BackdateEffect(BundleBuilder& b) {
  b.Rewrite(b.Find("decision.decided"), [](v1::EntryHeader&, v1::Record& record) {
    record.mutable_effective_at()->set_seconds(record.effective_at().seconds() - 86400);
  });
}

void Postdate(BundleBuilder& b) {
  b.Rewrite(LateInput(b), [](v1::EntryHeader&, v1::Record& record) {
    record.mutable_effective_at()->set_seconds(record.effective_at().seconds() + 86400);
  });
}

void Truncate(BundleBuilder& b) { b.entries.resize(LateInput(b)); }

void TruncateCovered(BundleBuilder& b) {
  Truncate(b);
  b.AppendDigest();
}

// The buyer's joint objective becomes the provider's own.
void PassOff(BundleBuilder& b) {
  b.Rewrite(b.Find("objective.stated"), [](v1::EntryHeader& header, v1::Record&) { header.set_owner("provider"); });
}

void PassOffWithStream(BundleBuilder& b) {
  b.Rewrite(b.Find("objective.stated"), [](v1::EntryHeader& header, v1::Record& record) {
    header.set_owner("provider");
    record.set_stream("relationships/acme/parties/provider/objectives/o1");
  });
}

void EraseUnlogged(BundleBuilder& b) { b.entries[MaxProfile(b)].mutable_parts(1)->Clear(); }

void HideRecord(BundleBuilder& b) { b.entries[LateInput(b)].clear_parts(); }

// bill has max erased, which only an administrator of the provider, or max, may.
void EraseWithoutRight(BundleBuilder& b) {
  b.entries.push_back(b.entries[b.Find("person.erased")]);
  const auto last = b.HeaderOf(b.entries.size() - 2).recorded_at();
  b.Rewrite(b.entries.size() - 1, [&](v1::EntryHeader& header, v1::Record& record) {
    *header.mutable_recorded_at() = last;
    *record.mutable_effective_at() = last;
    record.set_stream(kMax);
    record.set_actor("bill");
    record.set_party("buyer");
    record.set_role("service-manager");
    record.set_request_id("request-forged");
  });
  b.Renumber();
  for (size_t i : {MaxProfile(b), b.Find("person.commented", 1)}) {
    for (int part = 1; part < b.entries[i].parts_size(); ++part) b.entries[i].mutable_parts(part)->Clear();
  }
}

// The operator's own key in the place of the provider's.
void SwapKey(BundleBuilder& b) {
  const NoteSigningKey own = TestKey("provider.example/acme", NoteKeyType::kEd25519Cosignature, "the operator's");
  b.RewriteEvent<v1::KeyEvent>(b.Find("key.registered", 2), [&](v1::KeyEvent& event) {
    event.mutable_registered()->set_vkey(own.verifier().ToString());
  });
}

// A new key of the log that the one before never spoke for.
void RotateWithoutStatement(BundleBuilder& b) {
  b.RewriteEvent<v1::KeyEvent>(b.Find("key.registered", 3),
                               [](v1::KeyEvent& event) { event.mutable_registered()->clear_statement(); });
}

// petra decides what is bill's to decide.
void DecideWithoutRight(BundleBuilder& b) {
  b.Rewrite(b.Find("decision.decided"), [](v1::EntryHeader&, v1::Record& record) {
    record.set_actor("petra");
    record.set_party("provider");
    record.set_role("delivery-lead");
  });
}

void DigestLies(BundleBuilder& b) {
  b.RewriteEvent<v1::DigestEvent>(b.Find("digest.recorded", 1), [](v1::DigestEvent& event) {
    event.mutable_recorded()->mutable_models(0)->set_sha256(Sha256("nothing to see here"));
  });
}

// An operator that is at pains: its read models were made to agree.
std::function<void(BundleBuilder&)> Covered(void (*tamper)(BundleBuilder&)) {
  return [tamper](BundleBuilder& b) {
    tamper(b);
    b.RecomputeDigests();
  };
}

}  // namespace

const std::vector<Tampering>& Tamperings() {
  using enum Verdict;
  static const auto* const kTamperings = new std::vector<Tampering>{
      {"Drop", Drop, kDamaged, {}, kBadSignature, kUnauthorised},
      {"DropCovered", Covered(Drop), kDamaged, {}, kBadSignature, kGoodVerdict, kTruncated},
      {"Insert", Insert, kDamaged, kAltered, kBadSignature, kDivergent},
      {"InsertCovered", Covered(Insert), kDamaged, kAltered, kBadSignature, kGoodVerdict, kForked},
      {"Reorder", Reorder, kAltered, kAltered, kBadSignature, kBackdated},
      {"ReorderWithTimesCovered", Covered(ReorderWithTimes), kAltered, kAltered, kBadSignature, kGoodVerdict, kForked},
      {"AlterPart", AlterRationale, kAltered, kAltered, kBadSignature, kDivergent},
      {"AlterPartCovered", Covered(AlterRationale), kAltered, kAltered, kBadSignature, kGoodVerdict, kForked},
      {"AlterWhatTheRulesSay", Covered(AlterReviewDue), kAltered, kAltered, kBadSignature, kUnauthorised},
      {"AlterCiphertext", AlterCiphertext, kAltered, kAltered, kAltered, kAltered},
      {"AlterCiphertextAndHash", AlterCiphertextAndHash, kAltered, kAltered, kBadSignature, kGoodVerdict, kForked},
      {"Backdate", Covered(Backdate), kAltered, kAltered, kBadSignature, kBackdated},
      {"BackdateEffect", Covered(BackdateEffect), kAltered, kAltered, kBadSignature, kBackdated},
      {"Postdate", Covered(Postdate), kAltered, kAltered, kBadSignature, kBackdated},
      {"Truncate", Truncate, kDamaged, {}, kBadSignature, kDivergent},
      {"TruncateCovered", TruncateCovered, kDamaged, {}, kBadSignature, kGoodVerdict, kTruncated},
      {"PassOff", PassOff, kAltered, kAltered, kBadSignature, kDivergent},
      {"PassOffToTheOther", PassOff, kAltered, kAltered, kBadSignature, kAltered, {}, "provider"},
      {"PassOffCovered", Covered(PassOffWithStream), kAltered, kAltered, kBadSignature, kGoodVerdict, kForked},
      {"PassOffCoveredToTheOther",
       Covered(PassOffWithStream),
       kAltered,
       kAltered,
       kBadSignature,
       kUnauthorised,
       {},
       "provider"},
      {"EraseUnlogged", EraseUnlogged, kHidden, kHidden, kHidden, kHidden},
      {"EraseWithoutRight", EraseWithoutRight, kDamaged, {}, kBadSignature, kUnauthorised},
      {"HideRecord", HideRecord, kHidden, {}, kHidden, kHidden},
      {"SwapKey", SwapKey, kAltered, kAltered, kBadSignature, kDivergent},
      {"SwapKeyCovered", Covered(SwapKey), kAltered, kAltered, kBadSignature, kGoodVerdict, kForked},
      {"RotateWithoutStatement", Covered(RotateWithoutStatement), kBadSignature, kBadSignature, kBadSignature,
       kBadSignature},
      {"DecideWithoutRight", Covered(DecideWithoutRight), kAltered, kAltered, kBadSignature, kUnauthorised},
      {"ProjectionLies", DigestLies, kAltered, kAltered, kBadSignature, kDivergent},
  };
  return *kTamperings;
}

}  // namespace parley::test
