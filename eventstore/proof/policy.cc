#include "eventstore/proof/policy.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "absl/strings/str_cat.h"
#include "eventstore/base/status.h"

namespace parley {
namespace {

constexpr std::string_view kNone = "none";
// A hundred years: what is more is a slip.
constexpr uint64_t kMaxAgeHours = 876'600;

using Words = std::vector<std::string_view>;

bool IsSpace(char c) { return c == ' ' || c == '\t'; }

// A line's words, parted by spaces and tabs.
Words Split(std::string_view line) {
  Words words;
  size_t at = 0;
  while (at < line.size()) {
    while (at < line.size() && IsSpace(line[at])) ++at;
    const size_t begin = at;
    while (at < line.size() && !IsSpace(line[at])) ++at;
    if (at > begin) words.push_back(line.substr(begin, at - begin));
  }
  return words;
}

absl::Status Malformed(std::string_view why) { return absl::InvalidArgumentError(std::string(why)); }

// A positive number in decimal, without leading zeros.
std::optional<uint64_t> Positive(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || text[0] == '0') return std::nullopt;
  return value;
}

absl::StatusOr<NoteVerifierKey> ParseKey(std::string_view vkey, NoteKeyType type) {
  PARLEY_ASSIGN_OR_RETURN(NoteVerifierKey key, NoteVerifierKey::Parse(vkey));
  if (key.type() != type) {
    return Malformed(type == NoteKeyType::kEd25519 ? "a log's key is of type 0x01" : "a witness's key is of type 0x04");
  }
  return key;
}

}  // namespace

// Reads line by line; what is not known before the end (that there is one quorum) is checked at the end.
class PolicyParser {
 public:
  explicit PolicyParser(const std::function<absl::StatusOr<std::string>(const std::string&)>& read) : read_(read) {}

