// Who is behind the handles: names and contact data, which are kept sealed, so that somebody who has left can be forgotten.
#include "services/cli/demo_cast.h"
#include "services/cli/demo_chapters.h"

namespace parley::demo {
namespace {

using Persons = v1::PersonService::Stub;

std::string Resource(const Person& person) { return "persons/" + std::string(person.handle); }

void Register(Agenda& agenda, const When& when, const Person& by, const Person& person, const char* name,
              const char* phone) {
  v1::RegisterPersonRequest request;
  request.set_parent(agenda.root());
  request.set_person_id(std::string(person.handle));
  request.set_party_id(std::string(person.party));
  request.set_principal(std::string(person.handle));
  request.set_display_name(name);
  request.set_email(std::string(person.handle) + "@" + std::string(person.party) + ".example");
  request.set_phone(phone);
  agenda.Add(when, by, &Persons::RegisterPerson, Resource(person), request);
}

void Comment(Agenda& agenda, const When& when, const Person& by, const Person& about, const char* text) {
  v1::CommentOnPersonRequest request;
  request.set_name(agenda.Name(Resource(about)));
  request.set_text(text);
  agenda.Add(when, by, &Persons::CommentOnPerson, Resource(about), request);
}

void ChangeName(Agenda& agenda) {
  v1::ChangePersonProfileRequest request;
  request.set_name(agenda.Name(Resource(kContractManager)));
  request.set_display_name("Ilka Brandvold-Osei");
  request.set_email("dunlin@acme.example");
  request.set_phone("+44 20 7946 0147");
  agenda.Add({9, 14}, kContractManager, &Persons::ChangePersonProfile, Resource(kContractManager), request);
}

void ForgetWhoLeft(Agenda& agenda) {
  v1::ErasePersonRequest request;
  request.set_name(agenda.Name(Resource(kDeliveryManager)));
  request.set_reason("Left the company, and asked for it.");
  agenda.Add({22, 12}, kAccountLead, &Persons::ErasePerson, Resource(kDeliveryManager), request);
}

}  // namespace

void TellPeople(Agenda& agenda) {
  const When buyers = {kSetup, 3, 1};
  Register(agenda, buyers, kVmoLead, kVmoLead, "Maren Oduya", "+44 20 7946 0101");
  Register(agenda, buyers, kVmoLead, kCfoDelegate, "Tobias Falkenrath", "+44 20 7946 0112");
  Register(agenda, buyers, kVmoLead, kServiceOwner, "Priya Lindqvist", "+44 20 7946 0123");
  Register(agenda, buyers, kVmoLead, kBusinessLead, "Jonas Achterberg", "");
  Register(agenda, buyers, kVmoLead, kContractManager, "Ilka Brandvold", "+44 20 7946 0147");
  const When providers = {kSetup, 3, 3};
  Register(agenda, providers, kAccountLead, kAccountLead, "Celeste Whitmarsh", "+44 161 496 0201");
  Register(agenda, providers, kAccountLead, kDeliveryManager, "Anselm Kowalczyk-Reid", "+44 161 496 0212");
  Register(agenda, providers, kAccountLead, kServiceManager, "Noor Hallgrimsen", "+44 161 496 0223");
  Register(agenda, providers, kAccountLead, kFinanceLead, "Bertrand Okafor", "+44 161 496 0234");
  Register(agenda, providers, kAccountLead, kArchitect, "Saskia Vermuelen-Tan", "");
  Register(agenda, {13, 20, 11}, kAccountLead, kNewDeliveryManager, "Ruben Castellane", "+44 161 496 0245");

  Comment(agenda, {5, 16}, kServiceOwner, kServiceManager, "Called before we did, each time. Please keep her on it.");
  ChangeName(agenda);
  Comment(agenda, {12, 18}, kBusinessLead, kDeliveryManager, "Hard to reach during the plant shutdown.");
  Comment(agenda, {13, 28}, kServiceOwner, kDeliveryManager, "A fair handover; he stayed on for the last audit.");
  ForgetWhoLeft(agenda);
}

}  // namespace parley::demo
