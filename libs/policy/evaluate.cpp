#include "policy/evaluate.hpp"

#include <algorithm>
#include <set>

#include "policy/program.hpp"

namespace countersign::policy {

struct CompiledPolicy::Program {
  std::vector<Rule> rules;
  std::vector<CompiledCondition> conditions;  // of each rule
  Slots slots;
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_tool;
  std::vector<std::size_t> for_any_tool;  // for a tool that no rule names

  const std::vector<std::size_t>& scope_of(std::string_view tool) const {
    const auto found = by_tool.find(tool);
    return found == by_tool.end() ? for_any_tool : found->second;
  }
};

namespace {

bool names(const Rule& rule, std::string_view tool) { return std::find(rule.tools.begin(), rule.tools.end(), tool) != rule.tools.end(); }

// An allow rule never applies by the star, whatever its document says.
bool applies_to_any(const Rule& rule) { return rule.effect != Effect::allow && names(rule, "*"); }

std::vector<std::size_t> scope(const std::vector<Rule>& rules, std::string_view tool) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (applies_to_any(rules[i]) || (tool != "*" && names(rules[i], tool))) indices.push_back(i);
  return indices;
}

Truth judge_rule(Judge& judge, const Rule& rule, const CompiledCondition& condition) {
  return judge.judge(condition, rule.effect == Effect::allow);
}

bool counts(Effect effect, Truth truth) { return truth == Truth::yes || (truth == Truth::unknown && effect != Effect::allow); }

// Without the evidence, and with all that is needed to read it.
std::optional<EvidenceNeed> find_need(const Expression& expression, const Facts& facts) {
  if (expression.kind != Expression::Kind::evidence || find_evidence(expression, facts) != nullptr) return std::nullopt;
  EvidenceNeed need{expression.name, {}};
  for (const auto& match : expression.where) {
    const auto* value = find_at(facts.arguments, match.action_argument);
    if (value == nullptr || value->null()) return std::nullopt;
    need.arguments.emplace(match.evidence_argument.text(), *value);
  }
  return need;
}

void collect_needs(const Expression& expression, const Facts& facts, std::vector<EvidenceNeed>& needs) {
  const auto need = find_need(expression, facts);
  if (need && std::find(needs.begin(), needs.end(), *need) == needs.end()) needs.push_back(*need);
  for (const auto& input : expression.inputs) collect_needs(input, facts, needs);
}

void collect_needs(const Condition& condition, const Facts& facts, std::vector<EvidenceNeed>& needs) {
  for (const auto& part : condition.conditions) collect_needs(part, facts, needs);
  for (const auto& value : condition.values) collect_needs(value, facts, needs);
}

domain::Requirement requirement_of(const std::vector<const Rule*>& rules) {
  static const domain::Duties otherwise = domain::default_duties();
  std::vector<domain::Demand> demands;
  demands.reserve(rules.size());
  for (const auto* rule : rules) demands.push_back({rule->id, rule->duties ? *rule->duties : otherwise, false});
  return domain::combine(demands);
}

// The rules that matched, by what they do.
class Tally {
 public:
  void add(const Rule& rule, Truth truth, const Facts& facts) {
    if (!counts(rule.effect, truth)) return;
    if (rule.effect != Effect::deny || truth == Truth::yes) {
      matched_[static_cast<std::size_t>(rule.effect)].push_back(&rule);
    } else {
      unknown_denies_.push_back(&rule);
      collect_needs(rule.when, facts, needs_);
    }
  }

