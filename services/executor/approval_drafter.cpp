#include "executor/approval_drafter.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/text_rules.hpp"
#include "crypto/digest.hpp"
#include "executor/shortened.hpp"

namespace countersign::executor {

namespace {

using nlohmann::json;

constexpr std::size_t most_evidence = 20;
constexpr std::size_t most_evidence_bytes = 24 * 1024;   // of one read
constexpr std::size_t most_evidence_in_all = 96 * 1024;  // leaves room for arguments and preview in a referral
constexpr std::size_t evidence_depth = 16;               // that a referral admits
constexpr std::size_t most_target = 1000;
constexpr std::size_t most_sentence = 1000;

std::string digest_of(const std::string& text) { return crypto::sha256(text).hex(); }

std::string sentence_of(const DraftParts& parts) {
  std::string sentence = parts.verdict.manifest->description;
  while (!sentence.empty() && (sentence.back() == '.' || sentence.back() == ' ')) sentence.pop_back();
  if (sentence.empty()) sentence = parts.verdict.manifest->name;
  if (parts.verdict.amount) sentence += ", " + base::to_text(*parts.verdict.amount);
  if (!parts.verdict.target.empty()) sentence += " (" + parts.verdict.target + ")";
  return shortened(std::move(sentence), most_sentence) + ".";
}

contracts::Json shown_result(const contracts::Json& result) {
  json object = result.value().is_object() ? result.value() : json{{"value", result.value()}};
  if (contracts::valid_free_json(object, evidence_depth) && result.text().size() <= most_evidence_bytes)
    return contracts::Json(std::move(object));
  return contracts::Json(json{{"left_out", "too large to be shown here; it is on record with the ticket"}});
}

contracts::ShownEvidence show(const Evidence& evidence) {
  contracts::ShownEvidence shown;
  shown.step = evidence.step;
  shown.name = evidence.name;
  shown.tool = evidence.tool;
  shown.result = shown_result(evidence.result);
  shown.read_at = base::to_rfc3339(evidence.read_at);
  shown.digest = digest_of(contracts::evidence_text(shown));
  return shown;
}

// The newest reads of the run, in the order in which they were made.
std::vector<contracts::ShownEvidence> show_evidence(const TicketCase& one, std::int32_t run) {
  std::vector<contracts::ShownEvidence> all;
  std::size_t bytes = 0;
  for (auto evidence = one.evidence.rbegin(); evidence != one.evidence.rend() && all.size() < most_evidence; ++evidence) {
    if (evidence->run != run) continue;
    auto shown = show(*evidence);
    bytes += shown.result.text().size();
    if (bytes > most_evidence_in_all) break;
    all.push_back(std::move(shown));
  }
  std::reverse(all.begin(), all.end());
  return all;
}

contracts::ShownRequester show_requester(const Ticket& ticket) {
  const json& requester = ticket.requester.value();
  contracts::ShownRequester shown{requester.at("id").get<std::string>(), {}};
  if (const auto name = requester.find("name"); name != requester.end()) shown.name = name->get<std::string>();
  return shown;
}

contracts::ShownHolder show(const OperationHolder& holder) {
  return {.ticket_id = holder.ticket,
          .run = holder.run,
          .step = holder.step,
          .tool = holder.tool,
          .state = holder.state,
          .amount = holder.amount,
          .at = base::to_rfc3339(holder.since)};
}

// Above reversible people want to see what would change; where that cannot be shown they are told so.
bool should_have_preview(domain::RiskClass risk) { return risk > domain::RiskClass::reversible; }

}  // namespace

std::string action_digest(const contracts::Action& action) { return digest_of(contracts::action_text(action)); }

std::string requirement_digest(const domain::Requirement& requirement) { return digest_of(contracts::requirement_text(requirement)); }

std::string preview_digest(const contracts::ShownPreview& preview) { return digest_of(contracts::preview_text(preview)); }

contracts::Action make_action(const TicketCase& one, const Step& step, const DraftParts& parts) {
  const GateVerdict& verdict = parts.verdict;
  contracts::Action action;
  action.tenant = one.ticket.tenant;
  action.ticket_id = one.ticket.id;
  action.ticket_version = one.run->version;
  action.run = step.run;
  action.step = step.number;
  action.tool = step.tool;
  action.tool_version = verdict.manifest->version;
  action.manifest_digest = verdict.manifest->digest;
  action.environment = parts.environment;
  action.target = shortened(verdict.target, most_target);
  action.arguments = verdict.arguments;
  for (const auto& [pointer, origin] : verdict.origins) action.origins.emplace(pointer, domain::name_of(origin));
  action.amount = verdict.amount;
  if (!verdict.operation_key.empty()) action.operation_key = verdict.operation_key;
  action.idempotency_key = verdict.idempotency_key;
  action.agent = agent_of(*one.run).value();
  if (!one.run->actor.empty()) action.actor = one.run->actor;
  return action;
}

contracts::Action action_now(const contracts::Action& approved, const TicketCase& one, const Step& step, const DraftParts& parts) {
  auto action = make_action(one, step, parts);
  action.holder_key = approved.holder_key;
  action.policy = approved.policy;
  action.evidence = approved.evidence;
  action.requirement_digest = approved.requirement_digest;
  action.preview_digest = approved.preview_digest;
  if (const auto letter = letter_preview(parts.verdict)) action.preview_digest = preview_digest(*letter);
  return action;
}

contracts::ShownApproval draft_approval(const TicketCase& one, const Step& step, const DraftParts& parts, const base::Uuid& approval_id,
                                        const std::optional<OperationHolder>& holder, base::WallTime now) {
  contracts::ShownApproval shown;
  shown.tenant = one.ticket.tenant;
  shown.ticket_id = one.ticket.id;
  shown.run = step.run;
  shown.step = step.number;
  shown.approval_id = approval_id;
  shown.action = make_action(one, step, parts);
  shown.action.policy = parts.configuration.policy_labels(one.ticket.tenant);
  shown.requirement = *parts.verdict.requirement;
  shown.sentence = sentence_of(parts);
  for (const auto& reason : parts.verdict.why) shown.why.push_back({reason.rule, reason.sentence, reason.citation});
  shown.evidence = show_evidence(one, step.run);
  if (holder) {
    shown.holder = show(*holder);
    shown.action.holder_key = holder->idempotency_key;
  }
  shown.requester = show_requester(one.ticket);
  shown.actor = shown.action.actor;
  shown.rollback_note = parts.verdict.manifest->rollback_note;
  shown.preview_absent = should_have_preview(parts.verdict.manifest->risk);
  shown.requested_at = base::to_rfc3339(now);
  if (auto letter = letter_preview(parts.verdict)) add_preview(shown, std::move(*letter));
  seal(shown);
  return shown;
}

void add_preview(contracts::ShownApproval& shown, contracts::ShownPreview preview) {
  preview.digest = preview_digest(preview);
  shown.action.preview_digest = preview.digest;
  shown.preview = std::move(preview);
  shown.preview_absent = false;
}

void seal(contracts::ShownApproval& shown) {
  shown.action.evidence.clear();
  for (const auto& evidence : shown.evidence) shown.action.evidence.push_back(evidence.digest);
  shown.requirement_digest = requirement_digest(shown.requirement);
  shown.action.requirement_digest = shown.requirement_digest;
  shown.action_digest = action_digest(shown.action);
}

std::optional<contracts::ShownPreview> letter_preview(const GateVerdict& verdict) {
  if (!verdict.letter) return std::nullopt;
  const Letter& letter = *verdict.letter;
  json after{{"channel", letter.channel}, {"mailbox", letter.mailbox}, {"to", letter.to},
             {"subject", letter.subject}, {"text", letter.text},       {"template", letter.template_label}};
  if (letter.html) after["html"] = *letter.html;
  contracts::ShownPreview preview;
  preview.before = contracts::Json::object();
  preview.after = contracts::Json(std::move(after));
  preview.drift_digest = digest_of(preview.after.text());
  return preview;
}

}  // namespace countersign::executor
