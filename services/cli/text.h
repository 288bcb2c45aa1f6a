// Text as it stands on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace parley {

// How many columns UTF-8 `text` takes: combining marks none, East Asian wide characters and emoji two.
int DisplayWidth(std::string_view text);

// What may be shown of a text that somebody else wrote, on one line: control characters, and with them every escape
// sequence, marks that turn the direction of writing, and broken UTF-8 become U+FFFD; line breaks and tabs become
// spaces.
std::string Printable(std::string_view text);

// At most `width` columns, the last one an ellipsis where something was cut off.
std::string Truncate(std::string_view text, int width);

// Filled up with spaces to `width` columns: behind, or in front where `right`.
std::string Pad(std::string_view text, int width, bool right = false);

// "DecideDecision", "option_id", "MANAGED_SERVICE" -> "decide-decision", "option-id", "managed-service".
std::string KebabCase(std::string_view name);

// "option_id" -> "Option id": a heading.
std::string Humanized(std::string_view name);

}  // namespace parley
