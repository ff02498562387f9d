#include "pipeline/dead_letters.hpp"

#include "pipeline/packed_headers.hpp"

namespace countersign::pipeline {

using postgres::Bytes;

namespace {

std::string millis(base::WallTime time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

}  // namespace

Outgoing make_dead_letter_copy(const base::Uuid& id, const messaging::Message& message, const std::string& group,
                               const base::Refusal& refusal) {
  Outgoing copy;
  copy.id = id;
  copy.topic = dead_letter_topic;
  copy.key = group + "/" + message.at.topic + "/" + std::to_string(message.at.partition) + "/" + std::to_string(message.offset);
  copy.type = "dead_letter";
  copy.raw = true;
  copy.raw_key = message.key;
  copy.payload = message.value;
  copy.headers = message.headers;
  copy.headers.emplace_back("kafka_dlt-original-topic", message.at.topic);
  copy.headers.emplace_back("kafka_dlt-original-partition", std::to_string(message.at.partition));
  copy.headers.emplace_back("kafka_dlt-original-offset", std::to_string(message.offset));
  copy.headers.emplace_back("kafka_dlt-original-timestamp", millis(message.timestamp));
  copy.headers.emplace_back("kafka_dlt-original-consumer-group", group);
  copy.headers.emplace_back("countersign-reason", refusal.code);
  return copy;
}

postgres::Parameters dead_letter_parameters(const std::string& group, const std::vector<Batch::SetAside>& dead,
                                            const std::vector<Outgoing>& copies) {
  std::vector<std::string> topics, reasons, details;
  std::vector<std::int32_t> partitions;
  std::vector<std::int64_t> offsets;
  std::vector<std::optional<Bytes>> keys, values;
  std::vector<Bytes> headers;
  std::vector<base::WallTime> times;
  std::vector<base::Uuid> outbox_ids;
  for (std::size_t i = 0; i < dead.size(); ++i) {
    const auto& message = *dead[i].message;
    topics.push_back(message.at.topic);
    partitions.push_back(message.at.partition);
    offsets.push_back(message.offset);
    keys.push_back(message.key ? std::optional(Bytes{*message.key}) : std::nullopt);
    headers.push_back(Bytes{pack_headers(message.headers)});
    values.push_back(message.value ? std::optional(Bytes{*message.value}) : std::nullopt);
    times.push_back(message.timestamp);
    reasons.push_back(dead[i].refusal.code);
    details.push_back(dead[i].refusal.detail);
    outbox_ids.push_back(copies[i].id);
  }
  postgres::Parameters parameters;
  parameters.add(group)
      .add(topics)
      .add(partitions)
      .add(offsets)
      .add(keys)
      .add(headers)
      .add(values)
      .add(times)
      .add(reasons)
      .add(details)
      .add(outbox_ids);
  return parameters;
}

}  // namespace countersign::pipeline
