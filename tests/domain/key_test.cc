// Every rule of keys, refusals included.
#include "services/key/key.h"

#include "eventstore/proof/ed25519.h"
#include "eventstore/proof/key_statement.h"
#include "tests/support/fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

using KeySpec = Spec<v1::Key>;

constexpr char kBuyerName[] = "buyer.example/acme";
constexpr char kOrigin[] = "log.example/relationships/acme";

NoteVerifierKey PartyKey(char seed, const std::string& name = kBuyerName) {
  return *NoteVerifierKey::Make(name, NoteKeyType::kEd25519Cosignature, *Ed25519PublicKey(std::string(32, seed)));
}
NoteVerifierKey LogKey(char seed, const std::string& name = kOrigin) {
  return *NoteVerifierKey::Make(name, NoteKeyType::kEd25519, *Ed25519PublicKey(std::string(32, seed)));
}

v1::RegisterKeyRequest Register(const std::string& id, const std::string& party, const NoteVerifierKey& key,
                                const std::string& statement = "") {
  v1::RegisterKeyRequest request;
  request.set_parent(kAcme);
  request.set_key_id(id);
  request.set_party_id(party);
  request.set_vkey(key.ToString());
  request.set_statement(statement);
  return request;
}
v1::RevokeKeyRequest Revoke(const std::string& id, const std::string& reason = "lost") {
  auto request = On<v1::RevokeKeyRequest>("keys/" + id);
  request.set_reason(reason);
  return request;
}
// By the key of `seed`, of `previous_name`.
std::string Statement(const NoteVerifierKey& next, char seed, const std::string& previous_name = kBuyerName) {
  return *SignKeyStatement(kAcme, next, previous_name, std::string(32, seed));
}

std::string Registered(const std::string& party, const NoteVerifierKey& key, const std::string& more = "") {
  return "registered { " + (party.empty() ? "" : "party_id: '" + party + "' ") + "vkey: '" + key.ToString() + "' " +
         more + "}";
}

// The buyer's first key, by bea, its administrator.
KeySpec WithKey() {
  KeySpec spec;
  spec.Given(Staffed).By("bea").Given(Register("b1", "buyer", PartyKey('a')));
  return spec;
}

TEST(RegisterKey, BeforeACharterBindsToo) {
  KeySpec spec;
  spec.Given(Staffed)
      .By("bea")
      .When(Register("b1", "buyer", PartyKey('a')))
      .Then({Registered("buyer", PartyKey('a'))})
      .ThenState("state: KEY_STATE_IN_USE party_id: 'buyer' vkey: '" + PartyKey('a').ToString() + "'");
  const Entry& entry = spec.world().entries().back();
  EXPECT_EQ(entry.record.role(), "representative");
  EXPECT_EQ(spec.world().state().Find<v1::Key>("relationships/acme/keys/b1")->registered_in(), entry.sequence());
  KeySpec()
      .Given(Chartered)
      .By("pat")
      .When(Register("p1", "provider", PartyKey('p')))
      .Then({Registered("provider", PartyKey('p'))});
}

TEST(RegisterKey, ByAnAdministratorOfTheParty) {
  const auto refused = [](const char* principal, const char* party, v1::Reason reason) {
    KeySpec().Given(Chartered).By(principal).When(Register("k", party, PartyKey('a'))).ThenRejected(reason);
  };
  refused("bill", "buyer", v1::REASON_PERMISSION_MISSING);
  refused("brian", "buyer", v1::REASON_PERMISSION_MISSING);
  refused("pat", "buyer", v1::REASON_NOT_YOUR_PARTY);
  refused("otto", "buyer", v1::REASON_NOT_A_MEMBER);
  refused("bea", "", v1::REASON_NOT_YOUR_PARTY);
  refused("bea", "nobody", v1::REASON_NOT_YOUR_PARTY);
  // A party that has not accepted has no administrator.
  KeySpec()
      .Given(Established)
      .By("bea")
      .When(Register("k", "buyer", PartyKey('a')))
      .ThenRejected(v1::REASON_NOT_A_MEMBER);
  // The server registers nobody's key but the log's.
  KeySpec()
      .Given(Chartered)
      .By(kSystemActor)
      .When(Register("log-1", "buyer", PartyKey('a')))
      .ThenRejected(v1::REASON_NOT_YOUR_PARTY);
}

