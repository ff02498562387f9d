#pragma once

// CompiledPolicy: the active policies of one tenant, made ready for the gate, which asks them for every action it is about to allow.
//
// An action is allowed only if an allow rule is certainly true; every other rule only restricts, and does so also when it cannot be told
// whether it applies. So neither another restricting rule nor less knowledge can ever permit more.
//
// Promise    100 rules are judged in 10 microseconds, without I/O: scopes are resolved by tool at compile time, and a value that several
//            rules ask for is looked up once.
// Threads    Immutable; any thread may evaluate at any time.
// Ownership  Copies what it needs from the policies and borrows nothing. Decisions own all their texts.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/requirement.hpp"
#include "policy/facts.hpp"
#include "policy/policy.hpp"
#include "policy/truth.hpp"

namespace countersign::policy {

namespace codes {
inline constexpr std::string_view no_rule_allows = "no_rule_allows";
inline constexpr std::string_view denied_by_policy = "denied_by_policy";
inline constexpr std::string_view escalated_by_policy = "escalated_by_policy";
inline constexpr std::string_view needs_evidence = "needs_evidence";
inline constexpr std::string_view approval_required = "approval_required";
}  // namespace codes

// A read that would settle a deny rule: this tool with these arguments.
struct EvidenceNeed {
  std::string tool;
  std::map<std::string, domain::Value> arguments;  // by pointer

  friend bool operator==(const EvidenceNeed&, const EvidenceNeed&) = default;
};

// Why a rule has a say, in its author's words.
struct Reason {
  std::string rule;
  std::string sentence;
  std::string citation;

  friend bool operator==(const Reason&, const Reason&) = default;
};

struct Decision {
  Effect effect = Effect::deny;
  std::vector<std::string> codes{};  // for the planner, who learns nothing else; empty when allowed
  std::vector<std::string> rules{};  // ids of all rules that matched and bear on the effect, as they stand in the documents
  std::vector<EvidenceNeed> needs_evidence{};
  std::vector<Reason> why{};                         // of those rules, in the same order; none when allowed
  std::optional<domain::Requirement> requirement{};  // of all rules that want an approval; exactly when that is the effect

  friend bool operator==(const Decision&, const Decision&) = default;
};

class CompiledPolicy {
 public:
  // The policies' rules add up. They must be without faults (find_faults).
  explicit CompiledPolicy(const std::vector<const Policy*>& policies);
  ~CompiledPolicy();
  CompiledPolicy(CompiledPolicy&&) noexcept;
  CompiledPolicy& operator=(CompiledPolicy&&) noexcept;

  Decision evaluate(const Facts& facts) const;

  // One rule that applies to the action's tool, as far as the facts tell.
  struct RuleVerdict {
    const Rule* rule;  // owned by the compiled policy
    Truth truth;
    bool matches;  // yes; or unknown, unless the rule allows
  };
  std::vector<RuleVerdict> judge_rules(const Facts& facts) const;

 private:
  struct Program;
  std::unique_ptr<const Program> program_;
};

// Compiles and evaluates: for tests and one-off questions.
Decision evaluate(const std::vector<const Policy*>& policies, const Facts& facts);

// One rule's condition alone.
Truth truth_of(const Condition& condition, const Facts& facts);

}  // namespace countersign::policy
