#include "pipeline/territory.hpp"

#include <algorithm>

#include "base/invariant.hpp"

namespace countersign::pipeline {

namespace {

std::size_t slot_in(const std::vector<std::string>& topics, const std::string& topic) {
  const auto found = std::find(topics.begin(), topics.end(), without_realm(topic));
  COUNTERSIGN_INVARIANT(found != topics.end(), "a service uses only the topics of its territory");
  return static_cast<std::size_t>(found - topics.begin());
}

}  // namespace

std::size_t Territory::input_slot(const std::string& topic) const { return slot_in(inputs, topic); }
std::size_t Territory::output_slot(const std::string& topic) const { return slot_in(outputs, topic); }

std::string source_of(const std::string& service) { return "urn:countersign:" + service; }

std::string without_realm(const std::string& topic) { return topic.substr(0, topic.find('.')); }

}  // namespace countersign::pipeline
