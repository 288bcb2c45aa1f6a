// Tables, bars and sparklines for a terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "services/cli/screen.h"

namespace parley {

struct Cell {
  std::string text;  // Shown as Printable() makes it.
  Tone tone = Tone::kPlain;
};

struct Column {
  std::string title;
  bool right = false;
};

// Rows under a heading, each column as wide as its widest cell. Where the screen is too narrow the widest columns give
// way; the row's text is never wrapped. Without any title there is no heading.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void Add(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  // `indent` spaces stand before each line.
  void Print(std::ostream& out, const Screen& screen, int indent = 0) const;

 private:
  std::vector<int> Widths(const Screen& screen, int indent) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// One character per value, from ▁ (the least) to █ (the greatest); nullopt, which is "unknown", is a dot.
std::string Sparkline(const std::vector<std::optional<int64_t>>& values);

// A bar of `width` columns of which part / whole is filled, to an eighth of a column. `whole` positive.
std::string Bar(int64_t part, int64_t whole, int width);

// "21.16 %": part of whole, rounded half up to two digits; "–" where there is no whole.
std::string Percent(int64_t part, int64_t whole);

// "77.34", or "60" where it is whole: rounded half up to two digits; "–" where there is nothing to divide by.
std::string Quotient(int64_t numerator, int64_t denominator);

// "1,668,284,959"
std::string Grouped(int64_t number);

}  // namespace parley
