// What the chapters about metrics share.
#pragma once

#include <string>

#include "services/cli/demo_agenda.h"
#include "services/cli/demo_cast.h"

namespace parley::demo {

using Metrics = v1::MetricService::Stub;

// The month in which the buyer has had enough of green reports, and the clock does not stop any more.
inline constexpr int kHonestClock = 15;

inline std::string MetricResource(const std::string& id) { return "metrics/" + id; }

template <class Request>
Request AboutMetric(const Agenda& agenda, const std::string& id) {
  Request request;
  request.set_name(agenda.Name(MetricResource(id)));
  return request;
}

}  // namespace parley::demo
