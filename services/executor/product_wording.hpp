#pragma once

// product_wording: what may be said to a customer about a run: a sentence for each thing it tried, in the words of the tool's manifest.
//
// Promise    `done` is said of what the ledger holds as succeeded and of nothing else; what may have happened is said to be unsettled.
// Threads    Pure; any thread.

#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "executor/case.hpp"

namespace countersign::executor {

// In the order of the steps; reads are not spoken of, and no sentence is said twice. A tool that is no longer configured has no words.
std::vector<std::string> product_wording(const catalog::Snapshot& snapshot, const TicketCase& one, std::int32_t run);

}  // namespace countersign::executor
