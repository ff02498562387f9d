#pragma once

// The librdkafka configurations of the four kinds of client this room runs.
//
// Failure    Throws base::Misconfigured, naming the property and never its value. Of the password file: as base/secret_line.hpp.

#include <string>

#include "messaging/consumer.hpp"
#include "messaging/kafka/handles.hpp"
#include "messaging/kafka/kafka_settings.hpp"

namespace countersign::messaging::kafka {

Conf producer_conf(const KafkaSettings& settings);
Conf member_conf(const KafkaSettings& settings, const ConsumerOptions& options);  // of a group
Conf reader_conf(const KafkaSettings& settings, const std::string& group);        // beside the group, for single messages
Conf asker_conf(const KafkaSettings& settings);                                   // metadata and administration

}  // namespace countersign::messaging::kafka
