// parley import.
#include <memory>

#include "services/cli/import_ocds.h"
#include "services/cli/import_xes.h"
#include "services/cli/pseudonym_key.h"
#include "services/cli/session.h"

namespace parley {
namespace {

constexpr char kXesHelp[] =
    "An IEEE XES event log, plain or gzipped, as a relationship's activities. Where the relationship is not there it "
    "is "
    "opened, with the importer standing in for both parties. May be interrupted and repeated: what is there already is "
    "passed over. People's names become handles, under a key that stays on this machine.";
constexpr char kOcdsHelp[] =
    "Open Contracting releases or records: each contracting process becomes a relationship, with its parties, its "
    "planning "
    "as objectives and what happened as activities. What has no place is listed. May be repeated.";

}  // namespace

void AddImportCommands(CLI::App& app, Session& session, Action& action) {
  CLI::App* import = app.add_subcommand("import", "Takes records over from other systems, marked historical.");
  import->group("Import")->require_subcommand(1);

  auto xes = std::make_shared<XesImportOptions>();
  xes->key_file = DefaultPseudonymKeyFile();
  CLI::App* command = import->add_subcommand("xes", kXesHelp)->group("Formats");
  command->add_option("file", xes->file, "The event log, .xes or .xes.gz")->required()->check(CLI::ExistingFile);
  command->add_option("--relationship", xes->relationship, "Where it goes; default: named after the file")
      ->type_name("NAME");
  command->add_option("--mapping", xes->mapping_file, "Which attribute means what, and which monthly metrics to report")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  command->add_option("--source", xes->source, "The source system's name; default: the mapping's")->type_name("SLUG");
  command->add_option("--batch", xes->batch, "Activities in one call")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--in-flight", xes->in_flight, "Calls at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  command->add_option("--pseudonym-key", xes->key_file, "Key that turns names into handles; made where it is not there")
      ->capture_default_str()
      ->type_name("FILE");
  command->callback([xes, &session, &action] { action = [xes, &session] { return ImportXes(session, *xes); }; });

  auto ocds = std::make_shared<OcdsImportOptions>();
  command = import->add_subcommand("ocds", kOcdsHelp)->group("Formats");
  command->add_option("files", ocds->files, "Release or record packages, in any order")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_flag("--brief", ocds->brief, "Count what is left out, without naming it");
  command->callback([ocds, &session, &action] { action = [ocds, &session] { return ImportOcds(session, *ocds); }; });
}

}  // namespace parley
