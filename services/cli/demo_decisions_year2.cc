// Decisions of the second year: under another charter from its first month on, and some still open at the end.
#include "services/cli/demo_decision_script.h"

namespace parley::demo {

void TellThirdHalfYear(DecisionScript& script) {
  script.Propose(
      {12, 4}, kVmoLead, "amend-charter",
      {"governance", 0, "Small changes below, innovation jointly", {{"amend", "Amend"}, {"keep", "Keep it"}}});
  script.Input({12, 10}, kAccountLead, "amend-charter", "Only with a class for innovation that we decide.");
  script.Concur({12, 15}, kAccountLead, "amend-charter");
  script.Decide({12, 20}, kVmoLead, "amend-charter", "amend", "Ninety small changes waited eleven days each.");
  script.Assess({18, 26}, kServiceOwner, "amend-charter", 4, "Small changes now take two days.");

  script.Propose({13, 3}, kAccountLead, "delivery-handover",
                 {"people", 0, "Hand over delivery", {{"sorrel", "Sorrel, six weeks of overlap"}, {"hire", "Hire"}}});
  script.Object({13, 5}, kServiceOwner, "delivery-handover", "skills", "Has never seen a plant.");
  script.Input({13, 6}, kAccountLead, "delivery-handover", "Four weeks in Lyon before the handover.");
  script.Concur({13, 9}, kServiceOwner, "delivery-handover");
  script.Decide({13, 10}, kAccountLead, "delivery-handover", "sorrel", "Knows the tools; learns the plants.");

  script.Propose({14, 6}, kVmoLead, "start-transforming",
                 {"governance", 0, "From running to transforming", {{"start", "Start"}, {"not-yet", "Not yet"}}});
  script.Concur({14, 8}, kAccountLead, "start-transforming");
  script.Decide({14, 17}, kVmoLead, "start-transforming", "start", "Steady for two quarters.",
                "The business lead does not call it steady.");

  script.Assess({21, 14}, kBusinessLead, "start-transforming", 3, "Late to say: some of it is only faster running.");

  // Objected to, and taken back.
  script.Propose({14, 9}, kServiceOwner, "logs-abroad",
                 {"change", 20'000, "Keep logs with the night shift", {{"abroad", "In Manila"}, {"here", "In Lyon"}}});
  script.Object({14, 12}, kNewDeliveryManager, "logs-abroad", "regulatory", "They hold names of shop floor people.");
  script.Withdraw({14, 26}, kServiceOwner, "logs-abroad", "Right.");

  script.Propose({15, 5}, kArchitect, "innovation-fund",
                 {"innovation", 100'000, "A joint innovation fund", {{"fund", "Half each"}, {"case", "Case by case"}}});
  script.Concur({15, 8}, kVmoLead, "innovation-fund");
  script.Decide({15, 12}, kAccountLead, "innovation-fund", "fund", "Our half comes out of the margin we got back.");
  script.Assess({20, 9}, kBusinessLead, "innovation-fund", 3, "Two ideas, both about tickets.");

  script.Propose(
      {15, 14}, kServiceManager, "patch-by-risk",
      {"change", 12'000, "Patch by risk, not by calendar", {{"by-risk", "By risk"}, {"by-plant", "By plant"}}});
  script.Concur({15, 15}, kNewDeliveryManager, "patch-by-risk");
  script.Decide({15, 16}, kServiceOwner, "patch-by-risk", "by-risk", "Nine of ten patches could wait; one could not.");
  script.Supersede({15, 16, 14}, kServiceOwner, "patch-window-by-plant", "patch-by-risk");

  script.Propose(
      {16, 4}, kArchitect, "automation-first-wave",
      {"change", 150'000, "Automate the ten most frequent requests", {{"ten", "All ten"}, {"three", "Three"}}});
  script.Concur({16, 6}, kAccountLead, "automation-first-wave");
  script.Decide({16, 9}, kVmoLead, "automation-first-wave", "ten", "Pays back in eight months.");
  script.Assess({20, 22}, kServiceOwner, "automation-first-wave", 4, "Seven of ten; the three hardest wait.");

  // Would have gone to the vendor manager a year before.
  script.Propose({17, 7}, kServiceManager, "knowledge-base",
                 {"change", 35'000, "One knowledge base", {{"one", "One"}, {"two", "One each"}}});
  script.Concur({17, 7, 14}, kNewDeliveryManager, "knowledge-base");
  script.Decide({17, 8}, kServiceOwner, "knowledge-base", "one", "What only one side knows is lost to both.");
  script.Assess({19, 28}, kNewDeliveryManager, "knowledge-base", 4, "New people are useful after two weeks, not five.");
}

void TellFourthHalfYear(DecisionScript& script) {
  script.Propose(
      {18, 5}, kContractManager, "renewal-terms",
      {"commercial",
       900'000,
       "Extend by two years",
       {{"extend", "Extend, prices as they are"}, {"renegotiate", "Extend, prices anew"}, {"tender", "Tender"}},
       {"cost of the tail", "what the business says", "the provider's margin"}});
  script.Input({18, 12}, kServiceOwner, "renewal-terms", "The people are good now. The contract is not.");
  script.Concur({18, 20}, kAccountLead, "renewal-terms");
  script.Concur({18, 21}, kVmoLead, "renewal-terms");
  script.Defer({18, 27}, kCfoDelegate, "renewal-terms", "executive-board", "The board meets in seven weeks.");
  script.Decide({20, 15}, kCfoDelegate, "renewal-terms", "renegotiate", "One year, with an option on the second.",
                "The contract manager would have tendered.");

  script.Propose({19, 6}, kServiceOwner, "shift-roster",
                 {"change", 22'000, "Two more people in the early shift", {{"two", "Two"}, {"one", "One"}}});
  script.Object({19, 8}, kNewDeliveryManager, "shift-roster", "capacity",
                "Not before the training class in two months.");
  script.Override({19, 13}, kCfoDelegate, "shift-roster", "one", "One now; the plants cannot wait for a class.");
  script.Assess({22, 20}, kServiceOwner, "shift-roster", 3, "One was enough, in the end.");

  // Blocked to this day.
  script.Propose(
      {20, 11}, kArchitect, "automation-second-wave",
      {"change", 180'000, "Automate the three hardest requests", {{"three", "All three"}, {"stop", "Stop here"}}});
  script.Object({20, 16}, kAccountLead, "automation-second-wave", "capacity",
                "Nobody is left who knows the old interface.");

  script.Propose({21, 9}, kServiceManager, "survey-every-month",
                 {"change", 4'000, "Ask every user, every month", {{"monthly", "Monthly"}, {"quarterly", "As now"}}});
  script.Concur({21, 9, 13}, kNewDeliveryManager, "survey-every-month");
  script.Decide({21, 9, 15}, kServiceOwner, "survey-every-month", "monthly", "Quarterly is too late to be sorry.");

  // Waits for one word.
  script.Propose({22, 5}, kFinanceLead, "pay-per-outcome",
                 {"commercial",
                  400'000,
                  "Pay by outcome, not by ticket",
                  {{"outcome", "A third by outcome"}, {"ticket", "As now"}},
                  {"both sides gain when tickets disappear"}});
  script.Concur({22, 8}, kAccountLead, "pay-per-outcome", "If the outcome is one that we can influence.");
  script.Input({23, 4}, kCfoDelegate, "pay-per-outcome", "The budget for next year is made on the twelfth.");
}

}  // namespace parley::demo
