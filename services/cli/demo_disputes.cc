// What the two fell out over, how they went about it, and how content each was afterwards.
#include "services/cli/demo_dispute_script.h"

namespace parley::demo {
namespace {

constexpr auto kCommercial = v1::DISPUTE_TYPE_COMMERCIAL;
constexpr auto kService = v1::DISPUTE_TYPE_SERVICE;
constexpr auto kDealings = v1::DISPUTE_TYPE_RELATIONSHIP;
constexpr auto kAvoiding = v1::DISPUTE_STYLE_AVOIDING;
constexpr auto kAccommodating = v1::DISPUTE_STYLE_ACCOMMODATING;
constexpr auto kCompeting = v1::DISPUTE_STYLE_COMPETING;
constexpr auto kCompromising = v1::DISPUTE_STYLE_COMPROMISING;
constexpr auto kCollaborating = v1::DISPUTE_STYLE_COLLABORATING;

// Settled where it arose, and an example for later.
void Waiting(DisputeScript& script) {
  constexpr char kId[] = "what-counts-as-waiting";
  script.Raise({4, 6}, kContractManager, kId,
               {.type = kCommercial,
                .title = "Tickets set to waiting to save the target",
                .description = "A fifth of the waiting tickets of the first quarter asked nobody anything.",
                .subject = "metrics/incident-resolution",
                .eur = 42'000,
                .style = kCompromising});
  script.Acknowledge({4, 8}, kFinanceLead, kId);
  script.Position({4, 9}, kContractManager, kId, "Credits for the whole quarter.",
                  {"reports that the plants believe", "a reason to argue less next quarter"});
  script.Position({4, 10}, kFinanceLead, kId, "The definition allows it.",
                  {"no penalty for what the customer leaves unanswered", "a margin on the desk"});
  script.JointStatement({4, 14}, kContractManager, kFinanceLead, kId,
                        "The definition does not say what counts as waiting for the user.");
  script.ProposeSettlement({4, 18}, kFinanceLead, kId,
                           {.text = "Waiting needs a question on the ticket. Half of the credits.",
                            .style = kCompromising,
                            .precedent = true});
  script.AcceptSettlement({4, 20}, kContractManager, kId, 1);
  script.Satisfied({4, 21}, kContractManager, 4, kFinanceLead, 4, kId);
}

// Ignored at first, then driven up the ladder by one side, until they changed how they talked.
void NightDesk(DisputeScript& script) {
  constexpr char kId[] = "night-desk";
  script.Raise({6, 9}, kServiceOwner, kId,
               {.type = kService,
                .title = "Nobody understands the night desk",
                .description = "Polish plants call the day desk's private numbers at night.",
                .subject = "decisions/follow-the-sun",
                .eur = 30'000,
                .style = kCompeting});
  // Five days to acknowledge have passed by then.
  script.Acknowledge({6, 17}, kServiceManager, kId);
  script.Position({6, 17, 14}, kServiceOwner, kId, "Local people at night, at your cost.",
                  {"a foreman at night gets help in his language"});
  script.EscalateAlone({6, 18}, kServiceOwner, kId, "operational", "No answer for a week.");
  script.Position({6, 23}, kDeliveryManager, kId, "Manila was what you decided.",
                  {"no second team for six calls a night", "time until the language class is through"});
  script.EscalateAlone({7, 3}, kServiceOwner, kId, "tactical", "The service managers' ten days are over.");
  script.SwitchStyle({7, 6}, kVmoLead, kId, kCollaborating, "We both decided it; we both mend it.");
  script.JointStatement({7, 8}, kVmoLead, kDeliveryManager, kId,
                        "Six calls a night, four of them Polish; nobody asked the plants first.");
  script.ProposeSettlement({7, 14}, kAccountLead, kId,
                           {.text = "Two Polish speakers at night from October; half the credits; plants asked first.",
                            .style = kCollaborating,
                            .decision = "decisions/third-quarter-credits"});
  script.AcceptSettlement({7, 16}, kVmoLead, kId, 1);
  script.Satisfied({7, 20}, kServiceOwner, 4, kDeliveryManager, 3, kId);
}

// Taken up together, before anybody's time was up.
void Onboarding(DisputeScript& script) {
  constexpr char kId[] = "scope-of-onboarding";
  script.Raise({9, 5}, kFinanceLead, kId,
               {.type = kCommercial,
                .title = "Is onboarding the new plant in scope?",
                .description = "Gdynia opened with 140 people; annex 1 lists the plants by name.",
                .eur = 65'000});
  script.Acknowledge({9, 7}, kContractManager, kId);
  script.Position({9, 8}, kFinanceLead, kId, "A new plant is a new price.", {"paid for what was not priced"});
  script.Position({9, 9}, kContractManager, kId, "People are people, wherever they sit.",
                  {"a cost that is known before the plant opens", "no precedent for every lease we sign"});
  script.EscalateJointly({9, 16}, kFinanceLead, kContractManager, kId, "operational", "Neither of us may settle it.");
  script.SwitchStyle({9, 19}, kContractManager, kId, kCollaborating, "Two more plants are coming.");
  script.EscalateJointly({9, 24}, kFinanceLead, kContractManager, kId, "tactical",
                         "A rule for new plants, not a price.");
  script.ProposeSettlement({10, 3}, kVmoLead, kId,
                           {.text = "Plants below 100 people are in scope.", .style = kCompromising});
  script.ProposeSettlement({10, 6}, kAccountLead, kId,
                           {.text = "A price per head for onboarding, known a year ahead; none below 50 people.",
                            .style = kCollaborating,
                            .precedent = true});
  script.AcceptSettlement({10, 9}, kVmoLead, kId, 2);
  script.Satisfied({10, 12}, kContractManager, 5, kFinanceLead, 4, kId);
}

// Talked about, and taken back.
void ShadowMeetings(DisputeScript& script) {
  constexpr char kId[] = "meetings-without-us";
  script.Raise({11, 4}, kAccountLead, kId,
               {.type = kDealings,
                .title = "Plants are told of changes before we are",
                .description = "Three changes in two months were announced at plant meetings that we are not asked to.",
                .style = kAvoiding});
  script.Acknowledge({11, 6}, kVmoLead, kId);
  script.Position({11, 8}, kAccountLead, kId, "A seat at the plant meetings.", {"not to look like fools on the floor"});
  script.SwitchStyle({11, 12}, kVmoLead, kId, kAccommodating, "They are right.");
  script.Withdraw({11, 19}, kAccountLead, kId, "We have the seat.");
}

// The same again, urgent this time, and put into a third party's hands.
void NightDeskAgain(DisputeScript& script) {
  constexpr char kId[] = "night-desk-again";
  script.Raise({15, 8}, kServiceOwner, kId,
               {.type = kService,
                .title = "The night desk has lost its Polish speakers",
                .description = "Both left in spring; a line in Lodz stood for five hours.",
                .subject = "decisions/follow-the-sun",
                .eur = 90'000,
                .style = kCompeting,
                .recurrence_of = "night-desk"});
  script.Acknowledge({15, 9}, kServiceManager, kId);
  script.Position({15, 10}, kServiceOwner, kId, "Damages, and local people at night for good.",
                  {"no line stands for want of a word"});
  script.Position({15, 11}, kNewDeliveryManager, kId, "Two people left; that is not a breach.",
                  {"no liability for lines", "a roster that people stay in"});
  script.EscalateAlone({15, 12}, kServiceOwner, kId, "operational", "It stood before.");
  script.EscalateAlone({15, 15}, kVmoLead, kId, "executive", "Harvest starts in ten days.", true);
  script.AppointNeutral({16, 9}, kVmoLead, kAccountLead, kId, kMediator);
  script.Determine({16, 24}, kMediator, kId,
                   {.text = "Local people in the harvest months; a third of the damages; no liability for lines.",
                    .style = kCompromising});
  script.Satisfied({16, 27}, kServiceOwner, 3, kNewDeliveryManager, 2, kId);
}

// Settled, broken, and settled again: the provider's turn to wait for money.
void UnpaidInvoices(DisputeScript& script) {
  constexpr char kId[] = "unpaid-invoices";
  script.Raise({18, 6}, kFinanceLead, kId,
               {.type = kCommercial,
                .title = "Eleven invoices over sixty days",
                .description = "Since Acme's accounts payable moved, every third invoice waits for an order number.",
                .subject = "metrics/paid-on-time",
                .eur = 120'000,
                .style = kCompeting,
                .suspended = "No new projects are begun until the eleven are paid."});
  script.Acknowledge({18, 8}, kContractManager, kId);
  script.Position({18, 9}, kFinanceLead, kId, "Pay all, with interest.", {"our credit line", "no monthly begging"});
  script.Position({18, 10}, kContractManager, kId, "No order number, no payment.", {"an audit that we pass"});
  script.ProposeSettlement({18, 17}, kContractManager, kId,
                           {.text = "Ten of eleven this week; order numbers on new ones.", .style = kCompromising});
  script.AcceptSettlement({18, 20}, kFinanceLead, kId, 1);
  script.Satisfied({18, 21}, kContractManager, 4, kFinanceLead, 2, kId);
  script.Reopen({20, 4}, kFinanceLead, kId, "Four of the ten are still unpaid.");
  script.EscalateJointly({20, 6}, kFinanceLead, kContractManager, kId, "operational",
                         "Accounts payable must sit there.");
  script.SwitchStyle({20, 8}, kVmoLead, kId, kCollaborating, "Their clerk and ours at one desk for a week.");
  script.ProposeSettlement(
      {20, 12}, kVmoLead, kId,
      {.text = "All paid by the 15th; orders are made when work is ordered.", .style = kCollaborating});
  script.AcceptSettlement({20, 13}, kFinanceLead, kId, 2);
  script.Satisfied({20, 18}, kContractManager, 4, kFinanceLead, 5, kId);
}

// Open when the story ends.
void YearEndFreeze(DisputeScript& script) {
  constexpr char kId[] = "year-end-freeze";
  script.Raise({22, 7}, kServiceOwner, kId,
               {.type = kService,
                .title = "Releases during the busiest weeks",
                .description = "Two releases went out in the weeks that were to be quiet.",
                .subject = "metrics/platform-availability",
                .eur = 25'000,
                .style = kCompeting});
  script.Acknowledge({22, 9}, kNewDeliveryManager, kId);
  script.Position({22, 10}, kServiceOwner, kId, "Nothing is released without us.", {"weeks in which nothing moves"});
  script.EscalateJointly({22, 18}, kServiceOwner, kNewDeliveryManager, kId, "operational", "Needs both calendars.");
  script.Position({23, 2}, kNewDeliveryManager, kId, "Security fixes do not wait.", {"not to be blamed for a breach"});
  script.EscalateAlone({23, 6}, kNewDeliveryManager, kId, "tactical", "Ten days, and no calendar.");
  script.EscalateAlone({23, 24}, kServiceOwner, kId, "executive", "The committee met and did not speak of it.");
}

}  // namespace

void TellFirstYear(DisputeScript& script) {
  Waiting(script);
  NightDesk(script);
  Onboarding(script);
  ShadowMeetings(script);
}

void TellSecondYear(DisputeScript& script) {
  NightDeskAgain(script);
  UnpaidInvoices(script);
  YearEndFreeze(script);
}

}  // namespace parley::demo