TEST(RegisterKey, OfTheRightType) {
  KeySpec().Given(Staffed).By("bea").When(Register("k", "buyer", LogKey('a'))).ThenRejected(v1::REASON_KEY_INVALID);
  auto request = Register("k", "buyer", PartyKey('a'));
  request.set_vkey("no key");
  KeySpec().Given(Staffed).By("bea").When(request).ThenRejected(v1::REASON_KEY_INVALID);
  // Who may not register one does not get as far.
  KeySpec().Given(Staffed).By("bill").When(request).ThenRejected(v1::REASON_PERMISSION_MISSING);
  request.clear_vkey();
  KeySpec().Given(Staffed).By("bea").When(request).ThenRejected(v1::REASON_KEY_INVALID);
}

TEST(RegisterKey, APublicKeyOnlyOnce) {
  WithKey().When(Register("b2", "buyer", PartyKey('a'))).ThenRejected(v1::REASON_ALREADY_EXISTS);
  WithKey().When(Register("b2", "buyer", PartyKey('a', "other"))).ThenRejected(v1::REASON_ALREADY_EXISTS);
  WithKey().By("pat").When(Register("p1", "provider", PartyKey('a', "p"))).ThenRejected(v1::REASON_ALREADY_EXISTS);
  WithKey().When(Register("b1", "buyer", PartyKey('b'))).ThenRejected(v1::REASON_ALREADY_EXISTS);
  // Nor again once it is out of use.
  WithKey().Given(Revoke("b1")).When(Register("b2", "buyer", PartyKey('a'))).ThenRejected(v1::REASON_ALREADY_EXISTS);
}

TEST(RegisterKey, NoPartyKeepsTheLogsKeyOut) {
  // Known from other relationships on the same server; the party cannot sign with it, and the log can.
  KeySpec spec = WithKey();
  spec.By(kSystemActor).When(Register("log-1", "", LogKey('a'))).Then({Registered("", LogKey('a'))});
  // The other way round it is the log's.
  KeySpec()
      .Given(Staffed)
      .By(kSystemActor)
      .Given(Register("log-1", "", LogKey('a')))
      .By("bea")
      .When(Register("b1", "buyer", PartyKey('a')))
      .ThenRejected(v1::REASON_ALREADY_EXISTS);
}

TEST(RegisterKey, NoPartysNameSpoilsANote) {
  const auto refused = [](const std::string& name) {
    KeySpec()
        .Given(Staffed)
        .By("bea")
        .When(Register("b1", "buyer", PartyKey('a', name)))
        .ThenRejected(v1::REASON_KEY_INVALID);
  };
  refused(kOrigin);
  refused("another.example/relationships/acme");
  refused("em\u2003space");  // golang.org/x/mod's note refuses the note.
  refused("no-break\u00a0space");
  refused("caf\u00e9");
}

TEST(RegisterKey, TakesThePlaceOfTheOneBefore) {
  const std::string statement = Statement(PartyKey('b'), 'a');
  KeySpec spec = WithKey();
  spec.When(Register("b2", "buyer", PartyKey('b'), statement));
  auto events = std::vector<std::string>{Registered("buyer", PartyKey('b'), "previous: 'relationships/acme/keys/b1' "),
                                         "replaced { by: 'relationships/acme/keys/b2' }"};
  v1::KeyEvent registered = Parse<v1::KeyEvent>(events[0]);
  registered.mutable_registered()->set_statement(statement);
  events[0] = registered.ShortDebugString();
  spec.Then(events);
  spec.ThenState("state: KEY_STATE_IN_USE previous: 'relationships/acme/keys/b1'");
  spec.ThenState("state: KEY_STATE_REPLACED", "relationships/acme/keys/b1");
  // Another party's stays as it is.
  spec.By("pat").Given(Register("p1", "provider", PartyKey('p', "p")));
  spec.ThenState("state: KEY_STATE_IN_USE", "relationships/acme/keys/b2");
}

