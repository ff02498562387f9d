#include "policy/facts.hpp"

#include <algorithm>

namespace countersign::policy {

namespace {

using domain::find_at;
using domain::Value;
using Kind = Expression::Kind;

bool agree(const Value* a, const Value* b) noexcept { return a != nullptr && b != nullptr && !a->null() && *a == *b; }

bool matches(const Expression& expression, const Evidence& evidence, const Value& arguments) noexcept {
  if (evidence.tool != expression.name) return false;
  return std::all_of(expression.where.begin(), expression.where.end(), [&](const auto& match) {
    return agree(find_at(evidence.arguments, match.evidence_argument), find_at(arguments, match.action_argument));
  });
}

const Fact* find_fact(const std::string& name, const Facts& facts) noexcept {
  const auto found = facts.named.find(name);
  return found == facts.named.end() ? nullptr : &found->second;
}

// "/order" speaks for "/order/total", not for "/orders".
bool at_or_below(std::string_view pointer, std::string_view root) noexcept {
  return pointer.starts_with(root) && (pointer.size() == root.size() || pointer[root.size()] == '/');
}

}  // namespace

bool Evidence::trusts(const domain::Pointer& pointer) const noexcept {
  return std::any_of(trusted.begin(), trusted.end(), [&](const auto& root) { return at_or_below(pointer.text(), root.text()); });
}

const Evidence* find_evidence(const Expression& expression, const Facts& facts) noexcept {
  const auto newest = std::find_if(facts.evidence.rbegin(), facts.evidence.rend(),
                                   [&](const auto& evidence) { return matches(expression, evidence, facts.arguments); });
  return newest == facts.evidence.rend() ? nullptr : &*newest;
}

const Value* find_value(const Expression& expression, const Facts& facts) noexcept {
  switch (expression.kind) {
    case Kind::fact: {
      const Fact* fact = find_fact(expression.name, facts);
      return fact == nullptr ? nullptr : &fact->value;
    }
    case Kind::argument:
      return find_at(facts.arguments, expression.pointer);
    case Kind::ticket:
      return find_at(facts.ticket, expression.pointer);
    case Kind::evidence: {
      const Evidence* evidence = find_evidence(expression, facts);
      return evidence == nullptr ? nullptr : find_at(evidence->result, expression.pointer);
    }
    case Kind::literal:
      return &expression.value;
    default:
      return nullptr;
  }
}

const Value* find_trusted_value(const Expression& expression, const Facts& facts) noexcept {
  if (expression.kind == Kind::evidence) {
    const Evidence* evidence = find_evidence(expression, facts);
    if (evidence != nullptr && !evidence->trusts(expression.pointer)) return nullptr;
  }
  return find_value(expression, facts);
}

std::optional<domain::Origin> find_origin(const Expression& expression, const Facts& facts) noexcept {
  if (find_value(expression, facts) == nullptr) return std::nullopt;
  switch (expression.kind) {
    case Kind::fact:
      return find_fact(expression.name, facts)->origin;
    case Kind::argument:
      return origin_at(facts.argument_origins, expression.pointer.text(), domain::Origin::model);
    case Kind::ticket:
      return origin_at(facts.ticket_origins, expression.pointer.text(), domain::Origin::customer_text);
    case Kind::evidence: {
      const Evidence* evidence = find_evidence(expression, facts);
      return domain::evidence_origin(evidence->origin, evidence->trusts(expression.pointer));
    }
    default:
      return std::nullopt;
  }
}

std::string describe(const Expression& expression) {
  std::string text(domain::name_of(expression.kind));
  if (!expression.name.empty()) text += " " + expression.name;
  if (!expression.pointer.text().empty()) text += " " + expression.pointer.text();
  return text;
}

}  // namespace countersign::policy
