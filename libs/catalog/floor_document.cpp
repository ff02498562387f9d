#include "catalog/floor_document.hpp"

#include <nlohmann/json.hpp>

#include "contracts/value.hpp"
#include "policy/policy.hpp"

namespace countersign::catalog {

namespace {

using nlohmann::json;

std::optional<base::Money> read_limit(const json& body, Mistakes& mistakes) {
  if (!body.contains("above")) return std::nullopt;
  const auto value = contracts::to_value(body.at("above"));
  mistakes.check(value.money() != nullptr, "an amount of money is out of range");
  return value.money() != nullptr ? *value.money() : base::Money{};
}

policy::FloorDemand read_demand(const json& body, Mistakes& mistakes) {
  policy::FloorDemand demand;
  demand.sentence = body.at("sentence");
  demand.tools = body.value("tools", std::vector<std::string>{});
  for (const auto& name : body.value("classes", std::vector<std::string>{}))
    demand.classes.push_back(domain::find_named<domain::RiskClass>(name).value_or(domain::RiskClass::irreversible));
  demand.above = read_limit(body, mistakes);
  demand.duties = read_duties(body.at("duties"));
  return demand;
}

}  // namespace

domain::Duties read_duties(const json& body) {
  auto duties = domain::default_duties();
  duties.roles.clear();
  for (const auto& role : body.at("roles")) duties.roles.push_back({role.at("role"), role.value("people", std::int64_t{1})});
  duties.quorum = body.value("quorum", std::int64_t{1});
  if (!body.contains("expires_after_s")) return duties;
  const auto& expiry = body.at("expires_after_s");
  duties.expires_after_s = expiry.is_string() ? std::nullopt : std::optional(expiry.get<std::int64_t>());
  return duties;
}

base::Result<policy::Floor> parse_floor(const Document& document) {
  if (auto fine = check_kind(document, "floor"); !fine) return tl::unexpected(fine.error());
  Mistakes mistakes;
  policy::Floor floor;
  for (const auto& body : document.body.value().at("demands")) {
    auto& demand = floor.demands.emplace_back(read_demand(body, mistakes));
    demand.id = "floor." + document.name + "." + std::to_string(floor.demands.size());
    demand.citation = document.label();
    for (const auto& fault : policy::find_faults(demand.duties)) mistakes.add(demand.id + ": " + fault);
  }
  if (mistakes.any()) return mistakes.refusal("document_invalid");
  return floor;
}

}  // namespace countersign::catalog
