// Decisions of the first year: fast ones, slow ones, one forced through, one that did not last.
#include "services/cli/demo_decision_script.h"

namespace parley::demo {

void TellFirstHalfYear(DecisionScript& script) {
  script.Propose({0, 2}, kVmoLead, "go-live",
                 {"governance",
                  0,
                  "Go live",
                  {{"go", "Go live on the fifth"}, {"wait", "Wait a month"}},
                  {"every plant has a named contact", "the desk answers in four languages"}});
  script.Concur({0, 3}, kAccountLead, "go-live", "Three of four languages on day one; Polish in two weeks.");
  script.Decide({0, 4}, kVmoLead, "go-live", "go", "Two plants would lose their season if we waited.");
  script.Assess({6, 11}, kServiceOwner, "go-live", 4, "Rough first month, then steady.");

  // Decided within a day, where the work is done.
  script.Propose({0, 12}, kServiceManager, "ticketing-tool",
                 {"change",
                  18'000,
                  "One ticketing tool for both",
                  {{"shared", "Acme's people work in Globex's tool"}, {"bridge", "Two tools and a bridge"}}});
  script.Input({0, 12, 11}, kBusinessLead, "ticketing-tool", "Plants must be able to report by phone as well.");
  script.Concur({0, 12, 14}, kDeliveryManager, "ticketing-tool");
  script.Decide({0, 12, 16}, kServiceOwner, "ticketing-tool", "shared", "Two tools are two truths.");
  script.Assess({4, 6}, kServiceOwner, "ticketing-tool", 5, "Nobody asks any more whose number is right.");

  // Took seven weeks; nobody was against it.
  script.Propose({1, 6}, kArchitect, "follow-the-sun",
                 {"change",
                  120'000,
                  "Night shift from another continent",
                  {{"follow-the-sun", "Manila takes the night"}, {"on-call", "Local people on call"}},
                  {"a caller at night reaches a person", "cost per night call"}});
  script.Input({1, 17}, kBusinessLead, "follow-the-sun", "The night shift speaks Polish and French, not English.");
  script.Input({1, 24}, kServiceManager, "follow-the-sun", "French by spring, Polish not before summer.");
  script.Concur({2, 9}, kAccountLead, "follow-the-sun");
  script.Decide({2, 24}, kVmoLead, "follow-the-sun", "follow-the-sun", "Half the cost, and awake.",
                "The business lead doubts the languages.");
  script.Assess({7, 3}, kBusinessLead, "follow-the-sun", 2, "Awake, but not understood. See the night desk dispute.");

  // The first of a chain of three: each year's lesson replaced it.
  script.Propose(
      {2, 15}, kServiceManager, "patch-window",
      {"change", 8'000, "Patch on Sundays", {{"sunday", "Sundays, 06:00 to 10:00"}, {"night", "Any night"}}});
  script.Concur({2, 15, 11}, kDeliveryManager, "patch-window");
  script.Decide({2, 15, 15}, kServiceOwner, "patch-window", "sunday", "Plants stand still then.");

  // Too big for the desk it landed on. Its review is overdue to this day.
  script.Propose({2, 10}, kServiceOwner, "laptop-refresh",
                 {"change",
                  480'000,
                  "Replace four hundred laptops",
                  {{"replace", "Now, all of them"}, {"stagger", "A third each year"}, {"lease", "Lease them"}},
                  {"tickets per device", "cash this year"}});
  script.Concur({2, 17}, kAccountLead, "laptop-refresh");
  script.Concur({2, 18}, kVmoLead, "laptop-refresh", "With the old ones wiped by us.");
  script.Defer({2, 22}, kCfoDelegate, "laptop-refresh", "executive-board", "Cash is short until the half-year.");
  script.Decide({4, 18}, kCfoDelegate, "laptop-refresh", "stagger", "What the board could agree on.");

  // An objection that was answered.
  script.Propose({3, 5}, kArchitect, "monitoring-agents",
                 {"change",
                  60'000,
                  "Monitoring agents on every plant server",
                  {{"all", "Every server"}, {"critical", "Those that ship"}}});
  script.Object({3, 9}, kAccountLead, "monitoring-agents", "capacity", "Two people for ninety servers in a month.");
  script.Input({3, 14}, kServiceOwner, "monitoring-agents", "Shipping servers first, the rest by autumn.");
  script.Concur({3, 19}, kAccountLead, "monitoring-agents", "With that order, yes.");
  script.Decide({3, 21}, kVmoLead, "monitoring-agents", "all", "In two waves.");
  script.Assess({6, 20}, kDeliveryManager, "monitoring-agents", 4,
                "Half the incidents are now ours before they are yours.");

  // An objection that was not.
  script.Propose({3, 10}, kServiceOwner, "weekend-freeze",
                 {"change", 15'000, "No changes Friday to Monday", {{"freeze", "Freeze"}, {"no-freeze", "Leave it"}}});
  script.Object({3, 12}, kDeliveryManager, "weekend-freeze", "capacity", "Four days are left for five days' changes.");
  script.Override({3, 20}, kCfoDelegate, "weekend-freeze", "freeze",
                  "Month-end closed late twice after Friday changes.");
  script.Assess({7, 8}, kServiceOwner, "weekend-freeze", 2, "Changes piled up on Thursdays; so did incidents.");

  script.Propose({3, 12}, kAccountLead, "night-desk-lead",
                 {"people", 0, "A lead for the night desk", {{"internal", "From the day desk"}, {"hire", "Hire"}}});
  script.Concur({3, 14}, kServiceOwner, "night-desk-lead");
  script.Decide({3, 15}, kAccountLead, "night-desk-lead", "hire", "Nobody on the day desk wants nights.");
}

void TellSecondHalfYear(DecisionScript& script) {
  // Objected to by one's own side, on the ground that the charter gives it.
  script.Propose({4, 4}, kFinanceLead, "price-indexation",
                 {"commercial", 75'000, "Index prices with wages", {{"full", "In full"}, {"half", "Half of it"}}});
  script.Concur({4, 6}, kAccountLead, "price-indexation");
  script.Object({4, 10}, kVmoLead, "price-indexation", "budget", "Not in this year's plan.");
  script.Input({4, 20}, kFinanceLead, "price-indexation", "Half now, half when first contact fixes reach 78 %.");
  script.Concur({4, 28}, kVmoLead, "price-indexation");
  script.Decide({5, 3}, kCfoDelegate, "price-indexation", "half", "The other half is earned.");
  script.Assess({11, 9}, kFinanceLead, "price-indexation", 3, "Covers two thirds of what wages took.");

  // Did not keep its promise, was opened again, and came out otherwise.
  script.Propose({5, 8}, kServiceManager, "self-service",
                 {"change",
                  95'000,
                  "Self-service portal",
                  {{"portal", "Build a portal"}, {"kiosk", "Kiosks on the shop floor"}, {"none", "Leave it"}}});
  script.Concur({5, 10}, kAccountLead, "self-service");
  script.Decide({5, 12}, kVmoLead, "self-service", "portal", "A third of all calls are passwords.");
  script.Reopen({9, 6}, kVmoLead, "self-service", "Used by an eighth of the people: the shop floor has no desks.");
  script.Concur({9, 12}, kAccountLead, "self-service");
  script.Decide({9, 20}, kVmoLead, "self-service", "kiosk", "Where the people are.");
  script.Assess({12, 27}, kBusinessLead, "self-service", 4, "Password calls halved.");

  script.Propose(
      {6, 3}, kServiceManager, "chat-bot",
      {"change", 45'000, "A chat bot in front of the desk", {{"bot", "Bot first"}, {"human", "Human first"}}});
  script.Input({6, 9}, kBusinessLead, "chat-bot", "Please not.");
  script.Withdraw({6, 25}, kServiceManager, "chat-bot", "The pilot made people call instead.");

  script.Propose({7, 10}, kFinanceLead, "third-quarter-credits",
                 {"commercial",
                  30'000,
                  "Credits for the night desk",
                  {{"waive", "Waive them"}, {"split", "Half, and a plan"}, {"full", "All of them"}}});
  script.Concur({7, 11}, kFinanceLead, "third-quarter-credits");
  script.Decide({7, 12}, kVmoLead, "third-quarter-credits", "split", "We want the plan more than the money.");
  script.Assess({13, 16}, kContractManager, "third-quarter-credits", 3, "The plan came; the nights got better slowly.");

  script.Propose(
      {8, 6}, kServiceManager, "patch-window-by-plant",
      {"change", 9'000, "Patch each plant when it stands still", {{"by-plant", "By plant"}, {"sunday", "Sundays"}}});
  script.Concur({8, 7}, kDeliveryManager, "patch-window-by-plant");
  script.Decide({8, 9}, kServiceOwner, "patch-window-by-plant", "by-plant", "Lyon works on Sundays since May.");
  script.Supersede({8, 9, 11}, kServiceOwner, "patch-window", "patch-window-by-plant");

  script.Propose({9, 14}, kCfoDelegate, "drop-offshore-quota",
                 {"governance", 0, "Drop the offshore quota", {{"drop", "Drop it"}, {"keep", "Keep it"}}});
  script.Concur({9, 17}, kAccountLead, "drop-offshore-quota");
  script.Decide({9, 24}, kVmoLead, "drop-offshore-quota", "drop", "It measured where people sit.");
  script.Assess({16, 14}, kAccountLead, "drop-offshore-quota", 5, "Two people came back to the account.");

  // After the storage failure.
  script.Propose({10, 6}, kArchitect, "second-storage-site",
                 {"change",
                  310'000,
                  "A second storage site",
                  {{"second-site", "Second site"}, {"backup", "Faster restore only"}},
                  {"hours without orders", "cost over five years"}});
  script.Input({10, 8}, kContractManager, "second-storage-site", "In scope: annex 2 says recovery within four hours.");
  script.Concur({10, 14}, kAccountLead, "second-storage-site");
  script.Concur({10, 16}, kVmoLead, "second-storage-site");
  script.Decide({10, 28}, kCfoDelegate, "second-storage-site", "second-site", "The failure cost twice that.");
  script.Assess({15, 9}, kServiceOwner, "second-storage-site", 5, "Failed over in nine minutes in the test.");
}

}  // namespace parley::demo
