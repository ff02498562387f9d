#include "executor/tests/approval_fixture.hpp"

#include "contracts/codec.hpp"
#include "crypto/jws.hpp"
#include "executor/locking.hpp"

namespace countersign::executor::testing {

namespace {

json policy_with(const char* effect, const json& duties, int version) {
  json rule{{"id", "people"},
            {"sentence", "A person looks at every refund."},
            {"citation", "handbook 4"},
            {"tools", {"issue_refund"}},
            {"when", {{"always", true}}},
            {"effect", effect}};
  if (!duties.empty()) rule["duties"] = duties;
  const json escalate{
      {"id", "never"},       {"sentence", "s"}, {"citation", "c"}, {"tools", {"issue_refund"}}, {"when", {{"not", {{"always", true}}}}},
      {"effect", "escalate"}};
  return {{"kind", "policy"},
          {"tenant", "acme"},
          {"name", "people"},
          {"version", version},
          {"rules", json::array({std::string_view(effect) == "none" ? escalate : rule})}};
}

}  // namespace

ApprovalTest::ApprovalTest() { want_approval(); }

void ApprovalTest::want_approval(const json& duties, int version) { install(policy_with("require_approval", duties, version)); }

void ApprovalTest::want_no_approval(int version) { install(policy_with("none", json::object(), version)); }

json ApprovalTest::previewing_manifest() const {
  auto manifest = refund_manifest();
  manifest["version"] = 2;
  manifest["rollback_note"] = "Payments can claw it back within a day.";
  manifest["preview"] = {{"method", "POST"},
                         {"url", orders.url("/orders/{order_id}/refund-previews")},
                         {"body", {{"amount", "/amount"}}},
                         {"before", "/before"},
                         {"after", "/after"},
                         {"preconditions", {"/state"}},
                         {"note", "/note"}};
  return manifest;
}

void ApprovalTest::settle() {
  for (int quiet = 0, turns = 0; quiet < 3 && turns < 500; ++turns) quiet = turn() || !life().caller.idle() ? 0 : quiet + 1;
}

contracts::ReferralApproval ApprovalTest::wait_for_referral(const std::string& ticket) {
  run_until([&] { return stage(ticket) == "requested"; });
  return latest_referral(ticket);
}

contracts::ReferralApproval ApprovalTest::latest_referral(const std::string& ticket) {
  const auto text =
      word("SELECT convert_from(payload, 'UTF8') FROM executor.outbox WHERE type = 'referral.approval' AND aggregateid = 'acme/" + ticket +
           "' ORDER BY sequence DESC LIMIT 1");
  const auto event = contracts::decode("referral.approval", text);
  EXPECT_TRUE(event) << text;
  return event ? std::get<contracts::ReferralApproval>(*event) : contracts::ReferralApproval{};
}

contracts::CountersignatureClaims ApprovalTest::claims_for(const contracts::ReferralApproval& referral) const {
  contracts::CountersignatureClaims claims;
  claims.audience = contracts::countersignature_audience("test");
  claims.tenant = "acme";
  claims.jti = "jti-of-" + referral.shown.approval_id.str();
  claims.issued_at = std::chrono::floor<std::chrono::seconds>(clock.wall()).time_since_epoch().count();
  claims.expires_at = claims.issued_at + 120;
  claims.approval_id = referral.shown.approval_id;
  claims.action_digest = referral.shown.action_digest;
  claims.requirement_digest = referral.shown.requirement_digest;
  claims.decisions = {{"lena", {"approver"}, std::string(64, 'a')}};
  return claims;
}

std::string ApprovalTest::countersign(const contracts::CountersignatureClaims& claims) const {
  return crypto::sign_jws(approval_side, contracts::token_types::countersignature, contracts::encode(claims));
}

contracts::VerdictGranted ApprovalTest::granted(const contracts::ReferralApproval& referral) const {
  return granted(referral, countersign(claims_for(referral)));
}

contracts::VerdictGranted ApprovalTest::granted(const contracts::ReferralApproval& referral, const std::string& countersignature) const {
  contracts::VerdictGranted verdict;
  verdict.tenant = referral.shown.tenant;
  verdict.ticket_id = referral.shown.ticket_id;
  verdict.approval_id = referral.shown.approval_id;
  verdict.run = referral.shown.run;
  verdict.step = referral.shown.step;
  verdict.action_digest = referral.shown.action_digest;
  verdict.requirement_digest = referral.shown.requirement_digest;
  verdict.countersignature = countersignature;
  verdict.people = {{"lena", "approver"}};
  return verdict;
}

contracts::VerdictEnded ApprovalTest::ended(const contracts::ReferralApproval& referral, const std::string& end) const {
  contracts::VerdictEnded verdict;
  verdict.end = end;
  verdict.tenant = referral.shown.tenant;
  verdict.ticket_id = referral.shown.ticket_id;
  verdict.approval_id = referral.shown.approval_id;
  verdict.run = referral.shown.run;
  verdict.step = referral.shown.step;
  verdict.action_digest = referral.shown.action_digest;
  return verdict;
}

void ApprovalTest::tell(const contracts::Event& verdict, const std::string& ticket) {
  contracts::Envelope envelope;
  envelope.type = contracts::type_of(verdict);
  pipeline::Arrival arrival;
  arrival.envelope = envelope;
  auto body = life().verdicts.decode(envelope, contracts::encode(verdict), "verdicts");
  ASSERT_TRUE(body) << body.error().detail;
  arrival.body = std::move(*body);
  const auto request = locking({"acme/" + ticket});
  life().desk.run(
      request,
      [&](postgres::Transaction&, std::map<std::string, pipeline::KeyState>&) {
        return std::vector<pipeline::KeyedArrivals>{{request.keys.front(), {arrival}}};
      },
      [&](pipeline::Batch& batch) { life().verdicts.apply(batch); });
}

void ApprovalTest::tell_unreadable(const std::string& ticket) {
  pipeline::Arrival arrival;
  arrival.refusal = base::Refusal{"member_missing", "nobody can make sense of it"};
  const auto request = locking({"acme/" + ticket});
  life().desk.run(
      request,
      [&](postgres::Transaction&, std::map<std::string, pipeline::KeyState>&) {
        return std::vector<pipeline::KeyedArrivals>{{request.keys.front(), {arrival}}};
      },
      [&](pipeline::Batch& batch) { life().verdicts.apply(batch); });
}

std::string ApprovalTest::stage(const std::string& ticket) {
  return word("SELECT stage FROM executor.approval WHERE ticket_id = '" + ticket + "' ORDER BY run DESC, step DESC, asked DESC LIMIT 1");
}

int ApprovalTest::referrals(const std::string& type) {
  return static_cast<int>(number("SELECT count(*) FROM executor.outbox WHERE type = 'referral." + type + "'"));
}

json ApprovalTest::last_message(const std::string& type) {
  return json::parse(word("SELECT convert_from(payload, 'UTF8') FROM executor.outbox WHERE type = '" + type +
                          "' ORDER BY created_at DESC, sequence DESC LIMIT 1"));
}

std::int64_t ApprovalTest::audited(const std::string& event) {
  return number("SELECT count(*) FROM audit.entry WHERE event = '" + event + "'");
}

}  // namespace countersign::executor::testing
