// Golden files: what earlier builds stored, which later ones must read as ever. Text files of sections, each under a line of its
// own that begins with "# "; bytes are in hex. Added to, never edited: with PARLEY_ADD_GOLDENS=1 in the environment the
// tests write those that are missing and leave the others alone.
#pragma once

#include <google/protobuf/message.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace parley::test {

// The folder of all golden files.
std::filesystem::path GoldenFolder();
// Sees to it that a golden is there: `make` gives what to write where it is missing and may be added. Fails the test otherwise.
void NeedGolden(const std::filesystem::path& path, const std::function<std::string()>& make);

std::string ReadGolden(const std::filesystem::path& path);
// The part of a golden under one heading, up to the next or, where that is empty, to the end.
std::string Section(const std::string& golden, std::string_view heading, std::string_view next);

// Bytes as lines of hex, and back.
std::string HexLines(std::string_view bytes);
std::string FromHexLines(std::string hex);

// In the text format of protocol buffers.
std::string TextOf(const google::protobuf::Message& message);
void ExpectSameMessage(const std::string& text, const google::protobuf::Message& actual, const std::string& what);

}  // namespace parley::test
