#include "eventstore/proof/timestamp.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>

#include <ctime>
#include <memory>

#include "absl/time/civil_time.h"
#include "eventstore/base/hash.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr size_t kNonceBytes = 16;
// At least 112 bits everywhere in the chain, as OpenSSL's security level 2 has it: no SHA-1, no RSA below 2048 bits.
constexpr int kSecurityLevel = 2;

template <class T, void (*kFree)(T*)>
struct Freed {
  void operator()(T* p) const { kFree(p); }
};
template <class T, void (*kFree)(T*)>
using Owned = std::unique_ptr<T, Freed<T, kFree>>;

using Request = Owned<TS_REQ, TS_REQ_free>;
using Response = Owned<TS_RESP, TS_RESP_free>;
using VerifyContext = Owned<TS_VERIFY_CTX, TS_VERIFY_CTX_free>;

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// What OpenSSL last complained of; nothing is left of it for later calls.
absl::Status Invalid(std::string_view what) {
  const char* detail = nullptr;
  int flags = 0;
  const unsigned long code = ERR_peek_last_error_data(&detail, &flags);
  std::string message(what);
  if (const char* reason = ERR_reason_error_string(code); code != 0 && reason != nullptr) {
    message += std::string(": ") + reason;
    if (detail != nullptr && (flags & ERR_TXT_STRING) && *detail != '\0') message += std::string(" (") + detail + ")";
  }
  ERR_clear_error();
  return absl::InvalidArgumentError(message);
}

absl::StatusOr<Response> ParseResponse(std::string_view der) {
  const unsigned char* at = Bytes(der);
  Response response(d2i_TS_RESP(nullptr, &at, static_cast<long>(der.size())));
  if (response == nullptr || at != Bytes(der) + der.size()) return Invalid("not a time-stamp response");
  return response;
}

absl::Status SetImprint(TS_REQ* request, const std::string& digest) {
  const Owned<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
  const Owned<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  std::string bytes = digest;
  const bool set = imprint != nullptr && algorithm != nullptr &&
                   X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) == 1 &&
                   TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) == 1 &&
                   TS_MSG_IMPRINT_set_msg(imprint.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                          static_cast<int>(bytes.size())) == 1 &&
                   TS_REQ_set_msg_imprint(request, imprint.get()) == 1;
  return set ? absl::OkStatus() : absl::InternalError("no imprint could be made");
}

absl::Status SetNonce(TS_REQ* request, std::string_view nonce) {
  const Owned<BIGNUM, BN_free> number(BN_bin2bn(Bytes(nonce), static_cast<int>(nonce.size()), nullptr));
  const Owned<ASN1_INTEGER, ASN1_INTEGER_free> integer(number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr);
  const bool set = integer != nullptr && TS_REQ_set_nonce(request, integer.get()) == 1;
  return set ? absl::OkStatus() : absl::InternalError("no nonce could be made");
}

