// Every rule of digests, refusals included.
#include "services/digest/digest.h"

#include "tests/support/fixtures.h"
#include "tests/support/spec.h"

namespace parley::test {
namespace {

using DigestSpec = Spec<v1::Digest>;

v1::RecordDigestRequest DigestOf(uint64_t size, const std::vector<std::string>& models = {"docket", "overview"}) {
  v1::RecordDigestRequest request;
  request.set_parent(kAcme);
  request.set_digest_id(std::to_string(size));
  request.set_size(size);
  for (const std::string& name : models) {
    auto* model = request.add_models();
    model->set_model(name);
    model->set_version(1);
    model->set_fold_version(2);
    model->set_sha256(std::string(32, 'd'));
  }
  return request;
}

v1::RecordDigestRequest Changed(const std::function<void(v1::RecordDigestRequest&)>& change) {
  auto request = DigestOf(2);
  change(request);
  return request;
}

TEST(RecordDigest, SaysWhatTheReadModelsWere) {
  DigestSpec spec;
  spec.Given(Established).By(kSystemActor).When(DigestOf(1, {"docket"})).Then({R"(recorded {
    size: 1 models { model: "docket" version: 1 fold_version: 2 sha256: "dddddddddddddddddddddddddddddddd" } })"});
  const Entry& entry = spec.world().entries().back();
  EXPECT_EQ(entry.record.stream(), "relationships/acme/digests/1");
  EXPECT_EQ(entry.record.actor(), "system");
  EXPECT_EQ(entry.record.party(), "");
  EXPECT_EQ(entry.record.role(), "");
  EXPECT_TRUE(entry.joint());
}

TEST(RecordDigest, OnlyByTheSystem) {
  for (const char* principal : {"bea", "petra", "brian", "otto", "nobody"}) {
    DigestSpec().Given(Chartered).By(principal).When(DigestOf(1)).ThenRejected(v1::REASON_PERMISSION_MISSING);
  }
}

TEST(RecordDigest, OfEntriesThatAreThere) {
  DigestSpec spec;
  spec.Given(Chartered).By(kSystemActor);
  const uint64_t size = spec.world().state().next_sequence();
  spec.When(DigestOf(0)).ThenRejected(v1::REASON_FIELD_INVALID);
  spec.When(DigestOf(size + 1)).ThenRejected(v1::REASON_FIELD_INVALID);
  spec.Given(DigestOf(size));
  // The digest is an entry itself.
  spec.Given(DigestOf(size + 1));
}

TEST(RecordDigest, OncePerSize) {
  DigestSpec()
      .Given(Chartered)
      .By(kSystemActor)
      .Given(DigestOf(2))
      .When(DigestOf(2, {"docket"}))
      .ThenRejected(v1::REASON_ALREADY_EXISTS);
  DigestSpec()
      .Given(Chartered)
      .By(kSystemActor)
      .When(Changed([](auto& r) { r.set_digest_id("3"); }))
      .ThenRejected(v1::REASON_FIELD_INVALID);
}

TEST(RecordDigest, ModelsInOrderEachOnce) {
  const auto refused = [](const v1::RecordDigestRequest& request) {
    DigestSpec().Given(Chartered).By(kSystemActor).When(request).ThenRejected(v1::REASON_FIELD_INVALID);
  };
  refused(DigestOf(2, {}));
  refused(DigestOf(2, {""}));
  refused(DigestOf(2, {"overview", "docket"}));
  refused(DigestOf(2, {"docket", "docket"}));
  refused(Changed([](auto& r) { r.mutable_models(1)->set_sha256("short"); }));
  refused(Changed([](auto& r) { r.mutable_models(1)->clear_version(); }));
  refused(Changed([](auto& r) { r.mutable_models(1)->clear_fold_version(); }));
}

}  // namespace
}  // namespace parley::test