  absl::StatusOr<Policy> Parse(std::string_view text) {
    int number = 0;
    while (!text.empty()) {
      ++number;
      const size_t end = text.find('\n');
      const absl::Status status = Line(text.substr(0, end));
      if (!status.ok()) {
        return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", status.message()));
      }
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (!has_quorum_) return absl::InvalidArgumentError(absl::StrCat("line ", number, ": there is no quorum line"));
    return std::move(policy_);
  }

 private:
  absl::Status Line(std::string_view line) {
    // "\r\n" and other control characters would make names that look like others.
    if (std::any_of(line.begin(), line.end(), [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; })) {
      return Malformed("holds a control character");
    }
    const Words words = Split(line);
    if (words.empty() || words[0].starts_with('#')) return absl::OkStatus();
    const auto keyword = std::find_if(std::begin(kKeywords), std::end(kKeywords),
                                      [&](const Keyword& known) { return known.word == words[0]; });
    if (keyword == std::end(kKeywords)) return Malformed("begins with no word that a policy knows");
    const size_t arguments = words.size() - 1;
    if (arguments < keyword->least || arguments > keyword->most) {
      return Malformed("must read: " + std::string(keyword->form));
    }
    return (this->*keyword->parse)(words);
  }

  // log <vkey> [<url>]
  absl::Status Log(const Words& words) {
    PARLEY_ASSIGN_OR_RETURN(NoteVerifierKey key, ParseKey(words[1], NoteKeyType::kEd25519));
    if (!log_keys_.insert(key.public_key()).second) return Malformed("there is a log with that key already");
    // Verifiers look a log up by its origin: which of two keys would count?
    if (policy_.LogOf(key.name()) != nullptr) return Malformed("there is a log of that name already");
    policy_.logs_.push_back(std::move(key));
    return absl::OkStatus();
  }

  // witness <name> <vkey> [<url>]
  absl::Status Witness(const Words& words) {
    PARLEY_RETURN_IF_ERROR(Define(words[1]));
    PARLEY_ASSIGN_OR_RETURN(NoteVerifierKey key, ParseKey(words[2], NoteKeyType::kEd25519Cosignature));
    // One key under two names would count twice.
    if (!witness_keys_.insert(key.public_key()).second) return Malformed("there is a witness with that key already");
    policy_.witnesses_.emplace(words[1], std::move(key));
    return absl::OkStatus();
  }

  // group <name> all|any|<k> <name>…
  absl::Status Group(const Words& words) {
    PARLEY_RETURN_IF_ERROR(Define(words[1]));
    Policy::Group group;
    for (size_t i = 3; i < words.size(); ++i) {
      const std::string member(words[i]);
      if (member == words[1] || !names_.contains(member)) {
        return Malformed(member + " is no witness or group of a line before");
      }
      if (!members_.insert(member).second) return Malformed(member + " is a member already: each may be one once");
      group.members.push_back(member);
    }
    if (words[2] == "all") {
      group.threshold = group.members.size();
    } else if (words[2] == "any") {
      group.threshold = 1;
    } else {
      const auto k = Positive(words[2]);
      if (!k || *k > group.members.size()) return Malformed("a threshold is all, any, or 1 to the number of members");
      group.threshold = *k;
    }
    policy_.groups_.emplace(words[1], std::move(group));
    return absl::OkStatus();
  }

  // quorum <name>|none
  absl::Status Quorum(const Words& words) {
    if (has_quorum_) return Malformed("there is a quorum line already");
    if (words[1] != kNone) {
      if (!names_.contains(words[1])) return Malformed("the quorum is no witness or group of a line before");
      policy_.quorum_ = words[1];
    }
    has_quorum_ = true;
    return absl::OkStatus();
  }

  // max-age <hours>
  absl::Status MaxAge(const Words& words) {
    if (policy_.max_age_) return Malformed("there is a max-age line already");
    const auto hours = Positive(words[1]);
    if (!hours || *hours > kMaxAgeHours) return Malformed("must be a whole number of hours, from 1");
    policy_.max_age_ = absl::Hours(static_cast<int64_t>(*hours));
    return absl::OkStatus();
  }

  // timestamp-authority <file>
  absl::Status TimestampAuthority(const Words& words) {
    if (!policy_.timestamp_authority_.empty()) return Malformed("there is a timestamp-authority line already");
    auto pem = read_(std::string(words[1]));
    if (!pem.ok()) return Malformed(std::string(words[1]) + ": " + std::string(pem.status().message()));
    if (pem->empty()) return Malformed(std::string(words[1]) + " is empty");
    policy_.timestamp_authority_ = *std::move(pem);
    return absl::OkStatus();
  }

  absl::Status Define(std::string_view name) {
    if (name == kNone) return Malformed("none is no name: it stands for an empty quorum");
    if (!names_.insert(std::string(name)).second) return Malformed(std::string(name) + " is defined already");
    return absl::OkStatus();
  }

  struct Keyword {
    std::string_view word;
    size_t least;  // Arguments.
    size_t most;
    std::string_view form;
    absl::Status (PolicyParser::*parse)(const Words&);
  };
  static const Keyword kKeywords[6];

  const std::function<absl::StatusOr<std::string>(const std::string&)>& read_;
  Policy policy_;
  std::set<std::string, std::less<>> names_;  // Of witnesses and groups.
  std::set<std::string, std::less<>> members_;
  std::set<std::string> log_keys_;  // Public keys, whatever their names.
  std::set<std::string> witness_keys_;
  bool has_quorum_ = false;
};

const PolicyParser::Keyword PolicyParser::kKeywords[6] = {
    {"log", 1, 2, "log <vkey> [<url>]", &PolicyParser::Log},
    {"witness", 2, 3, "witness <name> <vkey> [<url>]", &PolicyParser::Witness},
    {"group", 3, SIZE_MAX, "group <name> all|any|<k> <name>...", &PolicyParser::Group},
    {"quorum", 1, 1, "quorum <name>|none", &PolicyParser::Quorum},
    {"max-age", 1, 1, "max-age <hours>", &PolicyParser::MaxAge},
    {"timestamp-authority", 1, 1, "timestamp-authority <file>", &PolicyParser::TimestampAuthority},
};

absl::StatusOr<Policy> Policy::Parse(std::string_view text,
                                     const std::function<absl::StatusOr<std::string>(const std::string&)>& read) {
  return PolicyParser(read).Parse(text);
}

const NoteVerifierKey* Policy::LogOf(std::string_view origin) const {
  const auto it = std::find_if(logs_.begin(), logs_.end(), [&](const auto& log) { return log.name() == origin; });
  return it == logs_.end() ? nullptr : &*it;
}

bool Policy::Met(const std::string& name, const std::function<bool(const std::string&)>& cosigned) const {
  const auto group = groups_.find(name);
  if (group == groups_.end()) return cosigned(name);
  size_t met = 0;
  for (const std::string& member : group->second.members) met += Met(member, cosigned);
  return met >= group->second.threshold;
}

bool Policy::QuorumMet(const std::function<bool(const std::string& witness)>& cosigned) const {
  return quorum_.empty() || Met(quorum_, cosigned);
}

std::vector<std::string> Policy::Missing(const std::function<bool(const std::string& witness)>& cosigned) const {
  std::vector<std::string> missing;
  if (QuorumMet(cosigned)) return missing;
  for (const auto& [name, key] : witnesses_) {
    if (!cosigned(name) && Counts(quorum_, name)) missing.push_back(name);
  }
  return missing;
}

bool Policy::Counts(const std::string& name, const std::string& witness) const {
  const auto group = groups_.find(name);
  if (group == groups_.end()) return name == witness;
  return std::any_of(group->second.members.begin(), group->second.members.end(),
                     [&](const std::string& member) { return Counts(member, witness); });
}

}  // namespace parley
