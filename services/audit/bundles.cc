#include "services/audit/bundles.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "eventstore/base/proto_util.h"
#include "eventstore/base/resource_name.h"
#include "eventstore/base/status.h"
#include "parley/v1/person.pb.h"
#include "projections/resources.h"
#include "services/query/scan_rows.h"

namespace parley {
namespace {

std::set<std::string> AdministeredBy(const v1::Membership& membership) {
  std::set<std::string> parties;
  for (const v1::RoleGrant& grant : membership.grants()) {
    const auto& permissions = grant.permissions();
    if (std::find(permissions.begin(), permissions.end(), v1::PERMISSION_ADMINISTER) != permissions.end()) {
      parties.insert(grant.party_id());
    }
  }
  return parties;
}

// People of these parties, joint ones and their own, in the order of names.
absl::StatusOr<std::set<std::string>> PeopleOf(ReadView& view, const LedgerId& ledger,
                                               const std::set<std::string>& parties) {
  std::set<std::string> people;
  std::set<std::string> owners = parties;
  owners.insert("");
  for (const std::string& owner : owners) {
    const char* model = ResourceRows::ModelOf(owner);
    std::vector<v1::Person> persons;
    PARLEY_RETURN_IF_ERROR(ScanRows(view, model, ledger, RowsInto{ResourceRows::Prefix("persons", owner), persons}));
    for (const v1::Person& person : persons) {
      if (parties.contains(person.party_id())) people.insert(person.name());
    }
  }
  return people;
}

}  // namespace

absl::StatusOr<LedgerId> Bundles::Readable(const Caller& caller, const v1::ExportBundleRequest& request) const {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, RelationshipNamed(request.name(), "name"));
  ReadView view(*options_.read_store, ledger);
  PARLEY_ASSIGN_OR_RETURN(const v1::Membership member, RequireMember(view, caller, ledger));
  if (!request.reader().empty() && !ReadsPrivateOf(member, request.reader())) {
    return Reject(v1::REASON_NOT_YOUR_PARTY, "a bundle is for a party of one's own, or for an auditor")
        .With("party", request.reader());
  }
  PARLEY_RETURN_IF_ERROR(options_.guard->Trust(ledger));
  return ledger;
}

void Bundles::ChooseSize(const Caller& caller, const v1::ExportBundleRequest& request,
                         std::function<void(absl::StatusOr<uint64_t>)> done) const {
  const auto ledger = Readable(caller, request);
  if (!ledger.ok()) return done(ledger.status());
  if (request.size() > 0) return done(request.size());
  const auto newest = options_.store->Newest(*ledger);
  if (!newest.ok()) return done(newest.status());
  if (*newest) {
    const auto checkpoint = CheckpointOf((*newest)->note());
    if (!checkpoint.ok()) return done(checkpoint.status());
    const auto least = SizeCoveringErasures(*options_.log, *ledger, request.reader(), checkpoint->size);
    if (!least.ok() || *least == checkpoint->size) return done(least);
  }
  options_.checkpointer->Create(*ledger, [done = std::move(done)](const absl::StatusOr<v1::CheckpointRecord>& record) {
    if (!record.ok()) return done(record.status());
    const auto checkpoint = CheckpointOf(record->note());
    checkpoint.ok() ? done(checkpoint->size) : done(checkpoint.status());
  });
}

absl::StatusOr<std::unique_ptr<BundleExport>> Bundles::Open(const Caller& caller,
                                                            const v1::ExportBundleRequest& request,
                                                            uint64_t size) const {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, Readable(caller, request));
  return BundleExport::Open({options_.log, options_.store, options_.tree}, {.ledger = ledger,
                                                                            .reader = request.reader(),
                                                                            .size = size,
                                                                            .after_path = request.after_path(),
                                                                            .have_size = request.have_size()});
}

absl::Status Bundles::Answer(const Caller& caller, const v1::ReleasePersonKeysRequest& request,
                             v1::ReleasePersonKeysResponse& response) const {
  PARLEY_ASSIGN_OR_RETURN(const LedgerId ledger, RelationshipNamed(request.name(), "name"));
  ReadView view(*options_.read_store, ledger);
  PARLEY_ASSIGN_OR_RETURN(const v1::Membership member, RequireMember(view, caller, ledger));
  const std::set<std::string> parties = AdministeredBy(member);
  if (parties.empty()) {
    return Reject(v1::REASON_PERMISSION_MISSING, "keys of people are released by administrators of their party")
        .With("permission", "ADMINISTER");
  }
  const absl::Time now = options_.clock->Now(), expires = FromProto(request.expire_time());
  if (expires <= now || expires > now + kLongestRelease) {
    return InvalidField("expire_time",
                        "must be given, in the future, and at most 90 days away; on this server it is " + Rfc3339(now));
  }
  PARLEY_ASSIGN_OR_RETURN(std::set<std::string> people, PeopleOf(view, ledger, parties));
  if (!request.persons().empty()) {
    const std::set<std::string> wanted(request.persons().begin(), request.persons().end());
    for (const std::string& person : wanted) {
      if (!people.contains(person)) return NoSuchResource(person);
    }
    people = wanted;
  }
  v1::PersonKeys& keys = *response.mutable_keys();
  keys.set_relationship(request.name());
  *keys.mutable_expire_time() = request.expire_time();
  for (const std::string& person : people) {
    const auto key = options_.person_keys->Find(person);
    if (absl::IsNotFound(key.status())) continue;
    PARLEY_RETURN_IF_ERROR(key.status());
    v1::PersonKey& released = *keys.add_keys();
    released.set_person(person);
    released.set_key(*key);
  }
  return absl::OkStatus();
}

}  // namespace parley
