#pragma once

// ConversationStore: conversations, the ids of events heard, and what was exchanged, from and to the planner's tables.
//
// Documents that a message does not change are neither read nor written for it.
//
// Threads    Stateless; any thread. The keys must be locked by the batch.

#include <map>
#include <string>
#include <string_view>
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

// What was heard and proposed about one ticket in one batch, for people who ask what happened.
class Exchange {
 public:
  explicit Exchange(const Conversation& conversation) : tenant_(conversation.tenant), ticket_id_(conversation.ticket_id) {}

  // `detail` is a JSON object; the id is that of the message that was owed.
  void add(std::int64_t version, const std::string& event, std::string_view detail, const std::optional<base::Uuid>& outbox_id = {});

  bool empty() const { return remarks_.empty(); }
  const std::string& tenant() const { return tenant_; }
  const std::string& ticket_id() const { return ticket_id_; }
  std::string remarks() const { return "[" + remarks_ + "]"; }  // JSON

 private:
  std::string tenant_, ticket_id_;
  std::string remarks_;
};

class ConversationStore {
 public:
  // The conversations of these keys, with the facts of their tickets; one that nothing was heard of comes with version 0.
  Conversations load_facts(pipeline::Batch& batch, const std::vector<std::string>& keys) const;
  // The same with the plan instead and how far it has come; with facts only where there is no plan.
  Conversations load_proposals(pipeline::Batch& batch, const std::vector<std::string>& keys) const;
  std::map<domain::EventIdentity, KnownEvent> find_events(pipeline::Batch& batch, const std::vector<domain::EventIdentity>& wanted) const;
  // By key: what waits for its ticket to be opened, in the order of the log.
  std::map<std::string, std::vector<contracts::Event>> find_waiting(pipeline::Batch& batch, const std::vector<std::string>& keys) const;

  // These queue their writes.
  void save_facts(pipeline::Batch& batch, const std::vector<const Conversation*>& changed) const;      // what came from load_facts()
  void save_proposals(pipeline::Batch& batch, const std::vector<const Conversation*>& changed) const;  // what came from load_proposals()
  void remember(pipeline::Batch& batch, const std::vector<HeardEvent>& events) const;
  void release_waiting(pipeline::Batch& batch, const std::vector<std::string>& keys) const;
  void note(pipeline::Batch& batch, const std::vector<Exchange>& exchanges) const;
};

}  // namespace countersign::planner
