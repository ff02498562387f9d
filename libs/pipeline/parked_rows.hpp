#pragma once

// Parked rows: messages that came before their predecessors, to and from the table `parked`.
//
// Threads    The thread of the transaction.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messaging/message.hpp"
#include "pipeline/batch.hpp"
#include "postgres/parameters.hpp"
#include "postgres/session.hpp"

namespace countersign::pipeline {

// By key and sequence.
using ParkedMessages = std::map<std::string, std::map<std::int64_t, messaging::Message>>;

// `topic` without realm.
ParkedMessages load_parked(const std::string& topic, const std::vector<std::string>& keys, postgres::Transaction& transaction);

// Rows to insert into and delete from `parked`, gathered over all keys of a batch.
class ParkedRows {
 public:
  explicit ParkedRows(std::string topic) : topic_(std::move(topic)) {}

  void park(const std::string& key, std::int64_t sequence, const messaging::Message& message);
  void unpark(const std::string& key, std::int64_t sequence);
  // Nothing where nothing was gathered.
  void queue(postgres::Transaction& transaction) const;

 private:
  std::string topic_;
  std::vector<std::string> topics_, keys_, log_topics_, deleted_keys_;
  std::vector<std::int64_t> sequences_, offsets_, deleted_sequences_;
  std::vector<std::int32_t> partitions_;
  std::vector<base::WallTime> times_;
  std::vector<postgres::Bytes> headers_;
  std::vector<std::optional<postgres::Bytes>> values_;
};

}  // namespace countersign::pipeline
