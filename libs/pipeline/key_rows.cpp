#include "pipeline/key_rows.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/sql.hpp"

namespace countersign::pipeline {

using postgres::Parameters;

namespace {

// Counters as update_keys.sql takes them: {1,2}
std::string array_text(const std::vector<std::int64_t>& values) {
  std::string text = "{";
  for (const auto value : values) text += (text.size() > 1 ? "," : "") + std::to_string(value);
  return text + "}";
}

struct KeyColumns {
  std::vector<std::string> keys, inputs, outputs;
  std::vector<std::int32_t> parked;

  void add(const std::string& key, const KeyState& state) {
    keys.push_back(key);
    inputs.push_back(array_text(state.inputs));
    outputs.push_back(array_text(state.outputs));
    parked.push_back(state.parked);
  }
  Parameters parameters() const { return Parameters{}.add(keys).add(inputs).add(outputs).add(parked); }
};

}  // namespace

std::map<std::string, KeyState> read_key_rows(const postgres::Rows& rows, const Territory& territory) {
  std::map<std::string, KeyState> states;
  for (const auto row : rows) {
    KeyState state{row.get<std::vector<std::int64_t>>(1), row.get<std::vector<std::int64_t>>(2),
                   static_cast<std::int32_t>(row.get<std::int64_t>(3))};
    state.inputs.resize(territory.inputs.size());  // a topic that was added after the row was made
    state.outputs.resize(territory.outputs.size());
    states.emplace(row.get<std::string>(0), std::move(state));
  }
  return states;
}

KeyState unheard_of(const Territory& territory) {
  KeyState state;
  state.inputs.resize(territory.inputs.size());
  state.outputs.resize(territory.outputs.size());
  state.fresh = true;
  state.stored = false;
  return state;
}

// A key gets its row even if nothing was counted: whoever comes next must find something to lock.
void queue_key_rows(const std::map<std::string, KeyState>& keys, postgres::Transaction& transaction) {
  KeyColumns fresh, changed;
  for (const auto& [key, state] : keys) {
    if (!state.stored)
      fresh.add(key, state);
    else if (state.changed)
      changed.add(key, state);
  }
  if (!fresh.keys.empty()) transaction.queue(sql::insert_keys, fresh.parameters());
  if (!changed.keys.empty()) transaction.queue(sql::update_keys, changed.parameters());
}

}  // namespace countersign::pipeline
