#include "services/cli/field_text.h"

#include <gtest/gtest.h>

#include "parley/v1/decision.pb.h"
#include "parley/v1/metric.pb.h"
#include "parley/v1/relationship.pb.h"

namespace parley {
namespace {

absl::Status Set(google::protobuf::Message* message, const char* field, std::string_view text) {
  return SetFromText(message, message->GetDescriptor()->FindFieldByName(field), text);
}

std::string Get(const google::protobuf::Message& message, const char* field) {
  return FieldText(message, message.GetDescriptor()->FindFieldByName(field));
}

struct RoundTrip {
  const char* given;
  const char* shown;
};

TEST(FieldText, TimesAreRfc3339OrDates) {
  for (const auto& [given, shown] : {RoundTrip{"2026-03-05T09:30:00Z", "2026-03-05T09:30:00Z"},
                                     RoundTrip{"2026-03-05T10:30:00+01:00", "2026-03-05T09:30:00Z"},
                                     RoundTrip{"2026-03-05", "2026-03-05T00:00:00Z"}}) {
    v1::DecideDecisionRequest request;
    ASSERT_TRUE(Set(&request, "effective_at", given).ok()) << given;
    EXPECT_EQ(Get(request, "effective_at"), shown);
  }
  v1::DecideDecisionRequest request;
  for (const char* wrong : {"", "yesterday", "2026-02-30", "2026-03-05T09:30:00"}) {
    EXPECT_FALSE(Set(&request, "effective_at", wrong).ok()) << wrong;
  }
}

TEST(FieldText, Durations) {
  for (const auto& [given, shown] : {RoundTrip{"36h", "1d12h"}, RoundTrip{"30d", "30d"}, RoundTrip{"1w", "7d"},
                                     RoundTrip{"90m", "1h30m"}, RoundTrip{"1d12h", "1d12h"}, RoundTrip{"0s", "0s"}}) {
    v1::EscalationTier tier;
    ASSERT_TRUE(Set(&tier, "window", given).ok()) << given;
    EXPECT_EQ(Get(tier, "window"), shown);
  }
  v1::EscalationTier tier;
  for (const char* wrong : {"", "36", "h", "1y", "-3h", "1.5h", "99999999999999999999d", "99999999d"}) {
    EXPECT_FALSE(Set(&tier, "window", wrong).ok()) << wrong;
  }
}

TEST(FieldText, Money) {
  for (const auto& [given, shown] :
       {RoundTrip{"GBP 1200.50", "GBP 1200.50"}, RoundTrip{"GBP1200", "GBP 1200.00"},
        RoundTrip{"EUR -0.25", "EUR -0.25"}, RoundTrip{"EUR 0.000000001", "EUR 0.000000001"},
        RoundTrip{"EUR -3.10", "EUR -3.10"}}) {
    v1::ProposeDecisionRequest request;
    ASSERT_TRUE(Set(&request, "amount", given).ok()) << given;
    EXPECT_EQ(Get(request, "amount"), shown);
  }
  v1::ProposeDecisionRequest request;
  ASSERT_TRUE(Set(&request, "amount", "EUR -3.10").ok());
  EXPECT_EQ(request.amount().units(), -3);
  EXPECT_EQ(request.amount().nanos(), -100'000'000) << "nanos have the sign of the units";
  for (const char* wrong :
       {"", "1200", "gbp 3", "GBP", "GBP 1,200", "GBP 1.", "GBP .5", "GBP 1.0000000001", "GBP 1 2"}) {
    EXPECT_FALSE(Set(&request, "amount", wrong).ok()) << wrong;
  }
}

TEST(FieldText, EnumsGoByTheirShortNames) {
  v1::EstablishRelationshipRequest request;
  for (const char* given : {"managed-service", "MANAGED_SERVICE", "Managed-Service", "ARCHETYPE_MANAGED_SERVICE"}) {
    ASSERT_TRUE(Set(&request, "archetype", given).ok()) << given;
    EXPECT_EQ(request.archetype(), v1::ARCHETYPE_MANAGED_SERVICE);
  }
  EXPECT_EQ(Get(request, "archetype"), "managed-service");
  const absl::Status status = Set(&request, "archetype", "marriage");
  EXPECT_EQ(status.message(),
            "\"marriage\" is not one of transactional, managed-service, outcome-based, strategic-partnership");
  request.set_archetype(static_cast<v1::Archetype>(99));
  EXPECT_EQ(Get(request, "archetype"), "99") << "a value of a newer server";
}

TEST(FieldText, FractionsAndBytes) {
  v1::Measurement measurement;
  ASSERT_TRUE(Set(&measurement, "raw", "97/100").ok());
  EXPECT_EQ(Get(measurement, "raw"), "97/100");
  ASSERT_TRUE(Set(&measurement, "raw", "0/0").ok());
  EXPECT_EQ(Get(measurement, "raw"), "unknown") << "no data is unknown, never a number";
  EXPECT_FALSE(Set(&measurement, "raw", "97").ok());
  v1::Evidence evidence;
  ASSERT_TRUE(Set(&evidence, "sha256", "00ff10").ok());
  EXPECT_EQ(evidence.sha256(), std::string("\x00\xff\x10", 3));
  EXPECT_EQ(Get(evidence, "sha256"), "00ff10");
  EXPECT_FALSE(Set(&evidence, "sha256", "00f").ok());
}

TEST(FieldText, MessagesAsPairsOrJson) {
  v1::ProposeDecisionRequest request;
  ASSERT_TRUE(Set(&request, "options", "option_id=stay,description=As it is").ok());
  ASSERT_TRUE(Set(&request, "options", R"({"option_id": "go", "description": "Move, at once"})").ok());
  ASSERT_EQ(request.options_size(), 2);
  EXPECT_EQ(request.options(0).description(), "As it is");
  EXPECT_EQ(request.options(1).description(), "Move, at once");
  const absl::Status status = Set(&request, "options", "id=stay");
  EXPECT_EQ(status.message(), "\"id=stay\" is not of the form option_id=…,description=… (or give it as JSON: {…})");
}

TEST(FieldText, NumbersMustFit) {
  v1::AdoptCharterRequest request;
  EXPECT_TRUE(Set(&request, "version", "2147483647").ok());
  EXPECT_FALSE(Set(&request, "version", "2147483648").ok());
  EXPECT_FALSE(Set(&request, "version", "one").ok());
}

}  // namespace
}  // namespace parley
