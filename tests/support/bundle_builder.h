// A relationship's record as whoever runs the server holds it, and its bundles, made without a server: good ones, and whatever a
// malicious operator might make of them. relationships/acme of fixtures.h, with charter, decisions, a metric, a dispute,
// objectives (joint, buyer's, provider's), 300 activities, digests, three people of whom one is erased, keys of the log and of both
// parties, rotated once; two checkpoints, signed by the log and cosigned by both.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "eventstore/proof/note.h"
#include "eventstore/proof/policy.h"
#include "parley/v1/audit.pb.h"
#include "parley/v1/entry.pb.h"
#include "tests/support/test_bundle.h"
#include "tests/support/world.h"

namespace parley::test {

inline constexpr char kOrigin[] = "log.example/relationships/acme";

// People of the record. kKay was erased, by bea; kSub is the provider's own.
inline constexpr char kKay[] = "relationships/acme/persons/kay";
inline constexpr char kMax[] = "relationships/acme/persons/max";
inline constexpr char kSub[] = "relationships/acme/parties/provider/persons/sub";

// A private key that follows from its name.
NoteSigningKey TestKey(std::string_view name, NoteKeyType type, std::string_view seed);

class BundleBuilder {
 public:
  // The good relationship.
  BundleBuilder();

  // What the operator stores. A test may do with it what an operator could.
  std::vector<v1::StoredEntry> entries;
  // Checkpoints that were made, by size; the last of all entries.
  std::vector<SignedNote> notes;

  // Of the entries of that type ("decision.decided"), the one at `index`: its sequence.
  size_t Find(std::string_view event_type, size_t index = 0) const;
  v1::EntryHeader HeaderOf(size_t sequence) const;
  v1::Record RecordOf(size_t sequence) const;

  // Changes an entry's header, record and parts; the commitment of part 0 follows, nothing else does.
  void Rewrite(size_t sequence, const std::function<void(v1::EntryHeader&, v1::Record&)>& change);
  // The same for its event.
  template <class E>
  void RewriteEvent(size_t sequence, const std::function<void(E&)>& change) {
    Rewrite(sequence, [&](v1::EntryHeader&, v1::Record& record) {
      E event;
      event.ParseFromString(record.event());
      change(event);
      record.set_event(event.SerializeAsString());
    });
  }
  // Headers say again where their entries stand.
  void Renumber();
  // Digests say again what the read models of the entries before them are: the operator's projections lie along.
  void RecomputeDigests();
  // One more, of all entries there are, at the moment of the last.
  void AppendDigest();

  // Makes the checkpoints anew over what the entries are now (those of more entries than there are fall away, one of all is
  // added), signed with the log's own keys, which the operator has. Cosignatures it cannot make: they stay where nothing changed.
  void Resign();
  // Both parties cosign the newest checkpoint, under the keys they have, without looking.
  void Cosign();

  TestBundle Bundle(const std::string& reader) const { return MakeBundle(entries, notes, reader); }
  // Entries as they are now under the checkpoints and hashes of another bundle, with a manifest to match.
  TestBundle NaiveBundle(TestBundle untouched) const;

  // The log, buyer and provider with their first keys, and both must have cosigned.
  static std::string BothMustSignText(std::string_view more = "");
  static Policy BothMustSign(std::string_view more = "");
  // The same log; nobody need cosign.
  static std::string LogAloneText();
  static Policy LogAlone();
  // The keys of kMax and kSub.
  v1::PersonKeys ReleasedKeys() const;
  // A minute after the newest checkpoint was cosigned.
  absl::Time end() const { return end_; }
  World& world() { return *world_; }

 private:
  template <class R, class Request>
  void Do(std::string_view principal, const Request& request);
  void Pass(absl::Duration time);
  void RecordDigest();
  void RegisterKey(std::string_view principal, const std::string& id, const NoteSigningKey& key,
                   std::string_view statement = "");
  void Begin();
  void Work();
  void RotateKeys();
  void EraseKay();
  SignedNote SignedByLog(size_t size) const;
  void MakeCheckpoint();

  std::shared_ptr<World> world_;
  absl::Time end_;
  size_t log_rotated_in_ = 0;  // The entry that registered the log's second key.
  bool buyer_rotated_ = false;
};

}  // namespace parley::test
