// parley audit diff.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "services/cli/audit_commands.h"
#include "services/cli/table.h"
#include "services/cli/text.h"
#include "services/verify/bundle_diff.h"

namespace parley {
namespace {

constexpr char kHelp[] =
    "Holds two bundles of one relationship against each other, offline: whether one extends the other, what was "
    "appended, which "
    "parts are gone and by whose order. Exit status 0 where one extends the other and nothing is hidden. Verify each "
    "first: this "
    "compares signatures, it does not check them.";
constexpr size_t kMostLines = 20;

struct DiffCommand {
  explicit DiffCommand(Session& session) : session(session) {}

  Session& session;
  std::string first, second;

  int Run() {
    const auto a = BundleDir::Open(first), b = BundleDir::Open(second);
    for (const auto* bundle : {&a, &b}) {
      if (!bundle->ok()) return session.Misused(bundle->status());
    }
    const auto diff = DiffBundles(*a, *b);
    if (!diff.ok()) return session.FailHere(diff.status());
    session.json ? PrintJson(*diff) : Print(*diff);
    return diff->good() ? kExitOk : kExitRefused;
  }

  void Line(const std::string& label, const std::string& text, Tone tone = Tone::kPlain) const {
    session.streams.out << session.screen.Paint(Tone::kDim, Pad(label, 12)) << session.screen.Paint(tone, text) << "\n";
  }

  // One line each, and how many more there are.
  template <class T, class Say>
  void Lines(const std::string& label, const std::vector<T>& things, Tone tone, const Say& say) const {
    for (size_t i = 0; i < std::min(things.size(), kMostLines); ++i) Line(i == 0 ? label : "", say(things[i]), tone);
    if (things.size() > kMostLines) Line("", "and " + std::to_string(things.size() - kMostLines) + " more", tone);
  }

  void Print(const BundleDiff& diff) const {
    const auto count = [](uint64_t n) { return Grouped(static_cast<int64_t>(n)); };
    Line("Entries", count(diff.earlier_size) + " and " + count(diff.later_size));
    if (diff.forked_at) {
      Line("Trees", "forked: different entries from sequence " + std::to_string(*diff.forked_at) + " on", Tone::kBad);
      return;
    }
    Line("Trees", diff.earlier_size == diff.later_size ? "the same" : "consistent: the later one extends the earlier",
         Tone::kGood);
    bool first_line = true;
    for (const auto& [type, entries] : diff.appended) {
      Line(std::exchange(first_line, false) ? "Appended" : "", count(entries) + " " + Printable(type));
    }
    if (diff.appended_withheld > 0) {
      Line(first_line ? "Appended" : "", count(diff.appended_withheld) + " withheld: another party's own");
    }
    std::vector<BundleDiff::Part> erased, hidden;
    for (const auto& part : diff.gone) (part.erased_in ? erased : hidden).push_back(part);
    const auto where = [](const BundleDiff::Part& part) {
      return "part " + std::to_string(part.part) + " of entry " + std::to_string(part.sequence) +
             (part.person.empty() ? "" : ", about " + Printable(part.person));
    };
    Lines("Hidden", hidden, Tone::kBad, where);
    Lines("Erased", erased, Tone::kWarn,
          [&](const auto& part) { return where(part) + ", by entry " + std::to_string(*part.erased_in); });
    Lines("Came back", diff.came, Tone::kWarn, where);
    const auto signature = [](const BundleDiff::Signature& s) {
      return Printable(s.key) + " under the checkpoint of " + std::to_string(s.size) + " entries";
    };
    Lines("Signed", diff.signatures_added, Tone::kGood, signature);
    Lines("Unsigned", diff.signatures_gone, Tone::kWarn, signature);
    Lines("No longer", diff.checkpoints_gone, Tone::kWarn,
          [](uint64_t size) { return "the checkpoint of " + std::to_string(size) + " entries"; });
  }

  void PrintJson(const BundleDiff& diff) const {
    nlohmann::ordered_json json = {{"earlier_size", diff.earlier_size}, {"later_size", diff.later_size}};
    json["consistent"] = !diff.forked_at;
    if (diff.forked_at) json["forked_at"] = *diff.forked_at;
    json["appended"] = diff.appended;
    json["appended_withheld"] = diff.appended_withheld;
    const auto parts = [](const std::vector<BundleDiff::Part>& all) {
      nlohmann::ordered_json out = nlohmann::json::array();
      for (const auto& part : all) {
        nlohmann::ordered_json one = {{"sequence", part.sequence}, {"part", part.part}, {"person", part.person}};
        if (part.erased_in) one["erased_in"] = *part.erased_in;
        out.push_back(std::move(one));
      }
      return out;
    };
    json["gone"] = parts(diff.gone);
    json["came"] = parts(diff.came);
    const auto signatures = [](const std::vector<BundleDiff::Signature>& all) {
      nlohmann::ordered_json out = nlohmann::json::array();
      for (const auto& s : all) out.push_back({{"size", s.size}, {"key", s.key}});
      return out;
    };
    json["signatures_added"] = signatures(diff.signatures_added);
    json["signatures_gone"] = signatures(diff.signatures_gone);
    json["checkpoints_gone"] = diff.checkpoints_gone;
    session.streams.out << json.dump(1) << "\n";
  }
};

}  // namespace

void AddAuditDiff(CLI::App& audit, Session& session, Action& action) {
  auto run = std::make_shared<DiffCommand>(session);
  CLI::App* command = audit.add_subcommand("diff", kHelp);
  command->add_option("bundle", run->first, "A bundle")->required()->check(CLI::ExistingDirectory);
  command->add_option("other", run->second, "Another of the same relationship")
      ->required()
      ->check(CLI::ExistingDirectory);
  command->callback([run, &action] { action = [run] { return run->Run(); }; });
}

}  // namespace parley
