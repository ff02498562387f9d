#pragma once

// Passes what librdkafka says about itself on to our log, at warning level.

#include "messaging/kafka/handles.hpp"
#include "telemetry/log.hpp"

namespace countersign::messaging::kafka {

// For an RD_KAFKA_EVENT_LOG; without a log the line is dropped.
void forward_log(telemetry::Log* log, rd_kafka_event_t* event);
// For an RD_KAFKA_EVENT_ERROR that nobody else is told of.
void forward_error(telemetry::Log* log, rd_kafka_event_t* event);

}  // namespace countersign::messaging::kafka
