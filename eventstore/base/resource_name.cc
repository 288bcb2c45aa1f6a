#include "eventstore/base/resource_name.h"

#include <algorithm>
#include <vector>

namespace parley {
namespace {

constexpr std::string_view kRoot = "relationships";
constexpr std::string_view kParties = "parties";

bool IsLowerAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::vector<std::string_view> Split(std::string_view name) {
  std::vector<std::string_view> segments;
  while (true) {
    const size_t slash = name.find('/');
    segments.push_back(name.substr(0, slash));
    if (slash == std::string_view::npos || segments.size() > 6) return segments;
    name.remove_prefix(slash + 1);
  }
}

bool IsCollection(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text != kRoot && text != kParties && text[0] >= 'a' && text[0] <= 'z' &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLowerAlnum(c) || (c >= 'A' && c <= 'Z'); });
}

}  // namespace

bool IsSlug(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLowerAlnum(c) || c == '-'; });
}

bool IsResourceId(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return IsLowerAlnum(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '~' || c == '-';
  });
}

bool IsHandle(std::string_view text) {
  return !text.empty() && text.size() <= 63 && IsLowerAlnum(text[0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLowerAlnum(c) || c == '.' || c == '_' || c == '@' || c == '-'; });
}

std::optional<ResourceName> ResourceName::Parse(std::string_view name) {
  const auto s = Split(name);
  if (s.size() < 2 || s[0] != kRoot || !IsSlug(s[1])) return std::nullopt;
  if (s.size() == 2) return ResourceName{LedgerId(s[1]), "", std::string(kRoot), std::string(s[1])};
  if (s.size() == 4 && IsCollection(s[2]) && IsResourceId(s[3])) {
    return ResourceName{LedgerId(s[1]), "", std::string(s[2]), std::string(s[3])};
  }
  if (s.size() == 6 && s[2] == kParties && IsSlug(s[3]) && IsCollection(s[4]) && IsResourceId(s[5])) {
    return ResourceName{LedgerId(s[1]), std::string(s[3]), std::string(s[4]), std::string(s[5])};
  }
  return std::nullopt;
}

std::string ResourceName::str() const {
  if (collection == kRoot) return std::string(kRoot) + "/" + ledger.str();
  return ParentName{ledger, owner}.Child(collection, id);
}

std::optional<ParentName> ParentName::Parse(std::string_view name) {
  const auto s = Split(name);
  if (s.size() < 2 || s[0] != kRoot || !IsSlug(s[1])) return std::nullopt;
  if (s.size() == 2) return ParentName{LedgerId(s[1]), ""};
  if (s.size() == 4 && s[2] == kParties && IsSlug(s[3])) return ParentName{LedgerId(s[1]), std::string(s[3])};
  return std::nullopt;
}

std::string ParentName::Child(std::string_view collection, std::string_view id) const {
  std::string out = std::string(kRoot) + "/" + ledger.str() + "/";
  if (!owner.empty()) out += std::string(kParties) + "/" + owner + "/";
  return out + std::string(collection) + "/" + std::string(id);
}

}  // namespace parley
