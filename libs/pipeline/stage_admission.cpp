#include <algorithm>

#include "base/crash_point.hpp"
#include "pipeline/dead_letters.hpp"
#include "pipeline/parked_rows.hpp"
#include "pipeline/sequence_gate.hpp"
#include "pipeline/sorted_slice.hpp"
#include "pipeline/sql.hpp"
#include "pipeline/stage.hpp"
#include "postgres/sqlstate.hpp"

namespace countersign::pipeline {

using postgres::Parameters;

namespace {

std::vector<std::string> keys_with_parked(const std::map<std::string, KeyState>& states) {
  std::vector<std::string> keys;
  for (const auto& [key, state] : states)
    if (state.parked > 0) keys.push_back(key);
  return keys;
}

}  // namespace

Arrival Stage::read(std::shared_ptr<const messaging::Message> message) const {
  Arrival arrival;
  arrival.message = std::move(message);
  const auto& raw = *arrival.message;
  const auto type = contracts::peek_type(raw.headers);
  if (!type.empty() && !handler_.wants(type)) {
    arrival.wanted = false;
    return arrival;
  }
  auto opened = contracts::open_envelope(raw.headers, raw.value);
  if (!opened) {
    arrival.refusal = opened.error();
    return arrival;
  }
  arrival.envelope = opened->envelope;
  if (!handler_.wants(arrival.envelope.type)) {
    arrival.wanted = false;
    return arrival;
  }
  if (auto key = contracts::check_key(arrival.envelope, raw.key); !key) {
    arrival.refusal = key.error();
    return arrival;
  }
  auto body = handler_.decode(arrival.envelope, opened->data(), raw.at.topic);
  if (body)
    arrival.body = std::move(*body);
  else
    arrival.refusal = body.error();
  return arrival;
}

Stage::Sorted Stage::sort(const Messages& slice, const std::optional<base::Refusal>& refusal) const {
  Sorted sorted;
  for (const auto& message : slice) {
    Arrival arrival;
    if (refusal) {
      arrival.message = message;
      if (auto opened = contracts::open_envelope(message->headers, message->value)) arrival.envelope = opened->envelope;
      arrival.refusal = refusal;
    } else {
      arrival = read(message);
    }
    const auto sequence = contracts::find_sequence(message->headers);
    const bool has_key = message->key && contracts::split_key(*message->key);
    if (has_key && (sequence || !options_.sequenced)) {
      sorted.by_key[*message->key].push_back({std::move(arrival), sequence.value_or(0)});
      continue;
    }
    if (!arrival.wanted) continue;
    if (!arrival.refusal)
      arrival.refusal = has_key ? base::Refusal{"sequence_missing", "a message between services carries ce_sequence"}
                                : base::Refusal{"key_malformed", "the key is not tenant/ticket"};
    sorted.adrift.push_back(std::move(arrival));
  }
  return sorted;
}

std::vector<KeyedArrivals> Stage::admit(Sorted& sorted, bool drain, postgres::Transaction& transaction,
                                        std::map<std::string, KeyState>& keys) {
  std::vector<KeyedArrivals> admitted;
  const auto show = [&](KeyedArrivals& to, Arrival arrival) {
    if (arrival.wanted)
      to.arrivals.push_back(std::move(arrival));
    else
      ++sorted.skipped;
  };
  if (!options_.sequenced) {
    for (auto& [key, arriving] : sorted.by_key) {
      admitted.push_back({key, {}});
      for (auto& one : arriving) show(admitted.back(), std::move(one.arrival));
    }
    return admitted;
  }

  const std::size_t slot = parts_.territory.input_slot(options_.topic);
  const ParkedMessages parked = load_parked(options_.topic, keys_with_parked(keys), transaction);
  ParkedRows rows(options_.topic);
  for (auto& [key, state] : keys) {
    GateInput input{state.inputs[slot], {}, {}, drain};
    auto& arriving = sorted.by_key[key];
    for (const auto& one : arriving) input.arriving.push_back(one.sequence);
    const auto stored = parked.find(key);
    if (stored != parked.end())
      for (const auto& [sequence, message] : stored->second) input.parked.insert(sequence);

    const GateVerdict verdict = judge_sequences(input);
    admitted.push_back({key, {}});
    for (const auto& admission : verdict.apply)
      show(admitted.back(), admission.from_parked ? read(std::make_shared<const messaging::Message>(stored->second.at(admission.sequence)))
                                                  : std::move(arriving[admission.index].arrival));
    for (const auto index : verdict.park) rows.park(key, arriving[index].sequence, *arriving[index].arrival.message);
    for (const auto sequence : verdict.unpark) rows.unpark(key, sequence);
    sorted.duplicates += verdict.dropped;
    sorted.parked += verdict.park.size();
    const auto change = static_cast<std::int32_t>(verdict.park.size()) - static_cast<std::int32_t>(verdict.unpark.size());
    state.parked = std::max(0, state.parked + change);
    state.changed |= state.inputs[slot] != verdict.last || !verdict.park.empty() || !verdict.unpark.empty();
    state.inputs[slot] = verdict.last;
  }
  rows.queue(transaction);
  return admitted;
}

void Stage::work(Batch& batch, const Sorted& sorted) {
  for (const auto& arrival : sorted.adrift) batch.set_aside(arrival, *arrival.refusal);
  bool any = false;
  bool any_sound = false;
  for (const auto& [key, arrivals] : batch.arrivals()) {
    any |= !arrivals.empty();
    for (const auto& arrival : arrivals) {
      any_sound |= !arrival.refusal;
      if (arrival.refusal) batch.set_aside(arrival, *arrival.refusal);
    }
  }
  if (!any) return;
  if (any_sound) base::crash_point("before_apply");  // a message that kills its handler does so while it is still believed in
  handler_.apply(batch);
}

// Parked messages whose turn came without anybody applying them: their gap was closed alone, or by a process that died.
void Stage::drain_due() {
  if (!options_.sequenced) {
    drain_wanted_ = false;
    return;
  }
  const auto slot = static_cast<std::int32_t>(parts_.territory.input_slot(options_.topic)) + 1;
  for (;;) {
    const auto rows = runner_.session().execute(sql::find_drainable_key, Parameters{}.add(options_.topic).add(slot));
    if (rows.empty()) break;
    drain_one(rows[0].get<std::string>(0), rows[0].get<std::int64_t>(1));
  }
  drain_wanted_ = false;
}

void Stage::drain_one(const std::string& key, std::int64_t sequence) {
  const auto starts = count_parked_start(key, sequence);
  if (starts == 0) return;
  if (const auto refusal = refusal_after(starts)) {
    metrics_.unhandled.add();
    return commit_parked(key, sequence, refusal);
  }
  try {
    commit_parked(key, sequence, std::nullopt);
  } catch (const base::Rejected& failure) {
    take_back_parked_start(key, sequence);
    if (!postgres::permanent(failure)) throw base::Unavailable(failure.what());
    try {
      commit_parked(key, sequence, rejected_by_database(failure));
    } catch (const base::Rejected& again) {
      throw base::Unavailable(again.what());  // even the note that it was refused is refused: an operator must look
    }
  } catch (const std::runtime_error&) {
    take_back_parked_start(key, sequence);  // survived: whatever was wrong, the message does not kill
    throw;
  }
}

// As counted_out(): committed before anything is done with the message. 0: somebody else has drained it.
std::int64_t Stage::count_parked_start(const std::string& key, std::int64_t sequence) {
  if (survived_parked_ == std::pair{key, sequence}) return 1;  // this life's start is counted already
  const auto rows = runner_.session().execute(sql::count_parked_start, Parameters{}.add(options_.topic).add(key).add(sequence));
  return rows.empty() ? 0 : rows[0].get<std::int64_t>(0);
}

void Stage::take_back_parked_start(const std::string& key, std::int64_t sequence) {
  survived_parked_ = {key, sequence};
  try {
    runner_.session().execute(sql::take_back_parked_start, Parameters{}.add(options_.topic).add(key).add(sequence));
    survived_parked_.reset();
  } catch (const std::runtime_error& failure) {
    parts_.telemetry.log.warning("start_not_taken_back", {{"stage", name_}, {"error", failure.what()}});
  }
}

// No partition is fenced here: the key's lock and its counter decide, and another process that drains the same key finds nothing left.
void Stage::commit_parked(const std::string& key, std::int64_t sequence, const std::optional<base::Refusal>& refusal) {
  BatchRequest request;
  request.group = group_;
  request.keys = {key};
  const std::size_t slot = parts_.territory.input_slot(options_.topic);
  const auto prepare = [&](postgres::Transaction& transaction, std::map<std::string, KeyState>& keys) {
    KeyState& state = keys.at(key);
    std::vector<KeyedArrivals> admitted{{key, {}}};
    const auto parked =
        load_parked(options_.topic, request.keys, transaction);  // whatever the counter says: the row is there to be drained
    const auto stored = parked.find(key);
    if (stored == parked.end() || !stored->second.contains(sequence) || sequence > state.inputs[slot] + 1) return admitted;
    if (sequence == state.inputs[slot] + 1) {
      Arrival arrival = read(std::make_shared<const messaging::Message>(stored->second.at(sequence)));
      if (refusal) arrival.refusal = refusal, arrival.wanted = true;
      if (arrival.wanted) admitted.back().arrivals.push_back(std::move(arrival));
      state.inputs[slot] = sequence;
    }
    state.parked = std::max(0, state.parked - 1);
    state.changed = true;
    ParkedRows rows(options_.topic);
    rows.unpark(key, sequence);
    rows.queue(transaction);
    return admitted;
  };
  const Sorted nothing{};
  run_batch(request, prepare, [&](Batch& batch) { work(batch, nothing); });
  handler_.committed();
}

void Stage::watch_gaps() {
  if (!options_.sequenced) return;
  const auto rows = runner_.session().execute(sql::find_oldest_parked, Parameters{}.add(options_.topic));
  const double age = rows[0].get<double>(1);
  drain_wanted_ |= rows[0].get<std::int64_t>(0) > 0;  // an operator may have passed the gap meanwhile
  metrics_.oldest_parked.set(age);
  if (age > 30)
    parts_.telemetry.log.error("sequence_gap", {{"stage", name_},
                                                {"parked", rows[0].get<std::int64_t>(0)},
                                                {"oldest_seconds", age},
                                                {"hint", "find the missing message, or pass it with `countersign sequences pass KEY`"}});
}

}  // namespace countersign::pipeline
