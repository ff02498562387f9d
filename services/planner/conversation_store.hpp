#pragma once

// ConversationStore: conversations, the ids of events heard, and the interactions, from and to the planner's tables.
//
// Threads    Stateless; any thread. The keys must be locked by the batch.

#include <map>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "domain/ticket_arrivals.hpp"
#include "pipeline/batch.hpp"
#include "planner/conversation.hpp"
#include "postgres/parameters.hpp"

namespace countersign::planner {

using Conversations = std::map<std::string, Conversation>;  // by message key

// An event that got its number.
struct HeardEvent {
  std::string tenant;
  std::string ticket_id;
  domain::EventIdentity identity;
  std::string digest;  // 32 bytes
  std::int64_t version = 0;
  std::string type;
  std::optional<std::string> waiting;  // its data, while the ticket is not opened
};

struct KnownEvent {
  std::string ticket_id;
  std::string digest;
};

// What was heard or proposed, for people who ask what happened.
struct Interaction {
  std::string tenant;
  std::string ticket_id;
  std::int64_t version = 0;
  std::string event;
  std::string detail;  // JSON object
  std::optional<base::Uuid> outbox_id;
};

class ConversationStore {
 public:
  // The conversations of these keys; one that has no row yet comes with version 0.
  Conversations load(pipeline::Batch& batch, const std::vector<std::string>& keys) const;
  std::map<domain::EventIdentity, KnownEvent> find_events(pipeline::Batch& batch, const std::vector<domain::EventIdentity>& wanted) const;
  // By key: what waits for its ticket to be opened, in the order of the log.
  std::map<std::string, std::vector<contracts::Event>> find_waiting(pipeline::Batch& batch, const std::vector<std::string>& keys) const;

  // These queue their writes.
  void save(pipeline::Batch& batch, const std::vector<const Conversation*>& changed) const;
  void remember(pipeline::Batch& batch, const std::vector<HeardEvent>& events) const;
  void release_waiting(pipeline::Batch& batch, const std::vector<std::string>& keys) const;
  void note(pipeline::Batch& batch, const std::vector<Interaction>& interactions) const;
};

}  // namespace countersign::planner
