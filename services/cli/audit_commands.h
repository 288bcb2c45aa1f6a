// What is below `parley audit`: each adds one command.
#pragma once

#include "services/cli/session.h"

namespace parley {

// Online.
void AddAuditExport(CLI::App& audit, Session& session, Action& action);
void AddAuditProve(CLI::App& audit, Session& session, Action& action);
void AddAuditKeys(CLI::App& audit, Session& session, Action& action);
// Offline: files only, no server.
void AddAuditCheckReceipt(CLI::App& audit, Session& session, Action& action);
void AddAuditDiff(CLI::App& audit, Session& session, Action& action);
void AddAuditVerify(CLI::App& audit, Session& session, Action& action);
void AddAuditExplain(CLI::App& audit, Session& session, Action& action);
void AddAuditReplay(CLI::App& audit, Session& session, Action& action);

}  // namespace parley
