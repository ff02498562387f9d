#pragma once

// StageMetrics: what a stage counts.

#include <string>

#include "telemetry/metrics.hpp"

namespace countersign::pipeline {

struct StageMetrics {
  StageMetrics(telemetry::Metrics& metrics, const std::string& stage)
      : messages(metrics.counter("messages_consumed_total", "Messages committed, whatever became of them.", {{"stage", stage}})),
        duplicates(
            metrics.counter("messages_duplicate_total", "Messages dropped because their sequence was applied before.", {{"stage", stage}})),
        skipped(metrics.counter("messages_skipped_total", "Messages of types that do not concern the service.", {{"stage", stage}})),
        parked(metrics.counter("messages_parked_total", "Messages stored because a predecessor is missing.", {{"stage", stage}})),
        halvings(metrics.counter("batch_halvings_total", "Batches tried again half as large.", {{"stage", stage}})),
        retries(metrics.counter("batch_retries_total", "Batches tried again after an outage or a conflict.", {{"stage", stage}})),
        unhandled(metrics.counter("messages_unhandled_total", "Messages set aside because no process survived them.", {{"stage", stage}})),
        blocked(metrics.gauge("partitions_blocked", "Partitions not consumed because the log is not the one that was consumed before.",
                              {{"stage", stage}})),
        owned(metrics.gauge("partitions_owned", "Partitions this process has taken over.", {{"stage", stage}})),
        oldest_parked(
            metrics.gauge("parked_oldest_seconds", "Age of the oldest message that waits for its predecessor.", {{"stage", stage}})),
        lag(metrics.gauge("batch_oldest_message_seconds", "Age of the oldest message of the last batch when it was committed.",
                          {{"stage", stage}})),
        rate(metrics.gauge("arrival_rate", "Messages a second, as the fill wait sees it.", {{"stage", stage}})),
        batch_rows(metrics.histogram("batch_messages", "Messages in a committed batch.", telemetry::Metrics::size_buckets(),
                                     {{"stage", stage}})) {}

  telemetry::Counter& messages;
  telemetry::Counter& duplicates;
  telemetry::Counter& skipped;
  telemetry::Counter& parked;
  telemetry::Counter& halvings;
  telemetry::Counter& retries;
  telemetry::Counter& unhandled;
  telemetry::Gauge& blocked;
  telemetry::Gauge& owned;
  telemetry::Gauge& oldest_parked;
  telemetry::Gauge& lag;
  telemetry::Gauge& rate;
  telemetry::Histogram& batch_rows;
};

}  // namespace countersign::pipeline
