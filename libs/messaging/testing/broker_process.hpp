#pragma once

// Starts deploy/kafka/run as a child and ends it. The child, and the broker under it, die with the thread that started them.

#include <string>
#include <vector>

namespace countersign::messaging::testing {

struct BrokerProcess {
  int pid = 0;
  int port = 0;
};

// Each user's password is the user's name. Throws std::runtime_error with what the script said.
BrokerProcess start_broker_process(const std::string& scripts, const std::string& jars, const std::vector<std::string>& users);
// TERM, and KILL after 15 seconds. Harmless with 0.
void end_broker_process(int pid) noexcept;

}  // namespace countersign::messaging::testing
