// What a benchmark run found: a line per figure, "name value unit", and all of them as JSON.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace parley::bench {

struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::string goal;  // ">= 0.60"; empty: a figure that others rest on.
  std::string note;  // What it was measured with, where the name does not say.
};

class Figures {
 public:
  explicit Figures(std::ostream& out) : out_(out) {}
  // Prints it at once: a run may be long.
  void Add(Figure figure);
  // Machine, settings and figures.
  std::string ToJson(const std::string& mode) const;
  // The same as a table for a page.
  std::string ToMarkdown(const std::string& mode) const;

 private:
  std::ostream& out_;
  std::vector<Figure> all_;
};

}  // namespace parley::bench
