#pragma once

// What the planner says on `plans`.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contracts/json.hpp"

namespace countersign::contracts {

struct ProposedStep {
  std::string name{};  // ^[a-z][a-z0-9_]{0,39}$, unique in the plan
  std::string tool{};
  Json arguments = Json::object();  // leaves may name a source: {"$from": …}
  friend bool operator==(const ProposedStep&, const ProposedStep&) = default;
};

struct Resolution {
  std::string category{};
  std::string action_taken{};
  std::string resolution{};
  bool requires_followup = false;
  friend bool operator==(const Resolution&, const Resolution&) = default;
};

struct ProposedClose {
  std::string stop_reason{};            // resolved | draft_ready | denied | escalated
  std::optional<std::string> reason{};  // a code
  std::optional<Resolution> resolution{};
  friend bool operator==(const ProposedClose&, const ProposedClose&) = default;
};

struct Opinion {
  std::optional<std::string> category{};
  std::optional<std::int64_t> confidence{};  // per mille, 0..1000
  friend bool operator==(const Opinion&, const Opinion&) = default;
};

struct AgentVersion {
  std::string name{};
  std::int64_t version = 0;
  friend bool operator==(const AgentVersion&, const AgentVersion&) = default;
};

struct PlanProposed {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t ticket_version = 0;
  std::int64_t after = 0;  // the last sequence of `steps` that the planner had applied
  AgentVersion agent{};
  std::optional<std::string> playbook{};  // name@version
  std::vector<ProposedStep> steps{};      // at most 20; none only with a close
  std::optional<ProposedClose> close{};
  std::optional<Opinion> opinion{};
  friend bool operator==(const PlanProposed&, const PlanProposed&) = default;
};

struct PlanWithdrawn {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t ticket_version = 0;
  std::int64_t after = 0;
  std::string reason{};
  friend bool operator==(const PlanWithdrawn&, const PlanWithdrawn&) = default;
};

}  // namespace countersign::contracts
