#include "executor/policy_gate.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "contracts/value.hpp"
#include "crypto/digest.hpp"
#include "domain/arguments.hpp"
#include "domain/codes.hpp"
#include "domain/keys.hpp"
#include "executor/fact_book.hpp"
#include "policy/evaluate.hpp"
#include "policy/floor.hpp"

namespace countersign::executor {

namespace {

using base::Result;

void add_code(GateVerdict& verdict, const std::string& code) {
  if (std::find(verdict.codes.begin(), verdict.codes.end(), code) == verdict.codes.end()) verdict.codes.push_back(code);
}

// Arguments of an earlier claim stand: the tool may have seen them under the key that a repetition would use again.
Result<domain::ResolvedArguments> arguments_of(const FactBook& book, const TicketCase& one, const Step& step) {
  if (const Effect* effect = one.find_effect(step.run, step.number))
    return domain::ResolvedArguments{contracts::to_value(effect->arguments), step.origins};
  return domain::resolve_arguments(contracts::to_value(step.proposed), book.reader());
}

Result<std::optional<base::Money>> amount_of(const catalog::ToolManifest& manifest, const domain::Value& arguments) {
  if (!manifest.amount) return std::nullopt;
  const auto* value = find_at(arguments, *manifest.amount);
  if (value == nullptr || value->money() == nullptr)
    return base::refuse(std::string(codes::amount_absent), "the manifest's amount points at no money");
  // It would pass below every limit, and turn the direction in which money moves.
  if (value->money()->minor < 0) return base::refuse(std::string(codes::amount_negative), "an amount is not below zero");
  return *value->money();
}

// "order_id=A-17, …", for people.
std::string target_of(const catalog::ToolManifest& manifest, const domain::Value& arguments) {
  std::string target;
  for (const auto& pointer : manifest.target) {
    const auto* value = find_at(arguments, pointer);
    if (value == nullptr || pointer.tokens().empty()) continue;
    if (!target.empty()) target += ", ";
    target += pointer.tokens().back() + "=" + (value->text() != nullptr ? *value->text() : contracts::to_shared_json(*value).text());
  }
  return target;
}

Result<std::string> operation_key(const std::string& tenant, const catalog::Operation& operation, const domain::Value& arguments) {
  auto target = domain::operation_target_text(arguments, operation.key);
  if (!target) return tl::unexpected(target.error());
  return crypto::sha256(domain::operation_key_text({.tenant = tenant, .operation = operation.name, .target = *target})).hex();
}

std::string idempotency_key(const Ticket& ticket, const Step& step) {
  return crypto::sha256(domain::idempotency_key_text({.tenant = ticket.tenant, .ticket = ticket.id, .run = step.run, .step = step.number}))
      .hex();
}

// Who asked for it, and on whose authority: they do not approve it.
std::vector<std::string> people_behind(const Ticket& ticket) {
  std::vector<std::string> people;
  for (const auto* person : {&ticket.requester, &ticket.actor})
    if (!person->is_null()) people.push_back(person->value().at("id").get<std::string>());
  return people;
}

contracts::Json decision_json(const policy::Decision& decision, const catalog::Snapshot& snapshot) {
  return contracts::Json(nlohmann::json{{"effect", domain::name_of(decision.effect)},
                                        {"codes", decision.codes},
                                        {"rules", decision.rules},
                                        {"configuration", snapshot.revision()}});
}

// What is done with one step while it passes the gate, from left to right.
class Passage {
 public:
  Passage(const catalog::Snapshot& snapshot, const TicketCase& one, const Step& step)
      : snapshot_(snapshot), case_(one), step_(step), book_(snapshot, one) {}

  GateVerdict judge() {
    verdict_.manifest = snapshot_.find_tool(case_.ticket.tenant, step_.tool);
    if (verdict_.manifest == nullptr) add_code(verdict_, std::string(codes::tool_unknown));
    verdict_.allowed = verdict_.manifest != nullptr && resolve() && fits_manifest() && names_its_target() && policy_allows() && renders();
    return std::move(verdict_);
  }

 private:
  const catalog::ToolManifest& manifest() const { return *verdict_.manifest; }

  template <typename T>
  bool note(const Result<T>& result) {
    if (!result) add_code(verdict_, result.error().code);
    return result.has_value();
  }

