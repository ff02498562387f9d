#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/exit_codes.hpp"
#include "cli/log_reader.hpp"
#include "cli/offsets.hpp"
#include "cli/operator_change.hpp"
#include "cli/sql.hpp"
#include "contracts/envelope.hpp"
#include "pipeline/partition_ledger.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;
using postgres::Bytes;
using postgres::Parameters;

constexpr std::int64_t most_shown = 20;

std::int64_t offset_of(const std::string& text, const messaging::Watermarks& marks) {
  if (text == "low") return marks.low;
  if (text == "high") return marks.high;
  std::int64_t offset = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc{} || end != text.data() + text.size() || offset < marks.low || offset > marks.high)
    throw Misused("--to must be low, high or an offset from " + std::to_string(marks.low) + " to " + std::to_string(marks.high));
  return offset;
}

json row_of(const messaging::Message& message) {
  json row{{"offset", message.offset}, {"time", base::to_rfc3339(message.timestamp)}, {"key", message.key ? json(*message.key) : json()}};
  row["type"] = contracts::peek_type(message.headers);
  const auto sequence = contracts::find_sequence(message.headers);
  row["sequence"] = sequence ? json(*sequence) : json();
  return row;
}

// What lies between the two places, oldest first, at most most_shown.
std::vector<json> messages_between(LogReader& log, const messaging::TopicPartition& at, std::int64_t from, std::int64_t to) {
  std::vector<json> rows;
  log.read({{at, {from, std::min(to, from + most_shown)}}}, [&](const messaging::Message& message) { rows.push_back(row_of(message)); });
  return rows;
}

struct Place {
  std::int64_t next = 0;
  bool known = false;
};

Place lock_place(OperatorChange& change, const std::string& group, const messaging::TopicPartition& at) {
  const auto rows = change.transaction().execute(sql::lock_consumer_offset, Parameters{}.add(group).add(at.topic).add(at.partition));
  return rows.empty() ? Place{} : Place{rows[0].get<std::int64_t>(0), true};
}

void show(const Console& console, const json& report) {
  const auto from = report.at("from").get<std::int64_t>(), to = report.at("to").get<std::int64_t>();
  console.say(report.at("group").get<std::string>() + " stands at offset " + std::to_string(from) + " of " +
              report.at("topic").get<std::string>() + "/" + std::to_string(report.at("partition").get<int>()) + "; the log holds " +
              std::to_string(report.at("low").get<std::int64_t>()) + " to " + std::to_string(report.at("high").get<std::int64_t>()) + ".");
  if (from == to) return console.say("It would stay there, with the digest of the log as it is.");
  const auto count = report.at("between").get<std::int64_t>();
  console.say(count_of(count, "message") + (to > from ? " would never be read:" : " would be read again:"));
  console.table({"offset", "time", "type", "key", "sequence"}, report.at("messages").get<std::vector<json>>(),
                "(the log has none of them)");
  if (count > most_shown) console.say("… and more");
}

}  // namespace

int repair_offset(const Reach& reach, const OffsetsRepairWish& wish, const Console& console) {
  auto session = open_database(database_settings(reach));
  const messaging::TopicPartition at{wish.topic, wish.partition};
  const std::string topic = pipeline::without_realm(wish.topic), group = wish.service + "." + topic;
  LogReader log{kafka_settings(reach), {wish.topic}};
  if (std::find(log.partitions().begin(), log.partitions().end(), at) == log.partitions().end())
    throw Misused(wish.topic + " has no partition " + std::to_string(wish.partition));

  // Looked at before the row is locked, because the log may take long to answer and the owner waits for the row meanwhile.
  const auto marks = log.watermarks(at);
  const auto to = offset_of(wish.to, marks);
  const auto before = to > marks.low ? log.find(at, to - 1) : std::nullopt;

  OperatorChange change{session};
  change.in_schema(wish.service);
  input_of(find_territory(change.transaction(), wish.service), topic);
  const Place place = lock_place(change, group, at);
  if (!place.known) {
    console.warn(group + " has never consumed " + at.topic + "/" + std::to_string(at.partition) + "; use `countersign offsets adopt`");
    return exit_not_well;
  }
  const auto first = std::max(std::min(place.next, to), marks.low), end = std::min(std::max(place.next, to), marks.high);
  json report{{"group", group}, {"topic", at.topic}, {"partition", at.partition}, {"from", place.next},
              {"to", to},       {"low", marks.low},  {"high", marks.high},        {"between", std::max<std::int64_t>(0, end - first)}};
  if (wish.yes) {
    change.transaction().queue(sql::repair_consumer_offset,
                               Parameters{}
                                   .add(group)
                                   .add(at.topic)
                                   .add(at.partition)
                                   .add(to)
                                   .add(before ? std::optional(Bytes{pipeline::digest_of(*before)}) : std::nullopt));
    change.audit("*", "", "offset_repaired", report);
    change.commit();
  } else {
    change.transaction().rollback();
  }
  report["messages"] = end > first ? messages_between(log, at, first, end) : std::vector<json>{};
  report["changed"] = wish.yes;
  show(console, report);
  console.give(report);
  console.say(wish.yes ? "Done. It goes on from offset " + std::to_string(to) + "." : "Nothing was changed. Repeat with --yes to do it.");
  return wish.yes ? exit_well : exit_not_well;
}

}  // namespace countersign::cli
