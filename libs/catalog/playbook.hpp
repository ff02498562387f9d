#pragma once

// Playbook: what an agent proposes for a kind of ticket, turn by turn.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/document.hpp"
#include "contracts/messages.hpp"

namespace countersign::catalog {

// Holds when the ticket has a value at `pointer` and, unless `in` is empty, that value is one of them.
struct PlaybookMatch {
  std::string pointer;
  std::vector<contracts::Json> in;
};

struct PlaybookTurn {
  // start | step.denied | step.failed | step.unknown | step.rejected | step.withdrawn | step.expired | step.changes_requested
  std::string on;
  std::vector<std::string> codes;  // empty: any
  std::vector<contracts::ProposedStep> steps;
  std::optional<contracts::ProposedClose> close;
};

struct Playbook {
  std::string tenant;  // "*": all tenants
  std::string name;
  std::int64_t version = 0;
  contracts::AgentVersion agent;
  std::string category;
  std::vector<PlaybookMatch> match;  // all must hold
  std::int64_t priority = 0;         // the highest that matches is taken
  std::vector<PlaybookTurn> turns;

  std::string label() const { return name + "@" + std::to_string(version); }
};

// `ticket` is the ticket as a plan's `ticket:/…` sources see it: {"requester":…, "subject":…, "text":…, "fields":{…}}.
bool matches(const Playbook& playbook, const contracts::Json& ticket);

// Refuses with document_invalid; the detail lists every mistake.
base::Result<Playbook> parse_playbook(const Document& document);

}  // namespace countersign::catalog
