// The demo's chapters. Each puts one area's part of the story on the agenda.
#pragma once

#include <string>

#include "parley/v1/relationship.pb.h"
#include "services/cli/demo_agenda.h"

namespace parley::demo {

// What opens the relationship, before there is an agenda: its time is where the story starts.
v1::EstablishRelationshipRequest Establishment(const std::string& relationship_id);

// Parties, people and roles, stages; somebody leaves, a neutral party joins.
void TellRelationship(Agenda& agenda);
// Names behind the handles, what was said about them, and how somebody who had left was forgotten.
void TellPeople(Agenda& agenda);
// The charter, and how it was amended.
void TellCharter(Agenda& agenda);
void TellObjectives(Agenda& agenda);
// What the metrics mean, and how one of them was changed.
void TellDefinitions(Agenda& agenda);
// What was reported, corrected, contested, settled and closed, and how it was perceived.
void TellReports(Agenda& agenda);
void TellDecisions(Agenda& agenda);
void TellDisputes(Agenda& agenda);
void TellActivities(Agenda& agenda);

}  // namespace parley::demo
