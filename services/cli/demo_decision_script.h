// The language in which the demo's decisions are told.
#pragma once

#include <vector>

#include "services/cli/demo_agenda.h"
#include "services/cli/demo_cast.h"

namespace parley::demo {

struct Option {
  const char* id;
  const char* description;
};

struct Proposal {
  const char* class_id;
  // At stake, in euros; 0: nothing that is counted in money.
  int64_t eur;
  const char* title;
  std::vector<Option> options;
  std::vector<const char*> criteria = {};
};

// Each method puts one step on the agenda. Decisions go by their ids.
class DecisionScript {
 public:
  explicit DecisionScript(Agenda& agenda) : agenda_(agenda) {}

  void Propose(const When& when, const Person& who, const char* id, const Proposal& proposal);
  void Input(const When& when, const Person& who, const char* id, const char* text);
  void Concur(const When& when, const Person& who, const char* id, const char* text = "");
  void Object(const When& when, const Person& who, const char* id, const char* ground, const char* text);
  void Decide(const When& when, const Person& who, const char* id, const char* option, const char* rationale,
              const char* dissent = "");
  void Defer(const When& when, const Person& who, const char* id, const char* forum, const char* reason);
  void Override(const When& when, const Person& who, const char* id, const char* option, const char* rationale);
  void Assess(const When& when, const Person& who, const char* id, int score, const char* text);
  void Supersede(const When& when, const Person& who, const char* id, const char* by);
  void Reopen(const When& when, const Person& who, const char* id, const char* reason);
  void Withdraw(const When& when, const Person& who, const char* id, const char* reason);

 private:
  Agenda& agenda_;
};

// The two years, in chapters.
void TellFirstHalfYear(DecisionScript& script);
void TellSecondHalfYear(DecisionScript& script);
void TellThirdHalfYear(DecisionScript& script);
void TellFourthHalfYear(DecisionScript& script);

}  // namespace parley::demo
