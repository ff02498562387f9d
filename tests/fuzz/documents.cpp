#include <nlohmann/json.hpp>

#include "catalog/document.hpp"
#include "catalog/http_request.hpp"
#include "catalog/playbook.hpp"
#include "catalog/policy_document.hpp"
#include "catalog/tool_manifest.hpp"
#include "contracts/canonical_json.hpp"
#include "contracts/codec.hpp"
#include "contracts/value.hpp"
#include "crypto/digest.hpp"
#include "fuzz/targets.hpp"
#include "policy/evaluate.hpp"

namespace countersign::fuzz {

namespace {

using catalog::Document;
using nlohmann::json;

constexpr std::size_t looked_at = 40;  // rules and turns of one document; more show nothing new

// Empty unless the input is a document; then one that is written down and read again under the same digest.
std::optional<Document> read(std::string_view input) {
  auto document = catalog::read_document(input);
  promise(document || !document.error().code.empty(), "a refusal has a code");
  if (!document) return std::nullopt;
  const auto again = catalog::read_document(document->body.text());
  promise(again && again->label() == document->label() && again->tenant == document->tenant,
          "what was read and written is the same document");
  promise(again->digest == document->digest && crypto::sha256(document->body.text()).hex() == document->digest,
          "spelling does not change the digest");
  return std::move(*document);
}

template <typename Parsed>
void lists_its_mistakes(const Parsed& parsed) {
  promise(parsed || (!parsed.error().code.empty() && !parsed.error().detail.empty()), "who is refused hears why");
}

// An action as a careless tool would have it.
policy::Facts some_facts(const policy::Policy& rules) {
  policy::Facts facts;
  facts.tool = rules.rules.empty() || rules.rules.front().tools.empty() ? "issue_refund" : rules.rules.front().tools.front();
  const json arguments = {{"order_id", "A-17"}, {"amount", {{"minor", "-1"}, {"currency", "EUR"}}}, {"list", {1, "two", nullptr}}};
  facts.arguments = contracts::to_value(arguments);
  facts.ticket = contracts::to_value(json{{"fields", arguments}, {"requester", {{"id", "c-1"}}}});
  facts.evidence.push_back({"lookup_order", facts.arguments, facts.ticket, domain::Origin::tool_text, {}});
  return facts;
}

// Arguments of the right members, with values that no author thought of.
json strange_arguments(const catalog::ToolManifest& manifest) {
  json arguments = json::object();
  const auto& schema = manifest.argument_schema.value();
  if (const auto members = schema.find("properties"); members != schema.end() && members->is_object())
    for (const auto& [name, rule] : members->items())
      arguments[name] = arguments.size() % 2 == 0 ? json("../\r\n%2e\x7f") : json{{"minor", "1"}, {"currency", "EUR"}};
  return arguments;
}

void stays_at_its_origin(const catalog::ToolManifest& manifest, const json& arguments) {
  const auto request =
      catalog::render_request(manifest, contracts::Json(arguments), {.tenant = "acme", .ticket_id = "..", .idempotency_key = "k"});
  if (!request) return;
  promise(request->url.find_first_of(" \r\n\t") == std::string::npos, "no value breaks a URL into two lines");
  promise(request->url.find("/../") == std::string::npos && !request->url.ends_with("/.."), "no value leaves its place in a URL");
}

}  // namespace

void policy_document(std::string_view input) {
  const auto document = read(input);
  if (!document || document->kind != "policy") return;
  const auto parsed = catalog::parse_policy(*document);
  lists_its_mistakes(parsed);
  if (!parsed) return;
  promise(policy::find_faults(*parsed).empty(), "a policy that is taken has no faults");
  const auto facts = some_facts(*parsed);
  const policy::CompiledPolicy compiled({&*parsed});
  const auto decision = compiled.evaluate(facts);
  promise(decision == compiled.evaluate(facts), "the same facts get the same decision");
  promise((decision.effect == policy::Effect::allow) == decision.codes.empty(), "what is not allowed has a reason");
  promise((decision.effect == policy::Effect::require_approval) == decision.requirement.has_value(), "people are asked for something");
}

void tool_manifest(std::string_view input) {
  const auto document = read(input);
  if (!document || document->kind != "tool") return;
  const auto parsed = catalog::parse_tool_manifest(*document);
  lists_its_mistakes(parsed);
  if (!parsed) return;
  promise(parsed->digest == document->digest, "a manifest has the digest of its document");
  const json arguments = strange_arguments(*parsed);
  static_cast<void>(parsed->arguments.check(arguments));
  if (parsed->connector_kind == catalog::ConnectorKind::http) stays_at_its_origin(*parsed, arguments);
  for (int status = 0; status < 600; status += 50) parsed->succeeded(status);
  parsed->trusts_result("/a/b");
}

void playbook(std::string_view input) {
  const auto document = read(input);
  if (!document || document->kind != "playbook") return;
  const auto parsed = catalog::parse_playbook(*document);
  lists_its_mistakes(parsed);
  if (!parsed) return;
  promise(parsed->label() == document->name + "@" + std::to_string(document->version), "a playbook is named after its document");
  for (const json& ticket : {json::object(), json{{"fields", {{"topic", "refund"}, {"order_id", "A-17"}}}, {"text", "please"}}})
    matches(*parsed, contracts::Json(ticket));
  std::size_t turns = 0;
  for (const auto& turn : parsed->turns) {
    if (++turns > looked_at) break;
    contracts::PlanProposed plan;
    plan.tenant = "acme", plan.ticket_id = "T-1", plan.ticket_version = 1, plan.agent = parsed->agent, plan.playbook = parsed->label();
    plan.steps = turn.steps, plan.close = turn.close;
    const auto sent = contracts::decode("plan.proposed", contracts::encode(plan));
    promise(sent.has_value(), "what a playbook proposes is read by who decides: " + (sent ? "" : sent.error().detail));
  }
}

}  // namespace countersign::fuzz
