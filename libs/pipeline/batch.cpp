#include "pipeline/batch.hpp"

#include <algorithm>

#include "base/invariant.hpp"
#include "pipeline/dead_letters.hpp"

namespace countersign::pipeline {

Batch::Batch(const Territory& territory, postgres::Transaction& transaction, base::UuidSource& ids, const base::Uuid& id,
             base::WallTime now, std::map<std::string, KeyState> keys, std::vector<KeyedArrivals> arrivals, base::SteadyTime begun)
    : territory_(territory),
      transaction_(transaction),
      ids_(ids),
      id_(id),
      now_(now),
      begun_(begun),
      keys_(std::move(keys)),
      arrivals_(std::move(arrivals)) {}

KeyState& Batch::key_state(const std::string& key) {
  const auto found = keys_.find(key);
  COUNTERSIGN_INVARIANT(found != keys_.end(), "a batch touches only keys that it locked");
  return found->second;
}

// Refused messages can cause something too; one whose envelope could not be read has no id to be named by.
const contracts::Envelope* Batch::find_cause(const std::string& key) const {
  const auto keyed = std::lower_bound(arrivals_.begin(), arrivals_.end(), key,
                                      [](const KeyedArrivals& one, const std::string& wanted) { return one.key < wanted; });
  if (keyed == arrivals_.end() || keyed->key != key) return nullptr;
  const auto last =
      std::find_if(keyed->arrivals.rbegin(), keyed->arrivals.rend(), [](const Arrival& arrival) { return !arrival.envelope.id.empty(); });
  return last == keyed->arrivals.rend() ? nullptr : &last->envelope;
}

base::Uuid Batch::emit(Emission emission) {
  const std::size_t slot = territory_.output_slot(emission.topic);
  Outgoing outgoing;
  outgoing.id = ids_.next();
  outgoing.sequence = 1;  // a message about no ticket has a key of its own
  if (const auto found = keys_.find(emission.key); found != keys_.end()) {
    outgoing.sequence = ++found->second.outputs[slot];
    found->second.changed = true;
  } else {
    COUNTERSIGN_INVARIANT(emission.subject.empty(), "a message about a ticket is owed under the lock of its key");
  }

  contracts::Envelope envelope;
  envelope.id = outgoing.id.str();
  envelope.source = territory_.source;
  envelope.type = emission.type;
  envelope.subject = std::move(emission.subject);
  envelope.time = base::to_rfc3339(now_);
  envelope.dataschema = "urn:countersign:schema:" + emission.type + ":v1";
  envelope.tenant = std::move(emission.tenant);
  envelope.partition_key = emission.key;
  envelope.correlation_id = std::move(emission.correlation_id);
  envelope.sequence = outgoing.sequence;
  if (const auto* cause = find_cause(emission.key)) {
    envelope.causation_id = cause->id;
    envelope.traceparent = cause->traceparent;
    if (!cause->traceparent.empty()) envelope.tracestate = cause->tracestate;  // which means nothing alone
  }

  outgoing.headers = contracts::to_headers(envelope);
  outgoing.topic = std::move(emission.topic);
  outgoing.key = std::move(emission.key);
  outgoing.type = std::move(emission.type);
  outgoing.payload = std::move(emission.data);
  outgoing_.push_back(std::move(outgoing));
  return outgoing_.back().id;
}

void Batch::set_aside(const Arrival& arrival, const base::Refusal& refusal) {
  const bool already = std::any_of(dead_.begin(), dead_.end(), [&](const SetAside& one) { return one.message == arrival.message; });
  if (!already) dead_.push_back({arrival.message, refusal});
}

}  // namespace countersign::pipeline
