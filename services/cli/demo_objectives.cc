// What each side wants, ranked by each for itself before anything was measured.
#include "services/cli/demo_cast.h"
#include "services/cli/demo_chapters.h"

namespace parley::demo {
namespace {

using Objectives = v1::ObjectiveService::Stub;

struct Wish {
  const char* id;
  Person stated_by;
  int buyer_rank;
  int provider_rank;
  bool endorsed_by_provider;
  const char* title;
  const char* description;
};

// Nothing measures innovation, though it matters most to the business. The margin matters to one side only, until the
// other learns what a provider without one is like.
constexpr Wish kWishes[] = {
    {"business-continuity", kVmoLead, 5, 5, true, "Order to cash never stops",
     "Plants ship every day; an hour without orders costs more than a month of service credits."},
    {"resolve-fast", kServiceOwner, 5, 4, true, "Interruptions stop people for as short as possible",
     "Counted as the person who waits sees it, not as the ticket does."},
    {"first-time-right", kBusinessLead, 5, 3, true, "Fixed means fixed", "Nobody calls twice about the same thing."},
    {"predictable-cost", kCfoDelegate, 4, 3, true, "No surprises on the invoice", "Planned within three percent."},
    {"innovation", kBusinessLead, 4, 2, false, "Ideas that change the business, every quarter",
     "Not cheaper tickets: fewer reasons for them."},
    {"knowledge-stays", kServiceOwner, 3, 3, true, "Knowledge stays when people go",
     "Nobody learns the plants' systems in a week."},
    {"sustainable-margin", kAccountLead, 2, 5, true, "The provider earns its margin",
     "A provider that loses money on the account sends its best people elsewhere."},
    {"offshore-quota", kCfoDelegate, 3, 2, true, "Seventy percent of the work offshore",
     "Assumed in the business case."},
};

std::string Resource(const char* id) { return std::string("objectives/") + id; }

void Rank(Agenda& agenda, const When& when, const Person& who, const std::string& resource, int rank) {
  v1::RankObjectiveRequest request;
  request.set_name(agenda.Name(resource));
  request.set_rank(rank);
  agenda.Add(when, who, &Objectives::RankObjective, resource, request);
}

void Endorse(Agenda& agenda, const When& when, const Person& who, const std::string& resource) {
  v1::EndorseObjectiveRequest request;
  request.set_name(agenda.Name(resource));
  agenda.Add(when, who, &Objectives::EndorseObjective, resource, request);
}

void State(Agenda& agenda, const When& when, const Person& who, const std::string& parent, const char* id,
           const std::string& resource, const char* title, const char* description) {
  v1::StateObjectiveRequest request;
  request.set_parent(parent);
  request.set_objective_id(id);
  request.set_title(title);
  request.set_description(description);
  agenda.Add(when, who, &Objectives::StateObjective, resource, request);
}

// The buyer keeps to itself that it prepares for another provider.
void DraftInPrivate(Agenda& agenda) {
  const std::string resource = "parties/acme/objectives/second-source";
  State(agenda, {kSetup, 3, 6}, kVmoLead, agenda.Name("parties/acme"), "second-source", resource,
        "Able to tender half of the towers again in year three",
        "Needs documentation that is ours, and a price per tower.");
  Rank(agenda, {kSetup, 3, 7}, kCfoDelegate, resource, 4);
  Endorse(agenda, {kSetup, 3, 8}, kCfoDelegate, resource);
  Rank(agenda, {15, 17, 14}, kCfoDelegate, resource, 5);
}

void Retire(Agenda& agenda) {
  v1::RetireObjectiveRequest request;
  request.set_name(agenda.Name(Resource("offshore-quota")));
  request.set_reason("It measured where people sit, and cost us the people who knew the plants.");
  request.set_decision(agenda.Name("decisions/drop-offshore-quota"));
  agenda.Add({10, 2}, kCfoDelegate, &Objectives::RetireObjective, Resource("offshore-quota"), request);
}

}  // namespace

void TellObjectives(Agenda& agenda) {
  DraftInPrivate(agenda);
  int day = 9;
  for (const Wish& wish : kWishes) {
    const std::string resource = Resource(wish.id);
    State(agenda, {kSetup, day, 1}, wish.stated_by, agenda.root(), wish.id, resource, wish.title, wish.description);
    Rank(agenda, {kSetup, day, 4}, kVmoLead, resource, wish.buyer_rank);
    Rank(agenda, {kSetup, day + 2, 2}, kAccountLead, resource, wish.provider_rank);
    Endorse(agenda, {kSetup, day + 4, 2}, kVmoLead, resource);
    if (wish.endorsed_by_provider) Endorse(agenda, {kSetup, day + 4, 6}, kAccountLead, resource);
    ++day;
  }
  Retire(agenda);
  Rank(agenda, {12, 9}, kVmoLead, Resource("innovation"), 5);
  Rank(agenda, {12, 9, 11}, kVmoLead, Resource("sustainable-margin"), 3);
  Rank(agenda, {12, 24}, kAccountLead, Resource("first-time-right"), 4);
}

}  // namespace parley::demo
