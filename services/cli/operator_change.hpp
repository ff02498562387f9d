#pragma once

// OperatorChange: one transaction in which a person changes what services keep about a topic, with its audit entry.
//
// Statements of the processing core name no schema; in_schema() says whose tables the next ones mean.
//
// Promise    The change and its audit entry are committed together; the actor is the database role of this session.
// Ownership  Borrows the session.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "pipeline/batch.hpp"
#include "postgres/session.hpp"

namespace countersign::cli {

class OperatorChange {
 public:
  explicit OperatorChange(postgres::Session& session);

  // Throws Misused when there is no such service.
  void in_schema(const std::string& service);
  postgres::Transaction& transaction() noexcept { return transaction_; }
  base::UuidSource& ids() noexcept { return ids_; }
  const base::Uuid& id() const noexcept { return id_; }
  base::Clock& clock() noexcept { return clock_; }

  void audit(const std::string& tenant, const std::string& ticket, const std::string& event, const nlohmann::json& detail);
  void commit() { transaction_.commit(); }

 private:
  base::SystemClock clock_;
  base::UuidV7Source ids_;
  base::Uuid id_;
  postgres::Transaction transaction_;
};

// The topics a service reads and writes, as its schema remembers them.
pipeline::Territory find_territory(postgres::Transaction& transaction, const std::string& service);

// The locked row of a key, made if absent, with as many counters as the territory has.
pipeline::KeyState lock_key(postgres::Transaction& transaction, const pipeline::Territory& territory, const std::string& key);
void write_key(postgres::Transaction& transaction, const std::string& key, pipeline::KeyState state);

// The position of `topic` (without realm) among the inputs; Misused when the service does not read it.
std::size_t input_of(const pipeline::Territory& territory, const std::string& topic);

}  // namespace countersign::cli
