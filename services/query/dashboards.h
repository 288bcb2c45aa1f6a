// Answers of the DashboardService: read models, with ages and what is overdue added as of a read_time.
#pragma once

#include <map>
#include <string>

#include "services/query/query.h"

namespace parley {

// Adds their handlers.
void AddDashboards(std::map<std::string, QueryHandler>& handlers);

}  // namespace parley
