#include "pipeline/partition_ledger.hpp"

#include "crypto/digest.hpp"
#include "pipeline/packed_headers.hpp"
#include "pipeline/sql.hpp"

namespace countersign::pipeline {

using postgres::Bytes;
using postgres::Parameters;

namespace {

void put_length(std::string& out, std::int64_t length) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift));
}

void put_field(std::string& out, const std::optional<std::string>& text) {
  put_length(out, text ? static_cast<std::int64_t>(text->size()) : -1);
  if (text) out.append(*text);
}

std::string place(const messaging::TopicPartition& at) { return at.topic + "/" + std::to_string(at.partition); }

}  // namespace

std::string digest_of(const messaging::Message& message) {
  std::string text;
  put_field(text, message.key);
  put_field(text, message.value);
  text += pack_headers(message.headers);
  return crypto::sha256(text).raw();
}

OwnedPartition* PartitionLedger::find(const messaging::TopicPartition& at) {
  const auto found = owned_.find(at);
  return found == owned_.end() ? nullptr : &found->second;
}

PartitionLedger::Verdict PartitionLedger::take_over(const messaging::TopicPartition& at, postgres::Session& session,
                                                    messaging::Consumer& consumer, const base::Uuid& incarnation) {
  drop(at);
  const auto marks = consumer.watermarks(at);
  const bool known = !session.execute(sql::find_offset, Parameters{}.add(group_).add(at.topic).add(at.partition)).empty();
  if (!known && marks.low != 0)
    return Blocked{place(at) + " was never consumed by " + group_ + " and its oldest messages are gone (it begins at offset " +
                   std::to_string(marks.low) + "): run `countersign offsets adopt`"};

  const auto rows =
      session.execute(sql::take_over_partition,
                      Parameters{}.add(group_).add(at.topic).add(at.partition).add(incarnation).add(std::int64_t{0}).add(marks.high));
  OwnedPartition mine;
  mine.epoch = rows[0].get<std::int64_t>(0);
  mine.next = rows[0].get<std::int64_t>(1);
  mine.expected = mine.next;
  if (const auto digest = rows[0].get<std::optional<Bytes>>(2)) mine.digest = digest->value;
  if (rows[0].get<std::int64_t>(3) >= 2) mine.careful_until = mine.next + careful_span_;
  if (auto reason = compare_log(at, mine, consumer)) return Blocked{std::move(*reason)};
  owned_[at] = mine;
  return messaging::Position{at, mine.next};
}

std::optional<std::string> PartitionLedger::check_log(const messaging::TopicPartition& at, messaging::Consumer& consumer) const {
  const auto found = owned_.find(at);
  return found == owned_.end() ? std::nullopt : compare_log(at, found->second, consumer);
}

std::optional<std::string> PartitionLedger::compare_log(const messaging::TopicPartition& at, const OwnedPartition& mine,
                                                        messaging::Consumer& consumer) const {
  const std::string remedy = "; nothing of it is consumed until `countersign offsets repair`";
  const auto marks = consumer.watermarks(at);
  if (mine.next < marks.low || mine.next > marks.high)
    return place(at) + " holds offsets " + std::to_string(marks.low) + " to " + std::to_string(marks.high) + " and " + group_ +
           " stands at " + std::to_string(mine.next) + remedy;
  if (mine.next == marks.low || mine.digest.empty()) return std::nullopt;
  const auto last = consumer.find_message(at, mine.next - 1);
  if (!last || digest_of(*last) != mine.digest)
    return place(at) + ": the message at offset " + std::to_string(mine.next - 1) + " is not the one that was consumed there" + remedy;
  return std::nullopt;
}

}  // namespace countersign::pipeline