TEST(RegisterKey, WithoutAStatementWhereTheOneBeforeIsLost) {
  WithKey()
      .When(Register("b2", "buyer", PartyKey('b')))
      .Then({Registered("buyer", PartyKey('b'), "previous: 'relationships/acme/keys/b1' "),
             "replaced { by: 'relationships/acme/keys/b2' }"});
}

TEST(RegisterKey, AStatementVerifiesUnderTheOneBefore) {
  const auto refused = [](const std::string& statement) {
    WithKey().When(Register("b2", "buyer", PartyKey('b'), statement)).ThenRejected(v1::REASON_KEY_INVALID);
  };
  refused("I trust it");
  refused(Statement(PartyKey('b'), 'b'));
  refused(Statement(PartyKey('c'), 'a'));
  refused(Statement(PartyKey('b'), 'a', "another.name"));
  refused(*SignKeyStatement("relationships/other", PartyKey('b'), kBuyerName, std::string(32, 'a')));
  // Of a first key nobody can have stated anything, nor after the one before was revoked.
  const std::string good = Statement(PartyKey('b'), 'a');
  KeySpec()
      .Given(Staffed)
      .By("bea")
      .When(Register("b2", "buyer", PartyKey('b'), good))
      .ThenRejected(v1::REASON_KEY_INVALID);
  WithKey().Given(Revoke("b1")).When(Register("b2", "buyer", PartyKey('b'), good)).ThenRejected(v1::REASON_KEY_INVALID);
}

TEST(RegisterKey, AfterARevocationIsAFirstOneAgain) {
  WithKey().Given(Revoke("b1")).When(Register("b2", "buyer", PartyKey('b'))).Then({Registered("buyer", PartyKey('b'))});
}

TEST(RegisterKey, AKeyUnderEachPartysName) {
  KeySpec spec = WithKey();
  spec.By("pat")
      .When(Register("p1", "provider", PartyKey('p', "p")))
      .Then({Registered("provider", PartyKey('p', "p"))});
  spec.ThenState("state: KEY_STATE_IN_USE", "relationships/acme/keys/b1");
}

TEST(RegisterKey, TheLogsByTheSystem) {
  KeySpec spec;
  spec.Given(Established)
      .By(kSystemActor)
      .When(Register("log-1", "", LogKey('l')))
      .Then({Registered("", LogKey('l'))})
      .ThenState("state: KEY_STATE_IN_USE party_id: ''");
  const std::string statement = Statement(LogKey('m'), 'l', kOrigin);
  spec.Given(Register("log-3", "", LogKey('m'), statement));
  spec.ThenState("state: KEY_STATE_REPLACED", "relationships/acme/keys/log-1");
  spec.When(Register("log-4", "", LogKey('n'), Statement(LogKey('n'), 'l', kOrigin)))
      .ThenRejected(v1::REASON_KEY_INVALID);
}

TEST(RegisterKey, TheLogsKeysAreOfOneNameAndInOrder) {
  const auto refused = [](const v1::RegisterKeyRequest& request, v1::Reason reason) {
    KeySpec()
        .Given(Chartered)
        .By(kSystemActor)
        .Given(Register("log-2", "", LogKey('l')))
        .When(request)
        .ThenRejected(reason);
  };
  refused(Register("log-3", "", LogKey('m', "other.example/relationships/acme")), v1::REASON_KEY_INVALID);
  refused(Register("log-3", "", LogKey('m', "log.example/relationships/other")), v1::REASON_KEY_INVALID);
  refused(Register("log-3", "", PartyKey('m', kOrigin)), v1::REASON_KEY_INVALID);
  refused(Register("log-1", "", LogKey('m')), v1::REASON_FIELD_INVALID);
  refused(Register("log-03", "", LogKey('m')), v1::REASON_FIELD_INVALID);
  refused(Register("log-", "", LogKey('m')), v1::REASON_FIELD_INVALID);
  refused(Register("k", "", LogKey('m')), v1::REASON_FIELD_INVALID);
}

