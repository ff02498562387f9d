#pragma once

// What the cluster says about its topics.

#include <map>
#include <string>

#include "messaging/kafka/handles.hpp"

namespace countersign::messaging::kafka {

struct TopicFacts {
  std::int32_t partitions = 0;
  bool led = false;  // every partition has a leader
};

// Those that exist and that this user may describe. Throws base::Unavailable, and says whether nobody listens or the user is refused.
std::map<std::string, TopicFacts> ask_topics(const Client& client, std::chrono::milliseconds deadline);

}  // namespace countersign::messaging::kafka
