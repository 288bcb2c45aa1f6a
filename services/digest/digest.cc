#include "services/digest/digest.h"

#include <string>

#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "services/aggregate/recheck.h"

namespace parley {
namespace {

constexpr size_t kSha256Bytes = 32;

// In the order of their names, each once.
absl::Status CheckModels(const v1::RecordDigestRequest& request) {
  if (request.models().empty()) return InvalidField("models", "must be given");
  std::string_view before;
  for (int i = 0; i < request.models_size(); ++i) {
    const v1::ReadModelDigest& model = request.models(i);
    const std::string field = absl::StrCat("models[", i, "].");
    if (model.model() <= before) return InvalidField(field + "model", "must come after the model before it");
    if (model.version() == 0) return InvalidField(field + "version", "must be given");
    if (model.fold_version() == 0) return InvalidField(field + "fold_version", "must be given");
    if (model.sha256().size() != kSha256Bytes) return InvalidField(field + "sha256", "must be 32 bytes long");
    before = model.model();
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Events> Decide(const v1::Digest&, const v1::RecordDigestRequest& request, const Context& context) {
  if (context.actor().principal != kSystemActor) {
    return Reject(v1::REASON_PERMISSION_MISSING, "only the server itself records digests");
  }
  if (request.size() == 0 || request.size() > context.ledger().next_sequence()) {
    return InvalidField("size", "must be 1 to the number of entries that are there");
  }
  // One size, one name: so there is one digest of a size.
  const auto name = ResourceName::Parse(context.target());
  if (!name || name->id != std::to_string(request.size())) return InvalidField("digest_id", "must be the size");
  PARLEY_RETURN_IF_ERROR(CheckModels(request));
  v1::DigestEvent event;
  event.mutable_recorded()->set_size(request.size());
  *event.mutable_recorded()->mutable_models() = request.models();
  return Events().Emit(context.target(), std::move(event));
}

absl::StatusOr<Events> Redecide(const v1::Digest& digest, const RecordedCommand& recorded, const Context& context) {
  const v1::DigestEvent& event = *recorded.First<v1::DigestEvent>();
  v1::RecordDigestRequest request;
  request.set_size(event.recorded().size());
  *request.mutable_models() = event.recorded().models();
  return DecideAgain(digest, request, context);
}

void Evolve(v1::Digest& digest, const v1::DigestEvent& event, const EventInfo&) {
  switch (event.kind_case()) {
    case v1::DigestEvent::kRecorded:
      digest.set_size(event.recorded().size());
      *digest.mutable_models() = event.recorded().models();
      return;
    case v1::DigestEvent::KIND_NOT_SET:
      return;  // Poison: DecodeEvent never lets it through.
  }
}

}  // namespace parley
