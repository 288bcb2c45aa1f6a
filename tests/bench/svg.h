// Curves as a picture: panels below each other, all over the number of entries in the log.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace parley::bench {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // Entries in the log (> 0), value (>= 0).
};
struct Panel {
  std::string title;
  std::vector<Series> series;  // At most four.
};

// Entries on a logarithmic scale, values on a linear one from 0.
std::string DrawPanels(const std::vector<Panel>& panels);

}  // namespace parley::bench