  Decision decide() {
    Decision decision{.needs_evidence = std::move(needs_)};
    if (!of(Effect::deny).empty()) {
      conclude(decision, Effect::deny, codes::denied_by_policy);
    } else if (of(Effect::allow).empty()) {
      decision.codes.emplace_back(codes::no_rule_allows);
    } else if (!of(Effect::escalate).empty() || !unknown_denies_.empty()) {
      decision.effect = Effect::escalate;
      if (!of(Effect::escalate).empty()) conclude(decision, Effect::escalate, codes::escalated_by_policy);
    } else if (!of(Effect::require_approval).empty()) {
      conclude(decision, Effect::require_approval, codes::approval_required);
      decision.requirement = requirement_of(of(Effect::require_approval));
    } else {
      decision.effect = Effect::allow;
      for (const auto* rule : of(Effect::allow)) decision.rules.push_back(rule->id);
    }
    return mention_unknown_denies(std::move(decision));
  }

 private:
  const std::vector<const Rule*>& of(Effect effect) const { return matched_[static_cast<std::size_t>(effect)]; }

  void conclude(Decision& decision, Effect effect, std::string_view code) const {
    decision.effect = effect;
    decision.codes.emplace_back(code);
    cite(decision, of(effect));
  }

  static void cite(Decision& decision, const std::vector<const Rule*>& rules) {
    for (const auto* rule : rules) {
      decision.rules.push_back(rule->id);
      decision.why.push_back({rule->id, rule->sentence, rule->citation});
    }
  }

  // A rule that surely denies makes it idle to ask what the others would say.
  Decision mention_unknown_denies(Decision decision) const {
    const bool settled = decision.effect == Effect::deny && decision.codes.front() == codes::denied_by_policy;
    if (settled) decision.needs_evidence.clear();
    if (settled || unknown_denies_.empty()) return decision;
    decision.codes.emplace_back(codes::needs_evidence);
    cite(decision, unknown_denies_);
    return decision;
  }

  std::array<std::vector<const Rule*>, 4> matched_;  // borrowed from the program
  std::vector<const Rule*> unknown_denies_;
  std::vector<EvidenceNeed> needs_;
};

}  // namespace

CompiledPolicy::CompiledPolicy(const std::vector<const Policy*>& policies) {
  auto program = std::make_unique<Program>();
  for (const auto* policy : policies) program->rules.insert(program->rules.end(), policy->rules.begin(), policy->rules.end());
  std::set<std::string> tools;
  for (const auto& rule : program->rules) {
    program->conditions.push_back(program->slots.compile(rule.when));
    tools.insert(rule.tools.begin(), rule.tools.end());
  }
  for (const auto& tool : tools) program->by_tool.emplace(tool, scope(program->rules, tool));
  program->for_any_tool = scope(program->rules, "*");
  program_ = std::move(program);
}

CompiledPolicy::~CompiledPolicy() = default;
CompiledPolicy::CompiledPolicy(CompiledPolicy&&) noexcept = default;
CompiledPolicy& CompiledPolicy::operator=(CompiledPolicy&&) noexcept = default;

Decision CompiledPolicy::evaluate(const Facts& facts) const {
  Judge judge(program_->slots.leaves(), facts);
  Tally tally;
  for (const std::size_t i : program_->scope_of(facts.tool)) {
    const Rule& rule = program_->rules[i];
    tally.add(rule, judge_rule(judge, rule, program_->conditions[i]), facts);
  }
  return tally.decide();
}

std::vector<CompiledPolicy::RuleVerdict> CompiledPolicy::judge_rules(const Facts& facts) const {
  Judge judge(program_->slots.leaves(), facts);
  std::vector<RuleVerdict> verdicts;
  for (const std::size_t i : program_->scope_of(facts.tool)) {
    const Rule& rule = program_->rules[i];
    const Truth truth = judge_rule(judge, rule, program_->conditions[i]);
    verdicts.push_back({&rule, truth, counts(rule.effect, truth)});
  }
  return verdicts;
}

Decision evaluate(const std::vector<const Policy*>& policies, const Facts& facts) { return CompiledPolicy(policies).evaluate(facts); }

Truth truth_of(const Condition& condition, const Facts& facts) {
  Slots slots;
  const auto compiled = slots.compile(condition);
  return Judge(slots.leaves(), facts).judge(compiled, false);
}

}  // namespace countersign::policy
