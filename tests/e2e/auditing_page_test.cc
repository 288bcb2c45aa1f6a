// deploy/auditing.md, done as it says: its steps with public tools, and Parley's verifier, in a directory as it describes; and
// over bundles that were tampered with, where the step that is there to notice must.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <sstream>

#include "eventstore/proof/bundle.h"
#include "eventstore/proof/note.h"
#include "tests/e2e/proven_record.h"
#include "tests/support/program.h"

namespace parley {
namespace {

using test::CopyTree;
using test::ProgramRun;
using test::ProvenRecord;
using test::ReadBytes;
using test::RunProgram;
using test::WriteBytes;
using ::testing::HasSubstr;
using ::testing::Not;

struct Page {
  std::string script;                 // Every step, each announced with "== <heading>".
  std::vector<std::string> commands;  // Of Parley's verifier.
  int steps = 0;
};

Page ReadPage() {
  Page page{"set -euo pipefail\n"};
  std::istringstream lines(ReadBytes(PARLEY_SOURCE_DIR "/deploy/auditing.md"));
  bool in_step = false, in_commands = false;
  for (std::string line; std::getline(lines, line);) {
    if (line == "```sh") {
      in_step = true;
      ++page.steps;
    } else if (line == "```") {
      in_step = false;
    } else if (in_step) {
      page.script += line + "\n";
    } else if (line.starts_with("### ")) {
      page.script += "echo \"== " + line.substr(4) + "\"\n";
    } else if (line.starts_with("## ")) {
      in_commands = line == "## With Parley's verifier";
    } else if (in_commands && line.starts_with("    parley ")) {
      page.commands.push_back(line.substr(0, line.find("   ", 4)));  // What follows says what it is for.
    }
  }
  return page;
}

// The step that the script came to last.
std::string LastStep(const std::string& output) {
  const size_t at = output.rfind("== ");
  return at == std::string::npos ? "" : output.substr(at + 3, output.find('\n', at) - at - 3);
}

class AuditingPage : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = test::JudgesMissing(); !missing.empty()) GTEST_SKIP() << missing;
    record_ = &ProvenRecord::Get();
    Prepare();
  }

  // "What you are given".
  void Prepare() {
    for (const char* bundle : {"bundle", "earlier-bundle"}) CopyTree(*record_ / bundle, dir_ / bundle);
    for (const char* file :
         {"policy", "authority.pem", "seen-checkpoint", "receipt.tlog-proof", "receipt.header", "receipt.entry"}) {
      WriteBytes(dir_ / file, ReadBytes(*record_ / file));
    }
  }
  ProgramRun Bash(const std::string& script) {
    WriteBytes(dir_ / "script", script);
    return RunProgram(dir_.path(), {"bash", "script"},
                      {"PARLEY_SOURCES=" PARLEY_SOURCE_DIR, "NODE_MODULES=" + test::NodeModules()});
  }
  ProgramRun Parley(const std::string& command) {
    return Bash("set -euo pipefail\nPATH='" PARLEY_BINARY_DIR "/services':$PATH\n" + command + "\n");
  }

  const ProvenRecord* record_ = nullptr;
  test::ScratchDir dir_;
};

TEST_F(AuditingPage, EveryStepWithPublicToolsSucceeds) {
  const Page page = ReadPage();
  EXPECT_EQ(page.steps, 8);
  const ProgramRun run = Bash(page.script);
  ASSERT_EQ(run.exit_code, 0) << run.output << run.errors;
  const std::string size = std::to_string(record_->size());
  // Of the log, by its newest key; of both parties, when.
  EXPECT_THAT(run.output, HasSubstr("log " + record_->logs()[0] + "\nlog " + record_->logs()[1] + "\n"));
  EXPECT_THAT(run.output,
              HasSubstr("buyer " + record_->former_witness() + "\nbuyer " + record_->witnesses()[0] + "\n"));
  EXPECT_THAT(run.output, HasSubstr("\nbuyer cosigned at 2"));
  EXPECT_THAT(run.output, HasSubstr("\nprovider cosigned at 2"));
  EXPECT_THAT(run.output, HasSubstr("entries: " + size + " hash to the checkpoint's root\n"));
  EXPECT_THAT(run.output, HasSubstr("history: 2 earlier checkpoints are prefixes\n"));
  EXPECT_THAT(run.output, HasSubstr(size + " entries: "));
  EXPECT_THAT(run.output, HasSubstr("the first " + size + " entries: Time stamp: "));
  EXPECT_THAT(run.output, HasSubstr("entry 42 of acme: 1 parts are what was committed to\n"));
  EXPECT_THAT(run.output, HasSubstr("activity.recorded"));
}

