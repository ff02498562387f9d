#include "policy/policy.hpp"

#include <algorithm>
#include <set>

namespace countersign::policy {

namespace {

using Kind = Expression::Kind;

bool id_valid(std::string_view id) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'; };
  return !id.empty() && id.size() <= 80 && std::all_of(id.begin(), id.end(), allowed);
}

bool comparable(const domain::Value& value) { return value.scalar() && !value.null(); }

// How many there must be.
struct Count {
  std::size_t least = 0;
  std::size_t most = 0;
  bool admits(std::size_t n) const { return n >= least && n <= most; }
};

constexpr Count none{0, 0};
constexpr Count one{1, 1};
constexpr Count two{2, 2};
constexpr Count some{1, 64};

struct Shape {
  Count conditions, values, members;
};

Shape shape_of(Condition::Kind kind) {
  switch (kind) {
    case Condition::Kind::always:
      return {none, none, none};
    case Condition::Kind::all:
    case Condition::Kind::any:
      return {some, none, none};
    case Condition::Kind::negation:
      return {one, none, none};
    case Condition::Kind::in:
      return {none, one, Count{1, 1000}};
    case Condition::Kind::has:
      return {none, one, one};
    case Condition::Kind::is_true:
    case Condition::Kind::present:
      return {none, one, none};
    default:
      return {none, two, none};
  }
}

Count inputs_of(Expression::Kind kind) {
  switch (kind) {
    case Expression::Kind::sum:
    case Expression::Kind::min:
      return some;
    case Expression::Kind::difference:
      return {2, 64};
    default:
      return none;
  }
}

// Lists the faults of one rule.
class RuleInspector {
 public:
  RuleInspector(const Rule& rule, std::vector<base::Refusal>& faults) : rule_(rule), faults_(faults) {}

  void inspect() {
    if (!id_valid(rule_.id)) add("rule_id_invalid", "an id is 1 to 80 small letters, digits, _ - .");
    if (rule_.sentence.empty()) add("sentence_missing", "say in a sentence what the rule does");
    if (rule_.citation.empty()) add("citation_missing", "say where the business policy demands it");
    inspect_scope();
    inspect_duties();
    inspect_condition(rule_.when, 1);
  }

 private:
  void inspect_scope() {
    const bool everywhere = std::find(rule_.tools.begin(), rule_.tools.end(), "*") != rule_.tools.end();
    if (rule_.tools.empty() || std::find(rule_.tools.begin(), rule_.tools.end(), "") != rule_.tools.end())
      add("tools_missing", "name the tools that the rule is about");
    if (everywhere && rule_.effect == Effect::allow) add("scope_too_wide", "a rule that allows names its tools one by one");
  }

  void inspect_duties() {
    if (!rule_.duties) return;
    if (rule_.effect != Effect::require_approval) add("duties_misplaced", "only a rule that requires approval has duties");
    for (const auto& sentence : find_faults(*rule_.duties)) add("duties_invalid", sentence);
  }

  void inspect_condition(const Condition& condition, int level) {
    if (level > most_condition_levels) return add("condition_invalid", "conditions are nested at most 16 deep");
    const Shape shape = shape_of(condition.kind);
    const bool fits = shape.conditions.admits(condition.conditions.size()) && shape.values.admits(condition.values.size()) &&
                      shape.members.admits(condition.members.size());
    if (!fits) add("condition_invalid", "`" + std::string(domain::name_of(condition.kind)) + "` has too few or too many parts");
    if (!std::all_of(condition.members.begin(), condition.members.end(), comparable))
      add("condition_invalid", "`in` and `has` list texts, numbers, truth values or money");
    for (const auto& part : condition.conditions) inspect_condition(part, level + 1);
    for (const auto& value : condition.values) inspect_expression(value, level + 1);
  }

  void inspect_expression(const Expression& expression, int level) {
    if (level > most_condition_levels) return add("expression_invalid", "expressions are nested at most 16 deep");
    if (!inputs_of(expression.kind).admits(expression.inputs.size()))
      add("expression_invalid", "`" + std::string(domain::name_of(expression.kind)) + "` has too few or too many inputs");
    inspect_leaf(expression);
    for (const auto& input : expression.inputs) inspect_expression(input, level + 1);
  }

  void inspect_leaf(const Expression& expression) {
    const bool named = expression.kind == Kind::fact || expression.kind == Kind::evidence;
    if (named && expression.name.empty()) add("expression_invalid", "a fact is named, and evidence names the tool that was read");
    if (expression.kind == Kind::evidence && expression.where.empty())
      add("expression_invalid", "evidence must be tied to the action by `where`, or a planner could choose which record is looked at");
    if (expression.kind == Kind::literal && !comparable(expression.value))
      add("expression_invalid", "a literal is a text, a number, a truth value or money");
    if (expression.kind == Kind::fact && planners_word(expression.name) && rule_.effect == Effect::allow)
      add("opinion_in_allow", "what a planner thinks may only restrict");
  }

  void add(std::string code, const std::string& detail) { faults_.push_back({std::move(code), "rule " + rule_.id + ": " + detail}); }

  const Rule& rule_;
  std::vector<base::Refusal>& faults_;
};

constexpr std::int64_t longest_expiry_s = 366LL * 24 * 60 * 60;

bool within(std::int64_t number, std::int64_t least, std::int64_t most) { return number >= least && number <= most; }

}  // namespace

bool planners_word(std::string_view fact) noexcept {
  return fact == "category" || fact.starts_with("opinion.") || fact.starts_with("agent.") || fact.starts_with("plan.");
}

std::vector<std::string> find_faults(const domain::Duties& duties) {
  std::vector<std::string> faults;
  const auto check = [&faults](bool fine, std::string sentence) {
    if (!fine) faults.push_back(std::move(sentence));
  };
  check(!duties.roles.empty(), "duties name at least one role");
  std::set<std::string_view> roles;
  for (const auto& duty : duties.roles) {
    check(id_valid(duty.role), "a role is named by 1 to 80 small letters, digits, _ - .");
    check(roles.insert(duty.role).second, "the role " + duty.role + " stands twice");
    check(within(duty.people, 1, domain::most_people), "a role asks for 1 to 20 people");
  }
  check(within(duties.quorum, 1, domain::most_people), "a quorum is 1 to 20 people");
  check(!duties.expires_after_s || within(*duties.expires_after_s, 1, longest_expiry_s), "an approval expires after 1 second to 366 days");
  return faults;
}

std::vector<base::Refusal> find_faults(const Policy& policy) {
  std::vector<base::Refusal> faults;
  if (policy.rules.empty()) faults.push_back({"rules_missing", "a policy has at least one rule"});
  if (policy.rules.size() > most_rules) faults.push_back({"too_many_rules", "a policy has at most 500 rules"});
  std::set<std::string_view> ids;
  for (const auto& rule : policy.rules) {
    if (!ids.insert(rule.id).second) faults.push_back({"rule_id_repeated", "rule " + rule.id + ": there is another of that id"});
    RuleInspector(rule, faults).inspect();
  }
  return faults;
}

}  // namespace countersign::policy
