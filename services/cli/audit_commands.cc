// parley audit.
#include "services/cli/audit_commands.h"

namespace parley {

void AddAuditCommands(CLI::App& app, Session& session, Action& action) {
  CLI::App* audit =
      app.add_subcommand("audit", "Proof that a relationship's history is complete, ordered and unaltered.");
  audit->group("Proof")->require_subcommand(1);
  AddAuditExport(*audit, session, action);
  AddAuditVerify(*audit, session, action);
  AddAuditExplain(*audit, session, action);
  AddAuditReplay(*audit, session, action);
  AddAuditDiff(*audit, session, action);
  AddAuditProve(*audit, session, action);
  AddAuditCheckReceipt(*audit, session, action);
  AddAuditKeys(*audit, session, action);
  // These have commands of their own above.
  AddServiceVerbs(*audit, "audit", {"export-bundle", "get-receipt", "release-person-keys"}, session, action);
}

}  // namespace parley
