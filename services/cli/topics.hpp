#pragma once

// topics create: every topic of the fleet, and who may write and read it.
//
// May be repeated; what is there is left alone. Returns when the brokers enforce the grants, so that services may be started next.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct TopicsWish {
  std::vector<std::string> realms;  // empty: those of the active configuration, main when it has none
  std::int32_t partitions = 12;
  std::int32_t replicas = -1;  // as the brokers do by default
};

int create_topics(const Reach& reach, const TopicsWish& wish, const Console& console);

// The names of the active realms; `main` alone when none is active. Throws base::Misconfigured for configuration that cannot be read.
std::vector<std::string> active_realms(postgres::Session& session);

}  // namespace countersign::cli
