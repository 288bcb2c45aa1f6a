// The language in which the demo's disputes are told.
#pragma once

#include <vector>

#include "services/cli/demo_agenda.h"
#include "services/cli/demo_cast.h"

namespace parley::demo {

struct Matter {
  v1::DisputeType type;
  const char* title;
  const char* description;
  // "metrics/incident-resolution"; empty: about none of the record's resources.
  const char* subject = "";
  int64_t eur = 0;
  v1::DisputeStyle style = v1::DISPUTE_STYLE_UNSPECIFIED;
  // Id of an earlier dispute.
  const char* recurrence_of = "";
  // Why work does not go on meanwhile; empty: it does.
  const char* suspended = "";
};

struct Settlement {
  const char* text;
  v1::DisputeStyle style;
  // "decisions/third-quarter-credits", or empty.
  const char* decision = "";
  bool precedent = false;
};

// Each method puts one step on the agenda; Satisfied two. Disputes go by their ids.
class DisputeScript {
 public:
  explicit DisputeScript(Agenda& agenda) : agenda_(agenda) {}

  void Raise(const When& when, const Person& who, const char* id, const Matter& matter);
  void Acknowledge(const When& when, const Person& who, const char* id);
  void Position(const When& when, const Person& who, const char* id, const char* position,
                const std::vector<const char*>& interests);
  // Both sides assent to the same text, the second some hours later.
  void JointStatement(const When& when, const Person& first, const Person& second, const char* id, const char* text);
  void EscalateAlone(const When& when, const Person& who, const char* id, const char* tier, const char* reason,
                     bool urgent_relief = false);
  void EscalateJointly(const When& when, const Person& first, const Person& second, const char* id, const char* tier,
                       const char* reason);
  void SwitchStyle(const When& when, const Person& who, const char* id, v1::DisputeStyle style, const char* reason);
  void AppointNeutral(const When& when, const Person& first, const Person& second, const char* id,
                      const Person& neutral);
  void ProposeSettlement(const When& when, const Person& who, const char* id, const Settlement& settlement);
  void AcceptSettlement(const When& when, const Person& who, const char* id, int number);
  void Determine(const When& when, const Person& neutral, const char* id, const Settlement& settlement);
  void Satisfied(const When& when, const Person& buyer, int buyer_score, const Person& provider, int provider_score,
                 const char* id);
  void Reopen(const When& when, const Person& who, const char* id, const char* reason);
  void Withdraw(const When& when, const Person& who, const char* id, const char* reason);

 private:
  void Satisfaction(const When& when, const Person& who, const char* id, int score);
  void Escalate(const When& when, const Person& who, const char* id, const char* tier, v1::EscalationMode mode,
                const char* reason, bool urgent_relief);

  Agenda& agenda_;
};

// The two years.
void TellFirstYear(DisputeScript& script);
void TellSecondYear(DisputeScript& script);

}  // namespace parley::demo
