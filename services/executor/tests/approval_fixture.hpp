#pragma once

// The ledger's shop with a rule that wants a person for every refund, and the approval side in the test's hands: it reads what was referred
// and answers with verdicts, honest or not.

#include <functional>
#include <optional>

#include "contracts/approval_messages.hpp"
#include "contracts/token_claims.hpp"
#include "contracts/verdict_messages.hpp"
#include "executor/tests/ledger_fixture.hpp"

namespace countersign::executor::testing {

class ApprovalTest : public LedgerTest {
 protected:
  ApprovalTest();

  // ---- configuration
  json previewing_manifest() const;  // the refund's, version 2, with a preview
  void want_approval(const json& duties = json::object(), int version = 2);
  void want_no_approval(int version);

  // ---- the approval side
  // Runs the ticket until it waits for people.
  contracts::ReferralApproval wait_for_referral(const std::string& ticket = "T-1");
  contracts::ReferralApproval latest_referral(const std::string& ticket = "T-1");
  contracts::CountersignatureClaims claims_for(const contracts::ReferralApproval& referral) const;
  std::string countersign(const contracts::CountersignatureClaims& claims) const;
  contracts::VerdictGranted granted(const contracts::ReferralApproval& referral) const;
  contracts::VerdictGranted granted(const contracts::ReferralApproval& referral, const std::string& countersignature) const;
  contracts::VerdictEnded ended(const contracts::ReferralApproval& referral, const std::string& end) const;
  void tell(const contracts::Event& verdict, const std::string& ticket = "T-1");
  void tell_unreadable(const std::string& ticket = "T-1");
  void approve(const std::string& ticket = "T-1") { tell(granted(latest_referral(ticket)), ticket); }
  // Until nothing happens any more: what waits for people or for a later time is left.
  void settle();

  // ---- looking
  std::string stage(const std::string& ticket = "T-1");  // of the latest approval
  int referrals(const std::string& type);
  json last_message(const std::string& type);
  std::int64_t audited(const std::string& event);
};

}  // namespace countersign::executor::testing