// That the response speaks of `text`, by SHA-256 and nothing weaker that gives the same bytes.
absl::Status CheckImprint(TS_TST_INFO* info, std::string_view text) {
  TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(info);
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
  if (OBJ_obj2nid(algorithm) != NID_sha256) {
    return absl::InvalidArgumentError("the time-stamp's imprint is not by SHA-256");
  }
  const ASN1_OCTET_STRING* digest = TS_MSG_IMPRINT_get_msg(imprint);
  const std::string_view stamped(reinterpret_cast<const char*>(ASN1_STRING_get0_data(digest)),
                                 static_cast<size_t>(ASN1_STRING_length(digest)));
  if (stamped != Sha256(text)) return absl::InvalidArgumentError("the time-stamp is of another text");
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> TimeOf(const TS_TST_INFO* info) {
  std::tm tm{};
  const ASN1_GENERALIZEDTIME* time = TS_TST_INFO_get_time(info);
  if (time == nullptr || ASN1_TIME_to_tm(time, &tm) != 1) return Invalid("the time-stamp's time does not parse");
  return absl::FromCivil(
      absl::CivilSecond(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec),
      absl::UTCTimeZone());
}

using Store = Owned<X509_STORE, X509_STORE_free>;

// Trusts the certificates in `pem`, as of `time`.
absl::StatusOr<Store> TrustedAt(std::string_view pem, absl::Time time) {
  Store store(X509_STORE_new());
  const Owned<BIO, BIO_free_all> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (store == nullptr || in == nullptr) return absl::InternalError("no certificate store could be made");
  int certificates = 0;
  while (const auto certificate = Owned<X509, X509_free>(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr))) {
    if (X509_STORE_add_cert(store.get(), certificate.get()) != 1) return Invalid("a trusted certificate is unusable");
    ++certificates;
  }
  // The last read fails where the file ends, and where something in it is no certificate.
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (certificates == 0 || !at_end) return Invalid("the trusted certificates are not PEM");
  ERR_clear_error();
  X509_VERIFY_PARAM* param = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(time));
  X509_VERIFY_PARAM_set_auth_level(param, kSecurityLevel);
  return store;
}

}  // namespace

absl::StatusOr<std::string> MakeTimestampRequest(std::string_view text, RandomSource& random) {
  const Request request(TS_REQ_new());
  if (request == nullptr || TS_REQ_set_version(request.get(), 1) != 1 || TS_REQ_set_cert_req(request.get(), 1) != 1) {
    return absl::InternalError("no time-stamp request could be made");
  }
  PARLEY_RETURN_IF_ERROR(SetImprint(request.get(), Sha256(text)));
  PARLEY_RETURN_IF_ERROR(SetNonce(request.get(), random.Bytes(kNonceBytes)));
  const int size = i2d_TS_REQ(request.get(), nullptr);
  if (size <= 0) return absl::InternalError("the time-stamp request cannot be encoded");
  std::string der(static_cast<size_t>(size), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  i2d_TS_REQ(request.get(), &at);
  return der;
}

absl::Status CheckTimestampResponse(std::string_view request, std::string_view response) {
  const unsigned char* at = Bytes(request);
  const Request asked(d2i_TS_REQ(nullptr, &at, static_cast<long>(request.size())));
  if (asked == nullptr) return Invalid("not a time-stamp request");
  PARLEY_ASSIGN_OR_RETURN(const Response answer, ParseResponse(response));
  // Made from the request, a context compares everything but asks for no signature.
  const VerifyContext context(TS_REQ_to_TS_VERIFY_CTX(asked.get(), nullptr));
  if (context == nullptr) return Invalid("not a time-stamp request that can be compared");
  if (TS_RESP_verify_response(context.get(), answer.get()) != 1) return Invalid("the time-stamp was not given");
  return absl::OkStatus();
}

absl::StatusOr<absl::Time> VerifyTimestamp(std::string_view response, std::string_view text, std::string_view ca_pem) {
  PARLEY_ASSIGN_OR_RETURN(const Response answer, ParseResponse(response));
  TS_TST_INFO* info = TS_RESP_get_tst_info(answer.get());
  if (info == nullptr) return Invalid("the response holds no time-stamp");
  PARLEY_RETURN_IF_ERROR(CheckImprint(info, text));
  PARLEY_ASSIGN_OR_RETURN(const absl::Time time, TimeOf(info));
  PARLEY_ASSIGN_OR_RETURN(Store store, TrustedAt(ca_pem, time));
  const VerifyContext context(TS_VERIFY_CTX_new());
  if (context == nullptr) return absl::InternalError("no verification could be set up");
  // OpenSSL asks the signer's certificate for the purpose of time-stamping wherever it verifies the signature.
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE);
  TS_VERIFY_CTX_set_store(context.get(), store.release());
  if (TS_RESP_verify_response(context.get(), answer.get()) != 1) return Invalid("the time-stamp does not verify");
  return time;
}

}  // namespace parley
