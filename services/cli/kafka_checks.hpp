#pragma once

// The checks of doctor that ask Kafka: the brokers, the topics of the realms, and the grants.
//
// Grants must be those that `topics create` makes: one that is missing stops a service, and one too many lets somebody write what only a
// service may.

#include <string>
#include <vector>

#include "cli/examination.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

void check_kafka(const Reach& reach, const std::vector<std::string>& realms, Examination& examination);

}  // namespace countersign::cli