TEST(RegisterKey, NobodyTakesTheLogsIds) {
  for (const char* id : {"log-1", "log-2", "log-x"}) {
    KeySpec()
        .Given(Staffed)
        .By("bea")
        .When(Register(id, "buyer", PartyKey('a')))
        .ThenRejected(v1::REASON_FIELD_INVALID);
  }
}

TEST(RevokeKey, ByAnAdministratorOfTheParty) {
  WithKey()
      .When(Revoke("b1"))
      .Then({"revoked { reason: 'lost' }"})
      .ThenState("state: KEY_STATE_REVOKED revoke_reason: 'lost'")
      .When(Revoke("b1"))
      .ThenRejected(v1::REASON_WRONG_STATE);
  WithKey().By("bill").When(Revoke("b1")).ThenRejected(v1::REASON_PERMISSION_MISSING);
  WithKey().By("pat").When(Revoke("b1")).ThenRejected(v1::REASON_NOT_YOUR_PARTY);
  WithKey().When(Revoke("b1", "")).ThenRejected(v1::REASON_FIELD_INVALID);
  WithKey().When(Revoke("b9")).ThenRejected(v1::REASON_NOT_FOUND);
  WithKey().Given(Register("b2", "buyer", PartyKey('b'))).When(Revoke("b1")).ThenRejected(v1::REASON_WRONG_STATE);
}

TEST(RevokeKey, TheLogsIsNobodysToRevoke) {
  const auto refused = [](std::string_view principal, v1::Reason reason) {
    KeySpec()
        .Given(Chartered)
        .By(kSystemActor)
        .Given(Register("log-1", "", LogKey('l')))
        .By(principal)
        .When(Revoke("log-1"))
        .ThenRejected(reason);
  };
  refused("bea", v1::REASON_NOT_YOUR_PARTY);
  refused("otto", v1::REASON_NOT_A_MEMBER);
  refused(kSystemActor, v1::REASON_NOT_A_MEMBER);
}

// Validity goes by size: the tree holds the entry that registered the key, and not yet the one that ended it.
TEST(ValidAt, FromTheEntryThatRegisteredItToTheOneThatEndedIt) {
  v1::Key key;
  key.set_registered_in(7);
  EXPECT_FALSE(ValidAt(key, 0));
  EXPECT_FALSE(ValidAt(key, 7));
  EXPECT_TRUE(ValidAt(key, 8));
  EXPECT_TRUE(ValidAt(key, UINT64_MAX));
  key.set_ended_in(9);
  EXPECT_TRUE(ValidAt(key, 9));
  EXPECT_FALSE(ValidAt(key, 10));
  key.set_registered_in(0);
  EXPECT_FALSE(ValidAt(key, 0));
  EXPECT_TRUE(ValidAt(key, 1));
}

TEST(ValidAt, OneKeyFollowsTheOther) {
  KeySpec spec = WithKey();
  spec.Given(Register("b2", "buyer", PartyKey('b')));
  const auto& state = spec.world().state();
  const auto& one = *state.Find<v1::Key>("relationships/acme/keys/b1");
  const auto& two = *state.Find<v1::Key>("relationships/acme/keys/b2");
  for (uint64_t size = one.registered_in() + 1; size <= state.next_sequence(); ++size) {
    EXPECT_TRUE(ValidAt(one, size) || ValidAt(two, size)) << size;
  }
  EXPECT_FALSE(ValidAt(one, state.next_sequence()));
  EXPECT_FALSE(ValidAt(two, one.registered_in() + 1));
}

TEST(LogKeyId, ThereAndBack) {
  EXPECT_EQ(LogKeyId(12), "log-12");
  EXPECT_EQ(LogKeyGeneration("log-12"), 12u);
  for (const char* none : {"", "log-", "log-0", "log-01", "log-1x", "log--1", "log-+1", "log-99999999999", "Log-1"}) {
    EXPECT_EQ(LogKeyGeneration(none), 0u) << none;
  }
}

}  // namespace
}  // namespace parley::test
