#pragma once

// The conformance suite: what every Broker does alike. An executable includes this, compiles broker_conformance.cpp, and says
// INSTANTIATE_TEST_SUITE_P(Kind, BrokerConformance, testing::Values(&make_lab)).

#include <gtest/gtest.h>

#include "messaging/tests/broker_lab.hpp"
#include "messaging/tests/group_member.hpp"

namespace countersign::messaging {

class BrokerConformance : public testing::TestWithParam<MakeLab> {
 protected:
  void SetUp() override {
    lab = GetParam()();
    topic = lab->fresh_name("topic");
    group = lab->fresh_name("group");
  }

  // Writes and expects a good receipt for each.
  void write(const std::vector<Record>& records);
  void write_numbered(const TopicPartition& at, int count);  // values "0", "1", …, all on that partition
  std::string key_for(const TopicPartition& at, std::int32_t partitions) const;
  GroupMember join(const std::string& instance = {}) { return {lab->broker(), {group, {topic}, instance}}; }
  // Asserts that the member gets its first assignment.
  void await_assignment(GroupMember& member);

  std::unique_ptr<BrokerLab> lab;
  std::string topic;
  std::string group;
};

}  // namespace countersign::messaging
