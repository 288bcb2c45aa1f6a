#include "services/query/past.h"

#include <algorithm>
#include <utility>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/status.h"
#include "services/query/access.h"

namespace parley {
namespace {

absl::StatusOr<std::optional<absl::Time>> TimeOf(bool has, const google::protobuf::Timestamp& given, absl::Time now,
                                                 std::string_view field) {
  if (!has) return std::nullopt;
  const absl::Time time = FromProto(given);
  if (time == absl::InfinitePast()) return InvalidField(field, "not a time");
  if (time > now) return InvalidField(field, "in the future");
  return std::optional(time);
}

bool SeesOwn(const std::vector<const Projection*>& models) {
  return std::any_of(models.begin(), models.end(), [](const Projection* model) { return model->sees() == Sees::kOwn; });
}

}  // namespace

const v1::AsOf* AsOfIn(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("as_of");
  if (field == nullptr || !request.GetReflection()->HasField(request, field)) return nullptr;
  return &static_cast<const v1::AsOf&>(request.GetReflection()->GetMessage(request, field));
}

absl::StatusOr<Horizon> Horizon::Make(const v1::AsOf& as_of, uint64_t size, absl::Time now) {
  Horizon out{.size = size};
  PARLEY_ASSIGN_OR_RETURN(out.known_time, TimeOf(as_of.has_known_time(), as_of.known_time(), now, "as_of.known_time"));
  PARLEY_ASSIGN_OR_RETURN(out.true_time, TimeOf(as_of.has_true_time(), as_of.true_time(), now, "as_of.true_time"));
  if (as_of.has_known_size()) {
    if (as_of.known_size() > size) return InvalidField("as_of.known_size", "more entries than there are");
    out.size = as_of.known_size();
  }
  return out;
}

absl::StatusOr<Past> Past::Make(const Horizon& horizon, const v1::Membership& reader,
                                const std::vector<const Projection*>& models, std::unique_ptr<KvStore> store) {
  PARLEY_ASSIGN_OR_RETURN(auto replayed, ReplayedStore::Make(std::move(store), models));
  return Past(horizon, reader, SeesOwn(models), std::move(replayed));
}

absl::Status Past::Take(const Entry& entry) {
  const absl::Time recorded_at = FromProto(entry.header.recorded_at());
  if (complete_ || (horizon_.known_time && recorded_at > *horizon_.known_time)) {
    complete_ = true;
    return absl::OkStatus();
  }
  const bool shown = entry.joint() || (sees_own_ && ReadsPrivateOf(reader_, entry.header.owner()));
  const bool true_by_then = !horizon_.true_time || FromProto(entry.record.effective_at()) <= *horizon_.true_time;
  PARLEY_RETURN_IF_ERROR(shown && true_by_then ? store_->Add(entry) : store_->Skip(entry));
  own_folded_ += shown && true_by_then && !entry.joint();
  last_recorded_at_ = recorded_at;
  complete_ = store_->size() == horizon_.size;
  return absl::OkStatus();
}

v1::Basis Past::BasisOf(const std::vector<std::string>& models) const {
  v1::Basis out;
  out.set_size(store_->size());
  out.set_folded(store_->folded() - (SeesOwn(ProjectionsNamed(models)) ? 0 : own_folded_));
  const absl::Time known_time = horizon_.known_time.value_or(last_recorded_at_);
  if (known_time != absl::InfinitePast()) *out.mutable_known_time() = ToProto(known_time);
  if (horizon_.true_time) *out.mutable_true_time() = ToProto(*horizon_.true_time);
  return out;
}

absl::Time Past::read_time() const {
  return horizon_.true_time ? *horizon_.true_time : horizon_.known_time.value_or(last_recorded_at_);
}

std::vector<const Projection*> ProjectionsNamed(const std::vector<std::string>& names) {
  std::vector<const Projection*> out;
  for (const auto& projection : Projections()) {
    if (std::find(names.begin(), names.end(), projection->name()) != names.end()) out.push_back(projection.get());
  }
  return out;
}

void SetBasis(v1::Basis basis, google::protobuf::Message& response) {
  const auto* field = response.GetDescriptor()->FindFieldByName("basis");
  static_cast<v1::Basis&>(*response.GetReflection()->MutableMessage(&response, field)) = std::move(basis);
}

}  // namespace parley