  bool resolve() {
    auto resolved = arguments_of(book_, case_, step_);
    if (!note(resolved)) return false;
    resolved_ = std::move(*resolved);
    verdict_.arguments = contracts::to_shared_json(resolved_.arguments);
    verdict_.origins = resolved_.origins;
    return true;
  }

  bool fits_manifest() {
    if (!manifest().arguments.check(verdict_.arguments.value())) {
      add_code(verdict_, std::string(domain::codes::arguments_invalid));
      return false;
    }
    const auto refusals = domain::check_origins(manifest().origins, resolved_.origins);
    for (const auto& refusal : refusals) add_code(verdict_, refusal.code);
    return refusals.empty();
  }

  bool names_its_target() {
    auto amount = amount_of(manifest(), resolved_.arguments);
    if (!note(amount)) return false;
    verdict_.amount = *amount;
    verdict_.target = target_of(manifest(), resolved_.arguments);
    verdict_.idempotency_key = idempotency_key(case_.ticket, step_);
    if (!manifest().operation) return true;
    auto key = operation_key(case_.ticket.tenant, *manifest().operation, resolved_.arguments);
    if (!note(key)) return false;
    verdict_.operation = manifest().operation->name;
    verdict_.operation_key = std::move(*key);
    return true;
  }

  bool policy_allows() {
    policy::Decision decision{.codes = {std::string(policy::codes::no_rule_allows)}};
    if (const auto* policies = snapshot_.policy(case_.ticket.tenant))
      decision = policies->evaluate(book_.facts({manifest(), resolved_.arguments, resolved_.origins, verdict_.amount}));
    const base::Money* amount = verdict_.amount ? &*verdict_.amount : nullptr;
    decision = policy::raise_to_floor(std::move(decision), snapshot_.floor(case_.ticket.tenant),
                                      {.tool = manifest().name, .risk = manifest().risk, .amount = amount});
    verdict_.decision = decision_json(decision, snapshot_);
    if (decision.effect == policy::Effect::allow) return true;
    if (decision.effect == policy::Effect::require_approval) return wants_people(std::move(decision));
    for (const auto& code : decision.codes) add_code(verdict_, code);
    if (decision.effect != policy::Effect::deny && !verdict_.codes.empty()) verdict_.escalates = verdict_.codes.front();
    return false;
  }

  bool wants_people(policy::Decision decision) {
    verdict_.requirement = domain::exclude(std::move(*decision.requirement), people_behind(case_.ticket));
    verdict_.why = std::move(decision.why);
    return true;
  }

  bool renders() { return manifest().message ? renders_letter() : renders_request(); }

  bool renders_letter() {
    auto letter = write_letter(snapshot_, manifest(), verdict_.arguments, case_, step_.run);
    if (!note(letter)) return false;
    verdict_.letter = std::move(*letter);
    return true;
  }

  // The system that is called can tell in its own records who asked.
  void name_caller(catalog::HttpRequest& request) const {
    const std::string step = case_.ticket.id + "/" + std::to_string(step_.run) + "/" + std::to_string(step_.number);
    request.headers.push_back({.name = "Countersign-Tenant", .literal = case_.ticket.tenant, .secret = {}});
    request.headers.push_back({.name = "Countersign-Run", .literal = step, .secret = {}});
    if (case_.run && !case_.run->actor.empty())
      request.headers.push_back({.name = "Countersign-Actor", .literal = case_.run->actor, .secret = {}});
  }

  bool renders_request() {
    auto request =
        catalog::render_request(manifest(), verdict_.arguments,
                                {.tenant = case_.ticket.tenant, .ticket_id = case_.ticket.id, .idempotency_key = verdict_.idempotency_key});
    if (!request) {
      add_code(verdict_, std::string(codes::request_refused));
      return note(request);
    }
    verdict_.request = std::move(*request);
    name_caller(verdict_.request);
    return true;
  }

  const catalog::Snapshot& snapshot_;
  const TicketCase& case_;
  const Step& step_;
  FactBook book_;
  domain::ResolvedArguments resolved_;
  GateVerdict verdict_;
};

}  // namespace

GateVerdict PolicyGate::judge(const catalog::Snapshot& snapshot, const TicketCase& one, const Step& step) const {
  return Passage(snapshot, one, step).judge();
}

}  // namespace countersign::executor