TEST_F(AuditingPage, TheStepThatIsThereToNoticeDoes) {
  const Page page = ReadPage();
  const std::string bundle = dir_ / "bundle", checkpoint = bundle + "/checkpoint";
  const auto change = [](const std::string& file, const std::function<void(std::string&)>& tamper) {
    std::string bytes = ReadBytes(file);
    tamper(bytes);
    WriteBytes(file, bytes);
  };
  const auto spoil_signature = [&](const std::string& name) {
    change(checkpoint, [&](std::string& note) {
      char& c = note[note.find('\n', note.find("\u2014 " + name + " ")) - 20];
      c = c == 'A' ? 'B' : 'A';
    });
  };
  struct Case {
    const char* what;
    std::function<void()> tamper;
    char step;
  };
  const std::vector<Case> cases = {
      {"a statement about a key",
       [&] {
         // In the record itself: the tree would show it too, but a key must not be believed until then.
         const auto manifest = BundleManifest::Parse(ReadBytes(bundle + "/manifest"));
         for (const auto& [path, unused] : manifest->files) {
           if (!path.starts_with("parts/")) continue;
           change(bundle + "/" + path, [&](std::string& parts) {
             const size_t at = parts.find("parley/key/v1\n");
             if (at == std::string::npos) return;
             char& c = parts[parts.find('+', parts.find('+', at) + 1) + 20];
             c = c == 'A' ? 'B' : 'A';
           });
         }
       },
       '2'},
      {"the number of entries", [&] { change(checkpoint, [](std::string& note) { ++note[note.find('\n') + 1]; }); },
       '3'},
      {"the log's signature", [&] { spoil_signature(SignedNote::Parse(ReadBytes(checkpoint))->signatures()[0].name); },
       '3'},
      {"a cosignature", [&] { spoil_signature("provider.example/agent"); }, '4'},
      {"an entry's header",
       [&] { change(bundle + "/tile/entries/001", [](std::string& entries) { entries[entries.size() / 2] ^= 4; }); },
       '5'},
      {"a tile", [&] { change(bundle + "/tile/0/000", [](std::string& tile) { tile[40] ^= 4; }); }, '5'},
      {"what an entry says",
       [&] { change(bundle + "/parts/000", [](std::string& parts) { parts[parts.find("Service desk")] = 's'; }); },
       '6'},
      {"a time-stamp",
       [&] {
         WriteBytes(bundle + "/" + TimestampPath(record_->size(), 0),
                    ReadBytes(bundle + "/" + TimestampPath(record_->first_size(), 0)));
       },
       '7'},
      {"a receipt", [&] { change(dir_ / "receipt.header", [](std::string& header) { header.back() ^= 4; }); }, '8'},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.what);
    Prepare();
    test.tamper();
    test::RenewManifest(bundle);
    const ProgramRun run = Bash(page.script);
    EXPECT_NE(run.exit_code, 0);
    EXPECT_EQ(LastStep(run.output).substr(0, 1), std::string(1, test.step)) << run.output << run.errors;
  }
  // Where the manifest is left as it was, the first step tells damage.
  Prepare();
  change(bundle + "/parts/000", [](std::string& parts) { parts[parts.size() / 2] ^= 4; });
  const ProgramRun damaged = Bash(page.script);
  EXPECT_NE(damaged.exit_code, 0);
  EXPECT_EQ(LastStep(damaged.output).substr(0, 1), "1") << damaged.output;
}

TEST_F(AuditingPage, ParleysVerifierSaysWhatThePageSays) {
  const Page page = ReadPage();
  ASSERT_EQ(page.commands.size(), 6u);
  std::string all;
  for (const std::string& command : page.commands) {
    const ProgramRun run = Parley(command);
    EXPECT_EQ(run.exit_code, 0) << command << ": " << run.output << run.errors;
    all += run.output;
  }
  const std::string size = std::to_string(record_->size());
  EXPECT_THAT(all, HasSubstr("complete to size " + size + ", cosigned at "));
  EXPECT_THAT(all, HasSubstr("Entry       42: activity.recorded"));
  EXPECT_THAT(all, HasSubstr("as of 2024-03-31"));
  EXPECT_THAT(all, HasSubstr("Receipt   good"));
  EXPECT_THAT(all, HasSubstr("the later one extends the earlier"));

  const std::string parts = dir_ / "bundle/parts/000";
  std::string bytes = ReadBytes(parts);
  bytes[bytes.find("Service desk")] = 's';
  WriteBytes(parts, bytes);
  const ProgramRun damaged = Parley(page.commands[0]);
  EXPECT_EQ(damaged.exit_code, 1);
  EXPECT_THAT(damaged.output, HasSubstr("damaged"));
  test::RenewManifest(dir_ / "bundle");
  const ProgramRun altered = Parley(page.commands[0]);
  EXPECT_EQ(altered.exit_code, 1);
  EXPECT_THAT(altered.output, HasSubstr("altered"));
  EXPECT_THAT(altered.output, HasSubstr("at sequence 0"));
  EXPECT_THAT(altered.output, Not(HasSubstr("complete to size")));
}

}  // namespace
}  // namespace parley
