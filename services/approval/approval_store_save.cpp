#include <algorithm>
#include <nlohmann/json.hpp>

#include "approval/approval_store.hpp"
#include "approval/sql.hpp"

namespace countersign::approval {

using postgres::Parameters;

namespace {

using Texts = std::vector<std::string>;
using MaybeTexts = std::vector<std::optional<std::string>>;
using Ids = std::vector<base::Uuid>;
using Times = std::vector<base::WallTime>;
using MaybeTimes = std::vector<std::optional<base::WallTime>>;

// PostgreSQL has no arrays of arrays of different lengths: lists travel as JSON.
std::string listed(const Texts& texts) { return nlohmann::json(texts).dump(); }

void insert_opened(pipeline::Batch& batch, const Docket& docket) {
  if (docket.opened.empty()) return;
  Texts tenants, tickets, tools, actions, requirements, showns, texts, requests;
  MaybeTexts operations;
  Ids ids;
  std::vector<std::int32_t> runs, steps;
  Times requested;
  MaybeTimes expires;
  for (const auto& fresh : docket.opened) {
    const Approval& one = docket.approvals.at(fresh.approval);
    tenants.push_back(one.tenant);
    ids.push_back(one.id);
    tickets.push_back(one.ticket_id);
    runs.push_back(one.run);
    steps.push_back(one.step);
    tools.push_back(one.action.tool);
    operations.push_back(one.action.operation_key);
    actions.push_back(one.action_digest);
    requirements.push_back(one.requirement_digest);
    showns.push_back(one.shown_digest);
    texts.push_back(fresh.shown);
    requests.push_back(fresh.request);
    requested.push_back(one.requested_at);
    expires.push_back(one.expires_at);
  }
  auto parameters = Parameters{};
  parameters.add(tenants).add(ids).add(tickets).add(runs).add(steps).add(tools).add(operations);
  parameters.add(actions).add(requirements).add(showns).add(texts).add(requests).add(requested).add(expires);
  batch.transaction().queue(sql::insert_approvals, std::move(parameters));
}

void write_moved(pipeline::Batch& batch, const Docket& docket) {
  if (docket.moved.empty()) return;
  Texts tenants, states, people, codes;
  MaybeTexts reasons;
  Ids ids;
  MaybeTimes decided;
  for (const auto& key : docket.moved) {
    const Approval& one = docket.approvals.at(key);
    tenants.push_back(one.tenant);
    ids.push_back(one.id);
    states.emplace_back(domain::name_of(one.state));
    decided.push_back(one.decided_at);
    people.push_back(listed(one.people));
    reasons.push_back(one.reason);
    codes.push_back(listed(one.codes));
  }
  batch.transaction().queue(sql::write_approvals,
                            Parameters{}.add(tenants).add(ids).add(states).add(decided).add(people).add(reasons).add(codes));
}

void insert_decisions(pipeline::Batch& batch, const Docket& docket) {
  if (docket.decisions.empty()) return;
  Texts tenants, tickets, realms, digests, tokens;
  MaybeTexts people, issuers, kids, verbs, reasons, nonces, codes;
  Ids ids, approvals;
  Times received;
  for (const auto& one : docket.decisions) {
    tenants.push_back(one.tenant);
    ids.push_back(one.id);
    approvals.push_back(one.approval_id);
    tickets.push_back(one.ticket_id);
    realms.push_back(one.realm);
    digests.push_back(one.digest);
    tokens.push_back(one.jws);
    people.push_back(one.person);
    issuers.push_back(one.issuer);
    kids.push_back(one.kid);
    verbs.push_back(one.verb);
    reasons.push_back(one.reason);
    nonces.push_back(one.nonce);
    codes.push_back(one.code);
    received.push_back(one.received_at);
  }
  auto parameters = Parameters{};
  parameters.add(tenants).add(ids).add(approvals).add(tickets).add(realms).add(digests).add(tokens).add(people).add(issuers);
  parameters.add(kids).add(verbs).add(reasons).add(nonces).add(codes).add(received);
  batch.transaction().queue(sql::insert_decisions, std::move(parameters));
}

void spend_nonces(pipeline::Batch& batch, const Docket& docket) {
  Texts tenants, nonces, digests;
  Ids ids;
  for (const auto& one : docket.decisions) {
    const auto& spenders = docket.nonce_spenders;
    if (std::find(spenders.begin(), spenders.end(), one.id) == spenders.end()) continue;
    tenants.push_back(one.tenant);
    nonces.push_back(*one.nonce);
    ids.push_back(one.id);
    digests.push_back(one.digest);
  }
  if (ids.empty()) return;
  batch.transaction().queue(sql::insert_spent_nonces, Parameters{}.add(tenants).add(nonces).add(ids).add(digests));
}

void insert_countersignatures(pipeline::Batch& batch, const Docket& docket) {
  if (docket.countersignatures.empty()) return;
  Texts tenants, kids, tokens;
  Ids jtis, approvals;
  Times issued, expires;
  std::vector<bool> agains;
  for (const auto& one : docket.countersignatures) {
    tenants.push_back(one.approval.tenant);
    jtis.push_back(one.jti);
    approvals.push_back(one.approval.id);
    kids.push_back(one.kid);
    tokens.push_back(one.token);
    issued.push_back(one.issued_at);
    expires.push_back(one.expires_at);
    agains.push_back(one.again);
  }
  auto parameters = Parameters{};
  parameters.add(tenants).add(jtis).add(approvals).add(kids).add(tokens).add(issued).add(expires).add(agains);
  batch.transaction().queue(sql::insert_countersignatures, std::move(parameters));
}

void mark_consumed(pipeline::Batch& batch, const Docket& docket) {
  if (docket.consumed.empty()) return;
  Texts tenants;
  Ids jtis;
  for (const auto& [tenant, jti] : docket.consumed) {
    tenants.push_back(tenant);
    jtis.push_back(jti);
  }
  batch.transaction().queue(sql::mark_countersignatures_consumed, Parameters{}.add(tenants).add(jtis).add(batch.now()));
}

void insert_history(pipeline::Batch& batch, const Docket& docket) {
  if (docket.changes.empty()) return;
  Ids ids, approvals;
  Texts tenants, news, people, codes;
  MaybeTexts olds;
  std::vector<std::optional<base::Uuid>> told, verdicts;
  for (const auto& one : docket.changes) {
    ids.push_back(batch.ids().next());
    tenants.push_back(one.approval.tenant);
    approvals.push_back(one.approval.id);
    olds.push_back(one.old_state);
    news.push_back(one.new_state);
    people.push_back(listed(one.people));
    codes.push_back(listed(one.codes));
    told.push_back(one.outbox_id);
    verdicts.push_back(one.verdict_id);
  }
  auto parameters = Parameters{};
  parameters.add(batch.id()).add(ids).add(tenants).add(approvals).add(olds).add(news).add(people).add(codes).add(told).add(verdicts);
  batch.transaction().queue(sql::insert_approval_history, std::move(parameters));
}

}  // namespace

void ApprovalStore::save(pipeline::Batch& batch, const Docket& docket) const {
  insert_opened(batch, docket);
  write_moved(batch, docket);
  insert_decisions(batch, docket);
  spend_nonces(batch, docket);
  insert_countersignatures(batch, docket);
  mark_consumed(batch, docket);
  insert_history(batch, docket);
}

}  // namespace countersign::approval
