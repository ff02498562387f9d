#pragma once

// Policy: the rules of one document as plain structs. Whoever reads the document fills them in and asks find_faults(); builders.hpp helps.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "domain/named_enum.hpp"
#include "domain/pointer.hpp"
#include "domain/requirement.hpp"
#include "domain/value.hpp"

namespace countersign::policy {

// Mildest first.
enum class Effect { allow, require_approval, escalate, deny };

// Where a value comes from.
struct Expression {
  enum class Kind {
    fact,        // name: a named fact, such as `amount`
    argument,    // pointer: into the action's arguments
    ticket,      // pointer: into the executor's snapshot of the ticket
    evidence,    // name: the tool that was read; where; pointer: into its result
    literal,     // value
    sum,         // inputs: one or more
    difference,  // inputs: the first less all others; two or more
    min,         // inputs: one or more
  };
  // An argument of the read that must equal an argument of the action.
  struct Match {
    domain::Pointer evidence_argument;
    domain::Pointer action_argument;
  };

  Kind kind = Kind::literal;
  std::string name{};
  domain::Pointer pointer{};
  std::vector<Match> where{};
  domain::Value value{};
  std::vector<Expression> inputs{};
};

struct Condition {
  enum class Kind {
    always,
    all,       // conditions: one or more
    any,       // conditions: one or more
    negation,  // conditions: exactly one
    eq,        // values: two, as for the five that follow
    ne,
    lt,
    le,
    gt,
    ge,
    in,       // values: one; members: one or more scalars
    is_true,  // values: one
    present,  // values: one
    has,      // values: one, which is a list; members: exactly one scalar
  };

  Kind kind = Kind::always;
  std::vector<Condition> conditions{};
  std::vector<Expression> values{};
  std::vector<domain::Value> members{};
};

struct Rule {
  std::string id{};
  std::string sentence{};            // what it says, for people
  std::string citation{};            // where the business policy says so
  std::vector<std::string> tools{};  // "*": every tool, for rules that are not an allow
  Condition when{};
  Effect effect = Effect::deny;
  std::optional<domain::Duties> duties{};  // of a rule that requires approval; absent: domain::default_duties()
};

struct Policy {
  std::string tenant{};
  std::string name{};
  int version = 1;
  std::vector<Rule> rules{};
};

inline constexpr std::size_t most_rules = 500;
inline constexpr int most_condition_levels = 16;

// Everything that is wrong with the policy, each with the rule's id in the sentence. Only a policy without faults may be compiled.
// Codes: rules_missing, rule_id_invalid, rule_id_repeated, sentence_missing, citation_missing, tools_missing, scope_too_wide,
// condition_invalid, expression_invalid, opinion_in_allow, too_many_rules, duties_misplaced, duties_invalid.
std::vector<base::Refusal> find_faults(const Policy& policy);

// What is wrong with duties, as sentences: no role, a role twice or unnamed, numbers out of range.
std::vector<std::string> find_faults(const domain::Duties& duties);

// Facts that a planner had a say in: opinion.…, agent.…, plan.…, category. They may only restrict.
bool planners_word(std::string_view fact) noexcept;

}  // namespace countersign::policy

template <>
struct countersign::domain::EnumNames<countersign::policy::Effect> {
  static constexpr std::array names{std::string_view("allow"), std::string_view("require_approval"), std::string_view("escalate"),
                                    std::string_view("deny")};
};

// The words of a policy document: each is the member whose content is the expression's.
template <>
struct countersign::domain::EnumNames<countersign::policy::Expression::Kind> {
  static constexpr std::array names{std::string_view("fact"),       std::string_view("argument"), std::string_view("ticket"),
                                    std::string_view("evidence"),   std::string_view("literal"),  std::string_view("sum"),
                                    std::string_view("difference"), std::string_view("min")};
};

template <>
struct countersign::domain::EnumNames<countersign::policy::Condition::Kind> {
  static constexpr std::array names{
      std::string_view("always"), std::string_view("all"),     std::string_view("any"),     std::string_view("not"), std::string_view("eq"),
      std::string_view("ne"),     std::string_view("lt"),      std::string_view("le"),      std::string_view("gt"),  std::string_view("ge"),
      std::string_view("in"),     std::string_view("is_true"), std::string_view("present"), std::string_view("has")};
};
