#pragma once

// Facts: all that the gate knows about one action. The executor fills them from its own tables; nothing in here was taken from a plan
// without having been followed to its source.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/origin.hpp"
#include "domain/value.hpp"
#include "policy/policy.hpp"

namespace countersign::policy {

struct Fact {
  domain::Value value;
  domain::Origin origin = domain::Origin::system_of_record;
};

// The recorded result of one read.
struct Evidence {
  std::string tool;
  domain::Value arguments;
  domain::Value result;
  domain::Origin origin = domain::Origin::system_of_record;  // the worst of the arguments of the read
  std::vector<domain::Pointer> trusted{};  // parts of the result that come from the system of record; the rest is tool text

  bool trusts(const domain::Pointer& pointer) const noexcept;  // one of `trusted`, or below one
};

struct Facts {
  std::string tool{};  // of the action; which rules apply
  // tool, class, amount; requester.id, requester.authenticated; ticket.version, ticket.status, ticket.realm; run.turns, run.number;
  // actor.id, actor.authenticated, actor.roles (a list of texts): on whose authority the run acts. Of the planner's own saying, which no
  // allow rule may ask for: agent.name, agent.version.
  std::map<std::string, Fact, std::less<>> named{};
  domain::Value arguments{};
  domain::OriginMap argument_origins{};
  domain::Value ticket{};              // with its fields under /fields
  domain::OriginMap ticket_origins{};  // what is not listed is customer text
  std::vector<Evidence> evidence{};    // of this run, oldest first
};

// The newest evidence of that tool whose arguments equal the action's where the expression says so; nullptr when there is none.
const Evidence* find_evidence(const Expression& expression, const Facts& facts) noexcept;

// The value of a fact, an argument, a ticket pointer, evidence or a literal; nullptr when there is none, or for a computed expression.
const domain::Value* find_value(const Expression& expression, const Facts& facts) noexcept;

// The same for a rule that allows, which may not lean on what a tool merely passes on: nullptr for an untrusted part of evidence.
const domain::Value* find_trusted_value(const Expression& expression, const Facts& facts) noexcept;

// Where that value came from; absent for literals and where there is no value.
std::optional<domain::Origin> find_origin(const Expression& expression, const Facts& facts) noexcept;

// "fact amount", "argument /order_id", "ticket /fields/x", "evidence lookup_order /customer_id"; the word of the kind otherwise.
std::string describe(const Expression& expression);

}  // namespace countersign::policy
