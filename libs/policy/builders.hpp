#pragma once

// Short ways to write conditions and expressions in C++, as they read in a document.
// Pointers are written as text and must be valid: these are for pointers that stand in code, never for text from outside.

#include <string_view>
#include <utility>
#include <vector>

#include "base/invariant.hpp"
#include "policy/policy.hpp"

namespace countersign::policy {

inline domain::Pointer pointer(std::string_view text) {
  auto parsed = domain::Pointer::parse(text);
  COUNTERSIGN_INVARIANT(parsed.has_value(), "a pointer that stands in code is valid");
  return *std::move(parsed);
}

inline Expression fact(std::string name) { return {.kind = Expression::Kind::fact, .name = std::move(name)}; }
inline Expression argument(std::string_view at) { return {.kind = Expression::Kind::argument, .pointer = pointer(at)}; }
inline Expression ticket(std::string_view at) { return {.kind = Expression::Kind::ticket, .pointer = pointer(at)}; }
inline Expression literal(domain::Value value) { return {.kind = Expression::Kind::literal, .value = std::move(value)}; }
inline Expression evidence(std::string tool, std::vector<Expression::Match> where, std::string_view at) {
  return {.kind = Expression::Kind::evidence, .name = std::move(tool), .pointer = pointer(at), .where = std::move(where)};
}
inline Expression::Match same(std::string_view evidence_argument, std::string_view action_argument) {
  return {pointer(evidence_argument), pointer(action_argument)};
}
inline Expression sum(std::vector<Expression> inputs) { return {.kind = Expression::Kind::sum, .inputs = std::move(inputs)}; }
inline Expression difference(std::vector<Expression> inputs) { return {.kind = Expression::Kind::difference, .inputs = std::move(inputs)}; }
inline Expression min(std::vector<Expression> inputs) { return {.kind = Expression::Kind::min, .inputs = std::move(inputs)}; }

inline Condition always() { return {}; }
inline Condition all(std::vector<Condition> of) { return {.kind = Condition::Kind::all, .conditions = std::move(of)}; }
inline Condition any(std::vector<Condition> of) { return {.kind = Condition::Kind::any, .conditions = std::move(of)}; }
inline Condition negation(Condition of) { return {.kind = Condition::Kind::negation, .conditions = {std::move(of)}}; }
inline Condition compare(Condition::Kind kind, Expression a, Expression b) {
  return {.kind = kind, .values = {std::move(a), std::move(b)}};
}
inline Condition eq(Expression a, Expression b) { return compare(Condition::Kind::eq, std::move(a), std::move(b)); }
inline Condition ne(Expression a, Expression b) { return compare(Condition::Kind::ne, std::move(a), std::move(b)); }
inline Condition lt(Expression a, Expression b) { return compare(Condition::Kind::lt, std::move(a), std::move(b)); }
inline Condition le(Expression a, Expression b) { return compare(Condition::Kind::le, std::move(a), std::move(b)); }
inline Condition gt(Expression a, Expression b) { return compare(Condition::Kind::gt, std::move(a), std::move(b)); }
inline Condition ge(Expression a, Expression b) { return compare(Condition::Kind::ge, std::move(a), std::move(b)); }
inline Condition in(Expression of, std::vector<domain::Value> members) {
  return {.kind = Condition::Kind::in, .values = {std::move(of)}, .members = std::move(members)};
}
inline Condition has(Expression list, domain::Value member) {
  return {.kind = Condition::Kind::has, .values = {std::move(list)}, .members = {std::move(member)}};
}
inline Condition is_true(Expression of) { return {.kind = Condition::Kind::is_true, .values = {std::move(of)}}; }
inline Condition present(Expression of) { return {.kind = Condition::Kind::present, .values = {std::move(of)}}; }

}  // namespace countersign::policy
