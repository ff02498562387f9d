#include <nlohmann/json.hpp>

#include "approval/approval_store.hpp"
#include "approval/sql.hpp"
#include "base/invariant.hpp"
#include "contracts/codec.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/messages.hpp"

namespace countersign::approval {

using postgres::Parameters;

namespace {

using Texts = std::vector<std::string>;

// PostgreSQL writes a jsonb with more spaces than it was sent with.
constexpr std::size_t most_shown_bytes = 1024 * 1024;

struct KeyColumns {
  Texts tenants;
  std::vector<base::Uuid> ids;

  void add(const ApprovalKey& key) {
    tenants.push_back(key.tenant);
    ids.push_back(key.id);
  }
  Parameters parameters() const { return std::move(Parameters{}.add(tenants).add(ids)); }
};

template <typename T>
T stored(base::Result<T> decoded) {
  COUNTERSIGN_INVARIANT(decoded.has_value(), "what was stored was decoded before");
  return *std::move(decoded);
}

Approval read_approval(const postgres::Row& row) {
  Approval one;
  one.tenant = row.get<std::string>(0);
  one.id = row.get<base::Uuid>(1);
  one.ticket_id = row.get<std::string>(2);
  one.run = row.get<std::int32_t>(3);
  one.step = row.get<std::int32_t>(4);
  const auto state = domain::find_named<domain::ApprovalState>(row.get<std::string>(5));
  COUNTERSIGN_INVARIANT(state.has_value(), "the table admits only the states of the enum");
  one.state = *state;
  one.action = stored(contracts::decode_action(row.get<std::string>(6)));
  one.action_digest = row.get<std::string>(7);
  one.requirement = stored(contracts::decode_requirement(row.get<std::string>(8)));
  one.requirement_digest = row.get<std::string>(9);
  one.shown_digest = row.get<std::string>(10);
  one.requester = row.get<std::string>(11);
  one.actor = row.get<std::optional<std::string>>(12);
  one.requested_at = row.get<base::WallTime>(13);
  one.expires_at = row.get<std::optional<base::WallTime>>(14);
  one.decided_at = row.get<std::optional<base::WallTime>>(15);
  one.people = row.get<Texts>(16);
  one.reason = row.get<std::optional<std::string>>(17);
  one.codes = row.get<Texts>(18);
  return one;
}

Decision read_vote(const postgres::Row& row) {
  Decision vote;
  vote.tenant = row.get<std::string>(0);
  vote.approval_id = row.get<base::Uuid>(1);
  vote.id = row.get<base::Uuid>(2);
  vote.digest = row.get<std::string>(3);
  vote.jws = row.get<std::string>(4);
  vote.person = row.get<std::string>(5);
  vote.issuer = row.get<std::string>(6);
  vote.kid = row.get<std::string>(7);
  vote.verb = "approve";
  vote.received_at = row.get<base::WallTime>(8);
  return vote;
}

}  // namespace

Docket ApprovalStore::load(pipeline::Batch& batch, const std::set<ApprovalKey>& keys) const {
  Docket docket;
  if (keys.empty()) return docket;
  KeyColumns wanted;
  for (const auto& key : keys) wanted.add(key);
  for (const auto row : batch.transaction().execute(sql::find_approvals, wanted.parameters())) {
    auto one = read_approval(row);
    docket.approvals.emplace(one.key(), std::move(one));
  }
  load_votes(batch, docket);
  return docket;
}

void ApprovalStore::load_votes(pipeline::Batch& batch, Docket& docket) const {
  KeyColumns voted;
  for (const auto& [key, approval] : docket.approvals) voted.add(key);
  if (voted.ids.empty()) return;
  for (const auto row : batch.transaction().execute(sql::find_votes, voted.parameters())) {
    auto vote = read_vote(row);
    docket.approvals.at({vote.tenant, vote.approval_id}).votes.push_back(std::move(vote));
  }
}

base::Result<contracts::ReferralApproval> ApprovalStore::find_referral(pipeline::Batch& batch, const Approval& approval) const {
  const auto rows = batch.transaction().execute(sql::find_referral, Parameters{}.add(approval.tenant).add(approval.id));
  if (rows.empty()) return base::refuse("referral_missing", "the approval is not stored any more");
  auto stored = contracts::read_json(rows[0].get<std::string>(0), {.bytes = most_shown_bytes});
  if (!stored) return tl::unexpected(stored.error());
  if (!stored->is_object()) return base::refuse("referral_unreadable", "what is shown is no object");
  (*stored)["request"] = rows[0].get<std::string>(1);
  return contracts::decode_value(contracts::types::referral_approval, *stored).map([](contracts::Event&& event) {
    return std::get<contracts::ReferralApproval>(std::move(event));
  });
}

std::vector<contracts::EarlierDenial> ApprovalStore::find_denials(pipeline::Batch& batch, const Approval& approval,
                                                                  std::int64_t most) const {
  std::vector<contracts::EarlierDenial> denials;
  if (!approval.action.operation_key) return denials;
  const auto parameters = Parameters{}.add(approval.tenant).add(*approval.action.operation_key).add(approval.id).add(most);
  for (const auto row : batch.transaction().execute(sql::find_last_denials, parameters)) {
    const auto people = row.get<Texts>(1);
    COUNTERSIGN_INVARIANT(!people.empty(), "somebody has denied what is denied");
    denials.push_back({row.get<base::Uuid>(0), people.front(), base::to_rfc3339(row.get<base::WallTime>(2)), row.get<std::string>(3)});
  }
  return denials;
}

std::set<std::string> ApprovalStore::find_contributors(pipeline::Batch& batch, const Approval& approval) const {
  std::set<std::string> people;
  const auto parameters = Parameters{}.add(approval.tenant).add(approval.ticket_id).add(approval.id);
  for (const auto row : batch.transaction().execute(sql::find_contributors, parameters)) people.insert(row.get<std::string>(0));
  return people;
}

std::map<ApprovalStore::Nonce, std::string> ApprovalStore::find_spent(pipeline::Batch& batch, const std::set<Nonce>& nonces) const {
  std::map<Nonce, std::string> spent;
  if (nonces.empty()) return spent;
  Texts tenants, values;
  for (const auto& [tenant, nonce] : nonces) {
    tenants.push_back(tenant);
    values.push_back(nonce);
  }
  for (const auto row : batch.transaction().execute(sql::find_spent_nonces, Parameters{}.add(tenants).add(values)))
    spent.emplace(Nonce{row.get<std::string>(0), row.get<std::string>(1)}, row.get<std::string>(2));
  return spent;
}

std::optional<ApprovalKey> ApprovalStore::find_countersigned(pipeline::Batch& batch, const std::string& tenant,
                                                             const base::Uuid& jti) const {
  const auto rows = batch.transaction().execute(sql::find_countersignatures, Parameters{}.add(Texts{tenant}).add(std::vector{jti}));
  if (rows.empty()) return std::nullopt;
  return ApprovalKey{rows[0].get<std::string>(0), rows[0].get<base::Uuid>(2)};
}

}  // namespace countersign::approval
