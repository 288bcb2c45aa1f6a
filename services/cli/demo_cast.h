// Who plays in the demo. Handles are pseudonyms: birds buy, trees provide.
#pragma once

#include "services/cli/demo_desk.h"

namespace parley::demo {

inline constexpr char kBuyer[] = "acme";
inline constexpr char kProvider[] = "globex";

inline constexpr Person kVmoLead{"wren", kBuyer};
inline constexpr Person kCfoDelegate{"heron", kBuyer};
inline constexpr Person kServiceOwner{"kestrel", kBuyer};
inline constexpr Person kBusinessLead{"plover", kBuyer};
inline constexpr Person kContractManager{"dunlin", kBuyer};

inline constexpr Person kAccountLead{"rowan", kProvider};
inline constexpr Person kDeliveryManager{"alder", kProvider};
inline constexpr Person kServiceManager{"hazel", kProvider};
inline constexpr Person kFinanceLead{"linden", kProvider};
inline constexpr Person kArchitect{"aspen", kProvider};
// Takes over from the first delivery manager in the second year.
inline constexpr Person kNewDeliveryManager{"sorrel", kProvider};

// Called in for one dispute.
inline constexpr char kChamber[] = "mediation-chamber";
inline constexpr Person kMediator{"ibis", kChamber};

}  // namespace parley::demo
