#include "domain/requirement.hpp"

#include <algorithm>
#include <utility>

namespace countersign::domain {

namespace {

const RoleDuty* find_role(const std::vector<RoleDuty>& roles, std::string_view role) {
  const auto found = std::find_if(roles.begin(), roles.end(), [role](const auto& duty) { return duty.role == role; });
  return found == roles.end() ? nullptr : &*found;
}

void add_role(std::vector<RoleDuty>& roles, const RoleDuty& duty) {
  const auto at = std::lower_bound(roles.begin(), roles.end(), duty, [](const auto& a, const auto& b) { return a.role < b.role; });
  if (at != roles.end() && at->role == duty.role) {
    at->people = std::max(at->people, duty.people);
  } else {
    roles.insert(at, duty);
  }
}

void add_once(std::vector<std::string>& sorted, const std::string& text) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), text);
  if (at == sorted.end() || *at != text) sorted.insert(at, text);
}

std::optional<std::int64_t> sooner(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

// Lists that came over the wire need not be sorted.
bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool contains_all(const std::vector<std::string>& list, const std::vector<std::string>& texts) {
  return std::all_of(texts.begin(), texts.end(), [&](const auto& text) { return contains(list, text); });
}

bool counts(const Requirement& requirement, const Approver& person) {
  const auto held = [&](const auto& duty) { return person.roles.contains(duty.role); };
  return !excluded(requirement, person) && std::any_of(requirement.roles.begin(), requirement.roles.end(), held);
}

}  // namespace

Duties default_duties() { return {.roles = {{std::string(default_role), 1}}, .quorum = 1, .expires_after_s = 24 * 60 * 60}; }

Requirement combine(Requirement a, const Requirement& b) {
  for (const auto& rule : b.rules) add_once(a.rules, rule);
  for (const auto& duty : b.roles) add_role(a.roles, duty);
  for (const auto& stage : b.stages) add_once(a.stages, stage);
  a.quorum = std::max({a.quorum, b.quorum, std::int64_t{1}});
  a.expires_after_s = sooner(a.expires_after_s, b.expires_after_s);
  a.floor = a.floor || b.floor;
  return exclude(std::move(a), b.exclusions);
}

Requirement combine(const std::vector<Demand>& demands) {
  Requirement sum;
  sum.rules.reserve(demands.size());
  for (std::size_t i = 0; i < demands.size(); ++i) {
    const auto& [rule, duties, floor] = demands[i];
    add_once(sum.rules, rule);
    for (const auto& duty : duties.roles) add_role(sum.roles, duty);
    sum.quorum = std::max(sum.quorum, duties.quorum);
    sum.expires_after_s = i == 0 ? duties.expires_after_s : sooner(sum.expires_after_s, duties.expires_after_s);
    sum.floor = sum.floor || floor;
  }
  return sum;
}

Requirement exclude(Requirement requirement, const std::vector<std::string>& people) {
  for (const auto& person : people) add_once(requirement.exclusions, person);
  return requirement;
}

bool covers(const Requirement& approved, const Requirement& now_required) {
  const auto enough = [&](const RoleDuty& duty) {
    const auto* had = find_role(approved.roles, duty.role);
    return had != nullptr && had->people >= duty.people;
  };
  return approved.quorum >= now_required.quorum && std::all_of(now_required.roles.begin(), now_required.roles.end(), enough) &&
         contains_all(approved.stages, now_required.stages) && contains_all(approved.exclusions, now_required.exclusions);
}

bool excluded(const Requirement& requirement, const Approver& person) {
  return contains(requirement.exclusions, person.name) || std::any_of(person.aliases.begin(), person.aliases.end(), [&](const auto& alias) {
           return contains(requirement.exclusions, alias);
         });
}

Shortfall shortfall_of(const Requirement& requirement, const std::vector<Approver>& people) {
  Shortfall shortfall{.roles = requirement.roles,
                      .people = std::max<std::int64_t>(requirement.quorum, 1),
                      .unsatisfiable = requirement.roles.empty() || !requirement.stages.empty()};
  std::set<std::string_view> seen;
  for (const auto& person : people) {
    if (!seen.insert(person.name).second || !counts(requirement, person)) continue;
    shortfall.people = std::max<std::int64_t>(shortfall.people - 1, 0);
    for (auto& duty : shortfall.roles)
      if (person.roles.contains(duty.role)) --duty.people;
  }
  std::erase_if(shortfall.roles, [](const auto& duty) { return duty.people <= 0; });
  return shortfall;
}

bool satisfied(const Requirement& requirement, const std::vector<Approver>& people) { return shortfall_of(requirement, people).none(); }

}  // namespace countersign::domain
