#include "services/cli/text.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace parley {
namespace {

struct Range {
  char32_t first, last;
};

constexpr Range kZeroWidth[] = {{0x300, 0x36F},   {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D},
                                {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
constexpr Range kWide[] = {{0x1100, 0x115F},  {0x2E80, 0x303E},   {0x3041, 0x4DBF},   {0x4E00, 0xA4CF},
                           {0xAC00, 0xD7A3},  {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
                           {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF},
                           {0x20000, 0x3FFFD}};
// C0 and C1 controls, DEL, and marks that turn the direction of writing.
constexpr Range kUnsafe[] = {{0x0, 0x1F},      {0x7F, 0x9F},     {0x200E, 0x200F},
                             {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}};

template <size_t N>
bool In(const Range (&ranges)[N], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges), [c](Range r) { return r.first <= c && c <= r.last; });
}

struct Character {
  char32_t code = 0xFFFD;
  size_t length = 1;
  bool valid = false;
};

// The character at the front of a text that is not empty; a byte that does not belong there counts as one character.
Character First(std::string_view text) {
  static constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1, true};
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code = lead & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return {};
    code = code << 6 | (byte & 0x3F);
  }
  if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length, true};
}

int WidthOf(char32_t code) { return In(kZeroWidth, code) ? 0 : In(kWide, code) ? 2 : 1; }

}  // namespace

int DisplayWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const Character c = First(text);
    width += WidthOf(c.code);
    text.remove_prefix(c.length);
  }
  return width;
}

std::string Printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = First(text);
    if (c.code == '\n' || c.code == '\t' || c.code == '\r') {
      out += ' ';
    } else if (!c.valid || In(kUnsafe, c.code)) {
      out += "\uFFFD";
    } else {
      out += text.substr(0, c.length);
    }
    text.remove_prefix(c.length);
  }
  return out;
}

std::string Truncate(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width <= 0) return "";
  std::string out;
  int used = 0;
  while (!text.empty()) {
    const Character c = First(text);
    if (used + WidthOf(c.code) > width - 1) break;
    used += WidthOf(c.code);
    out += text.substr(0, c.length);
    text.remove_prefix(c.length);
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out + "…";
}

std::string Pad(std::string_view text, int width, bool right) {
  const std::string fill(static_cast<size_t>(std::max(0, width - DisplayWidth(text))), ' ');
  return right ? fill + std::string(text) : std::string(text) + fill;
}

std::string KebabCase(std::string_view name) {
  std::string out;
  bool after_lower = false;
  for (const char c : name) {
    if (c == '_') {
      out += '-';
    } else if (std::isupper(static_cast<unsigned char>(c))) {
      if (after_lower) out += '-';
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
    after_lower = std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c));
  }
  return out;
}

std::string Humanized(std::string_view name) {
  std::string out = KebabCase(name);
  std::replace(out.begin(), out.end(), '-', ' ');
  if (!out.empty()) out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  return out;
}

}  // namespace parley
