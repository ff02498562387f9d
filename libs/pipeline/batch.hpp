#pragma once

// Batch: one transaction of the processing core, as the code of a service sees it while it runs.
//
// The keys are locked, the messages admitted and in order. The service loads what it needs, folds each key's messages, writes one final
// row per thing, and says which messages it owes. What it owes is written in the same transaction and published after the commit.
//
// Threads    The thread of its loop.
// Ownership  Lives for one call of the service's code; keep no reference.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "pipeline/arrival.hpp"
#include "pipeline/outgoing.hpp"
#include "pipeline/territory.hpp"
#include "postgres/session.hpp"

namespace countersign::pipeline {

// How far each topic has come for one key; positions as in Territory.
struct KeyState {
  std::vector<std::int64_t> inputs;
  std::vector<std::int64_t> outputs;
  std::int32_t parked = 0;
  bool changed = false;
  bool fresh = false;  // this key was never heard of before
  bool stored = true;  // false: it gets its row with the end of the batch
};

// A message to send. The core adds id, source, time and sequence, and what caused it: the last message of its key in this batch, whose id
// becomes its causation id and whose trace goes on in it. A lane's batch has no messages, and what it sends names no cause.
struct Emission {
  std::string topic;  // with the realm
  std::string key;
  std::string type;
  std::string tenant;
  std::string subject;
  std::string data;  // JSON
  std::string correlation_id;
};

struct AuditEntry {
  std::string tenant;
  std::string ticket;  // empty: about no ticket
  std::int32_t run = 0;
  std::int32_t step = 0;
  std::string event;   // snake_case, documented in docs/telemetry.md
  std::string detail;  // JSON object
};

class Batch {
 public:
  Batch(const Territory& territory, postgres::Transaction& transaction, base::UuidSource& ids, const base::Uuid& id, base::WallTime now,
        std::map<std::string, KeyState> keys, std::vector<KeyedArrivals> arrivals, base::SteadyTime begun = {});

  const base::Uuid& id() const noexcept { return id_; }
  // When the transaction began, by the database's clock; leases and due times are reckoned from it.
  base::WallTime now() const noexcept { return now_; }
  // A moment before the transaction began, by our own clock: what is reckoned from it is never later than what the database says.
  base::SteadyTime begun() const noexcept { return begun_; }
  postgres::Transaction& transaction() noexcept { return transaction_; }
  base::UuidSource& ids() noexcept { return ids_; }

  // Per key in order of the key; empty in a batch that no topic caused.
  const std::vector<KeyedArrivals>& arrivals() const noexcept { return arrivals_; }
  // The locked row of a key of this batch.
  KeyState& key_state(const std::string& key);
  const std::map<std::string, KeyState>& keys() const noexcept { return keys_; }

  // Owes a message. Its key is one of this batch, or, for a message about no ticket, its own (`tenant/<own id>`, sequence 1).
  // Returns its id, to be kept on the history row of the change that owes it.
  base::Uuid emit(Emission emission);
  // Adds an arrival to the dead letters, once.
  void set_aside(const Arrival& arrival, const base::Refusal& refusal);
  void audit(AuditEntry entry) { audit_.push_back(std::move(entry)); }

  // For BatchRunner.
  std::vector<Outgoing>& outgoing() noexcept { return outgoing_; }
  const std::vector<AuditEntry>& audit_entries() const noexcept { return audit_; }
  struct SetAside {
    std::shared_ptr<const messaging::Message> message;
    base::Refusal refusal;
  };
  const std::vector<SetAside>& dead() const noexcept { return dead_; }

 private:
  const contracts::Envelope* find_cause(const std::string& key) const;

  const Territory& territory_;
  postgres::Transaction& transaction_;
  base::UuidSource& ids_;
  base::Uuid id_;
  base::WallTime now_;
  base::SteadyTime begun_;
  std::map<std::string, KeyState> keys_;
  std::vector<KeyedArrivals> arrivals_;
  std::vector<Outgoing> outgoing_;
  std::vector<AuditEntry> audit_;
  std::vector<SetAside> dead_;
};

}  // namespace countersign::pipeline
