#include "services/server/timestamp_authority.h"

#include <curl/curl.h>

#include <memory>
#include <utility>

#include "eventstore/base/status.h"
#include "eventstore/proof/timestamp.h"

namespace parley {
namespace {

// Responses with a chain of certificates are a few KiB.
constexpr size_t kMaxResponseBytes = 64 << 10;
constexpr char kQueryType[] = "application/timestamp-query";
constexpr char kReplyType[] = "application/timestamp-reply";

size_t Take(char* data, size_t size, size_t count, void* into) {
  auto& response = *static_cast<std::string*>(into);
  if (response.size() + size * count > kMaxResponseBytes) return 0;  // curl then ends with CURLE_WRITE_ERROR.
  response.append(data, size * count);
  return size * count;
}

struct FreeCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

absl::Status Failure(CURLcode code, const std::string& url, const char* detail) {
  const std::string what = url + ": " + (*detail != '\0' ? detail : curl_easy_strerror(code));
  if (code == CURLE_OPERATION_TIMEDOUT) return absl::DeadlineExceededError(what);
  if (code == CURLE_WRITE_ERROR) return absl::InvalidArgumentError(url + ": the answer is too large for a time-stamp");
  return absl::UnavailableError(what);
}

}  // namespace

TimestampAuthority::TimestampAuthority(TimestampAuthorityOptions options) : options_(std::move(options)) {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);  // Once per process.
  static_cast<void>(kReady);                                             // Where it failed, so does every handle.
}

absl::StatusOr<std::string> TimestampAuthority::Stamp(const std::string& text) const {
  PARLEY_ASSIGN_OR_RETURN(const std::string request, MakeTimestampRequest(text, *options_.random));
  const std::unique_ptr<CURL, FreeCurl> curl(curl_easy_init());
  const std::unique_ptr<curl_slist, FreeCurl> headers(
      curl_slist_append(nullptr, (std::string("Content-Type: ") + kQueryType).c_str()));
  if (curl == nullptr || headers == nullptr) return absl::InternalError("libcurl cannot be used");
  std::string response;
  char detail[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(curl.get(), CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, request.data());
  curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(request.size()));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Take);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &response);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(options_.timeout)));
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);  // There are other threads.
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, detail);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return Failure(code, options_.url, detail);

  long http = 0;
  const char* type = nullptr;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &http);
  curl_easy_getinfo(curl.get(), CURLINFO_CONTENT_TYPE, &type);
  if (http != 200) return absl::UnavailableError(options_.url + ": answered with HTTP status " + std::to_string(http));
  if (type == nullptr || !std::string_view(type).starts_with(kReplyType)) {
    return absl::InvalidArgumentError(options_.url + ": the answer is not " + kReplyType);
  }
  if (const absl::Status checked = CheckTimestampResponse(request, response); !checked.ok()) {
    return absl::InvalidArgumentError(options_.url + ": " + std::string(checked.message()));
  }
  return response;
}

}  // namespace parley
