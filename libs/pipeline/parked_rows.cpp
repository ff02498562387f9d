#include "pipeline/parked_rows.hpp"

#include "base/invariant.hpp"
#include "pipeline/packed_headers.hpp"
#include "pipeline/sql.hpp"

namespace countersign::pipeline {

using postgres::Bytes;
using postgres::Parameters;

namespace {

messaging::Message read_parked(const postgres::Row& row) {
  messaging::Message message;
  message.key = row.get<std::string>(0);
  message.at = {row.get<std::string>(2), static_cast<std::int32_t>(row.get<std::int64_t>(3))};
  message.offset = row.get<std::int64_t>(4);
  message.timestamp = row.get<base::WallTime>(5);
  auto headers = unpack_headers(row.get<Bytes>(6).value);
  COUNTERSIGN_INVARIANT(headers.has_value(), "what was parked was packed by this service");
  message.headers = std::move(*headers);
  if (const auto value = row.get<std::optional<Bytes>>(7)) message.value = value->value;
  return message;
}

}  // namespace

ParkedMessages load_parked(const std::string& topic, const std::vector<std::string>& keys, postgres::Transaction& transaction) {
  ParkedMessages parked;
  if (keys.empty()) return parked;
  for (const auto row : transaction.execute(sql::find_parked, Parameters{}.add(topic).add(keys)))
    parked[row.get<std::string>(0)].emplace(row.get<std::int64_t>(1), read_parked(row));
  return parked;
}

void ParkedRows::park(const std::string& key, std::int64_t sequence, const messaging::Message& message) {
  topics_.push_back(topic_);
  keys_.push_back(key);
  sequences_.push_back(sequence);
  log_topics_.push_back(message.at.topic);
  partitions_.push_back(message.at.partition);
  offsets_.push_back(message.offset);
  times_.push_back(message.timestamp);
  headers_.push_back(Bytes{pack_headers(message.headers)});
  values_.push_back(message.value ? std::optional(Bytes{*message.value}) : std::nullopt);
}

void ParkedRows::unpark(const std::string& key, std::int64_t sequence) {
  deleted_keys_.push_back(key);
  deleted_sequences_.push_back(sequence);
}

void ParkedRows::queue(postgres::Transaction& transaction) const {
  if (!keys_.empty())
    transaction.queue(sql::insert_parked, Parameters{}
                                              .add(topics_)
                                              .add(keys_)
                                              .add(sequences_)
                                              .add(log_topics_)
                                              .add(partitions_)
                                              .add(offsets_)
                                              .add(times_)
                                              .add(headers_)
                                              .add(values_));
  if (!deleted_keys_.empty()) transaction.queue(sql::delete_parked, Parameters{}.add(topic_).add(deleted_keys_).add(deleted_sequences_));
}

}  // namespace countersign::pipeline
