#include <map>
#include <nlohmann/json.hpp>

#include "cli/exit_codes.hpp"
#include "cli/log_reader.hpp"
#include "cli/offsets.hpp"
#include "cli/operator_change.hpp"
#include "cli/sql.hpp"
#include "contracts/envelope.hpp"
#include "contracts/message_key.hpp"

namespace countersign::cli {

namespace {

using messaging::TopicPartition;
using nlohmann::json;
using postgres::Parameters;

constexpr std::size_t keys_at_once = 1000;

using Stretches = std::map<TopicPartition, LogReader::Stretch>;
using FirstSequences = std::map<std::string, std::int64_t>;  // in order of the key: the order in which key rows are locked

Stretches whole_log(LogReader& log) {
  Stretches all;
  for (const auto& at : log.partitions()) {
    const auto marks = log.watermarks(at);
    all[at] = {marks.low, marks.high};
  }
  return all;
}

// Topics from outside carry no sequence and leave this empty.
FirstSequences first_sequences(LogReader& log, const Stretches& stretches) {
  FirstSequences first;
  log.read(stretches, [&](const messaging::Message& message) {
    const auto sequence = contracts::find_sequence(message.headers);
    if (sequence && message.key && contracts::split_key(*message.key)) first.emplace(*message.key, *sequence);
  });
  return first;
}

bool adopt_partitions(OperatorChange& change, const std::string& group, const Stretches& stretches) {
  std::vector<std::string> topics;
  std::vector<std::int32_t> partitions;
  std::vector<std::int64_t> offsets;
  for (const auto& [at, stretch] : stretches) {
    topics.push_back(at.topic);
    partitions.push_back(at.partition);
    offsets.push_back(stretch.first);
  }
  const auto made = change.transaction().execute(sql::insert_adopted_offsets,
                                                 Parameters{}.add(group).add(change.id()).add(topics).add(partitions).add(offsets));
  return made.affected() == static_cast<std::int64_t>(stretches.size());
}

std::int64_t adopt_keys(OperatorChange& change, const pipeline::Territory& territory, std::size_t slot, const FirstSequences& first) {
  std::int64_t adopted = 0;
  for (auto next = first.begin(); next != first.end();) {
    std::vector<std::string> keys;
    std::vector<std::int64_t> sequences;
    for (; next != first.end() && keys.size() < keys_at_once; ++next) {
      keys.push_back(next->first);
      sequences.push_back(next->second - 1);
    }
    const auto rows = change.transaction().execute(sql::adopt_keys, Parameters{}
                                                                        .add(keys)
                                                                        .add(sequences)
                                                                        .add(static_cast<std::int32_t>(slot + 1))
                                                                        .add(static_cast<std::int32_t>(territory.inputs.size()))
                                                                        .add(static_cast<std::int32_t>(territory.outputs.size())));
    adopted += rows.affected();
  }
  return adopted;
}

}  // namespace

int adopt_offsets(const Reach& reach, const OffsetsAdoptWish& wish, const Console& console) {
  auto session = open_database(database_settings(reach));
  const std::string group = wish.service + "." + wish.topic;
  LogReader log{kafka_settings(reach), topics_of_all_realms(kafka_settings(reach), wish.topic)};
  const auto stretches = whole_log(log);
  const auto first = first_sequences(log, stretches);

  OperatorChange change{session};
  change.in_schema(wish.service);
  const auto territory = find_territory(change.transaction(), wish.service);
  const auto slot = input_of(territory, wish.topic);
  if (!adopt_partitions(change, group, stretches)) {
    console.warn(group + " has a place in some of these partitions already; nothing was changed. `countersign offsets repair` moves one.");
    return exit_not_well;
  }
  const auto keys = adopt_keys(change, territory, slot, first);
  json report{{"group", group}, {"partitions", stretches.size()}, {"keys", keys}};
  change.audit("*", "", "offsets_adopted", report);
  change.commit();
  console.give(report);
  console.say(group + " begins at the oldest message of " + std::to_string(stretches.size()) + " partitions; the first sequence of " +
              std::to_string(keys) + " keys is accepted as it is.");
  return exit_well;
}

}  // namespace countersign::cli
