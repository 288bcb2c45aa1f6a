#include "services/import/ocds_sections.h"

#include <algorithm>
#include <iterator>

namespace parley {
namespace {

// clang-format off
#define PERIOD(at) at "/startDate", at "/endDate", at "/maxExtentDate", at "/durationInDays"
#define VALUE(at) at "/amount", at "/currency"
#define ORGANISATION(at) at "/id", at "/name"
#define CLASSIFICATION(at) at "/scheme", at "/id", at "/description", at "/uri"
// clang-format on

OcdsSection Documents() {
  return {.key = "documents",
          .kind = OcdsKind::kDocument,
          .fields = {"id", "documentType", "title", "description", "url", "datePublished", "dateModified", "format",
                     "language"},
          .dates = {"datePublished"},
          .titles = {"title", "documentType", "id"}};
}

OcdsSection Milestones() {
  return {.key = "milestones",
          .kind = OcdsKind::kMilestone,
          .fields = {"id", "title", "type", "description", "code", "dueDate", "dateMet", "dateModified", "status"},
          .dates = {"dateMet"},
          .titles = {"title", "description", "id"},
          .sections = {Documents()}};
}

OcdsSection Items() {
  return {
      .key = "items",
      .kind = OcdsKind::kItem,
      .fields = {"id", "description", CLASSIFICATION("classification"), CLASSIFICATION("additionalClassifications/*"),
                 "quantity", "unit/scheme", "unit/id", "unit/name", "unit/uri", VALUE("unit/value")},
      .amount = "unit/value",
      .titles = {"description", "id"}};
}

OcdsSection Amendments() {
  return {.key = "amendments",
          .kind = OcdsKind::kAmendment,
          .fields = {"id", "date", "rationale", "description", "amendsReleaseID", "releaseID", "changes/*/property"},
          .dates = {"date"},
          .titles = {"description", "rationale", "id"}};
}

OcdsSection RelatedProcesses() {
  return {.key = "relatedProcesses",
          .kind = OcdsKind::kRelatedProcess,
          .fields = {"id", "relationship/*", "title", "scheme", "identifier", "uri"},
          .titles = {"title", "identifier"}};
}

OcdsSection Transactions() {
  return {.key = "transactions",
          .kind = OcdsKind::kTransaction,
          .fields = {"id", "source", "date", VALUE("value"), ORGANISATION("payer"), ORGANISATION("payee"), "uri"},
          .amount = "value",
          .dates = {"date"},
          .titles = {"id"}};
}

OcdsSection Parties() {
  return {.key = "parties",
          .kind = OcdsKind::kParty,
          .fields = {"id", "name", "roles/*", "identifier/scheme", "identifier/id", "identifier/legalName",
                     "identifier/uri", "additionalIdentifiers/*/scheme", "additionalIdentifiers/*/id",
                     "additionalIdentifiers/*/legalName", "additionalIdentifiers/*/uri", "address/streetAddress",
                     "address/locality", "address/region", "address/postalCode", "address/countryName"},
          .titles = {"name", "id"}};
}

OcdsSection Planning() {
  return {.key = "planning",
          .kind = OcdsKind::kPlanning,
          .fields = {"rationale"},
          .titles = {"rationale"},
          .sections = {{.key = "budget",
                        .kind = OcdsKind::kBudget,
                        .fields = {"id", "description", VALUE("amount"), "project", "projectID", "uri", "source"},
                        .amount = "amount",
                        .titles = {"description", "project", "id"}},
                       Documents(),
                       Milestones()}};
}

OcdsSection Tender() {
  return {.key = "tender",
          .kind = OcdsKind::kTender,
          .fields = {"id",
                     "title",
                     "description",
                     "status",
                     ORGANISATION("procuringEntity"),
                     VALUE("value"),
                     VALUE("minValue"),
                     "procurementMethod",
                     "procurementMethodDetails",
                     "procurementMethodRationale",
                     "mainProcurementCategory",
                     "additionalProcurementCategories/*",
                     "awardCriteria",
                     "awardCriteriaDetails",
                     "submissionMethod/*",
                     "submissionMethodDetails",
                     PERIOD("tenderPeriod"),
                     PERIOD("enquiryPeriod"),
                     PERIOD("awardPeriod"),
                     PERIOD("contractPeriod"),
                     "hasEnquiries",
                     "eligibilityCriteria",
                     "numberOfTenderers",
                     ORGANISATION("tenderers/*")},
          .amount = "value",
          .titles = {"title", "description", "id"},
          .sections = {Documents(), Milestones(), Items(), Amendments()}};
}

OcdsSection Awards() {
  return {.key = "awards",
          .kind = OcdsKind::kAward,
          .fields = {"id", "title", "description", "status", "date", VALUE("value"), ORGANISATION("suppliers/*"),
                     PERIOD("contractPeriod")},
          .amount = "value",
          .dates = {"date"},
          .titles = {"title", "description", "id"},
          .sections = {Documents(), Items(), Amendments()}};
}

OcdsSection Contracts() {
  return {.key = "contracts",
          .kind = OcdsKind::kContract,
          .fields = {"id", "awardID", "title", "description", "status", PERIOD("period"), VALUE("value"), "dateSigned"},
          .amount = "value",
          .dates = {"dateSigned"},
          .titles = {"title", "description", "id"},
          .sections = {Documents(),
                       Milestones(),
                       Items(),
                       Amendments(),
                       RelatedProcesses(),
                       // An implementation has no fields of its own, so no fact comes of itself.
                       {.key = "implementation",
                        .kind = OcdsKind::kContract,
                        .sections = {Transactions(), Milestones(), Documents()}}}};
}

#undef PERIOD
#undef VALUE
#undef ORGANISATION
#undef CLASSIFICATION

}  // namespace

const std::vector<OcdsSection>& OcdsReleaseSections() {
  static const auto& sections =
      *new std::vector<OcdsSection>{Parties(), Planning(), Tender(), Awards(), Contracts(), RelatedProcesses()};
  return sections;
}

bool IsOcdsPersonal(std::string_view key) {
  static constexpr std::string_view kPersonal[] = {"contactPoint", "additionalContactPoints", "persons",
                                                   "beneficialOwners", "signatories"};
  return std::find(std::begin(kPersonal), std::end(kPersonal), key) != std::end(kPersonal);
}

std::string_view OcdsKindName(OcdsKind kind) {
  switch (kind) {
    case OcdsKind::kParty:
      return "party";
    case OcdsKind::kPlanning:
      return "planning";
    case OcdsKind::kBudget:
      return "budget";
    case OcdsKind::kTender:
      return "tender";
    case OcdsKind::kAward:
      return "award";
    case OcdsKind::kContract:
      return "contract";
    case OcdsKind::kAmendment:
      return "amendment";
    case OcdsKind::kMilestone:
      return "milestone";
    case OcdsKind::kTransaction:
      return "transaction";
    case OcdsKind::kItem:
      return "item";
    case OcdsKind::kDocument:
      return "document";
    case OcdsKind::kRelatedProcess:
      return "related process";
  }
  return "";
}

}  // namespace parley
