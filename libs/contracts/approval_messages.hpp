#pragma once

// One action before people: the executor's referrals, and what approval tells the world on `approvals`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "contracts/action.hpp"
#include "contracts/json.hpp"

namespace countersign::contracts {

// Who asked for the ticket.
struct ShownRequester {
  std::string id{};
  std::optional<std::string> name{};
  friend bool operator==(const ShownRequester&, const ShownRequester&) = default;
};

// Why policy wants a person.
struct WhyRule {
  std::string rule{};
  std::string sentence{};
  std::string citation{};
  friend bool operator==(const WhyRule&, const WhyRule&) = default;
};

// The earlier effect that holds the action's operation key.
struct ShownHolder {
  std::string ticket_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string tool{};
  std::string state{};
  std::optional<base::Money> amount{};
  std::string at{};  // RFC 3339
  friend bool operator==(const ShownHolder&, const ShownHolder&) = default;
};

// How the target differs from what an earlier request showed.
struct ShownDifference {
  Json was{};
  Json is{};
  friend bool operator==(const ShownDifference&, const ShownDifference&) = default;
};

// Everything a reviewer is shown. shown_text() is what the executor's request signs, so that nothing of it can be altered on the way.
struct ShownApproval {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  base::Uuid approval_id{};
  Action action{};
  std::string action_digest{};
  domain::Requirement requirement{};
  std::string requirement_digest{};
  std::string sentence{};
  std::vector<WhyRule> why{};
  std::vector<ShownEvidence> evidence{};
  std::optional<ShownPreview> preview{};
  bool preview_absent = false;  // the tool has none although its class should; written only when true
  std::optional<ShownDifference> difference{};
  std::optional<ShownHolder> holder{};
  ShownRequester requester{};
  std::optional<std::string> actor{};  // id; `{"actor": {"id": …}}`
  std::optional<std::string> rollback_note{};
  std::string requested_at{};  // RFC 3339
  friend bool operator==(const ShownApproval&, const ShownApproval&) = default;
};

// Its SHA-256 is the request's shown_digest.
std::string shown_text(const ShownApproval& shown);
base::Result<ShownApproval> decode_shown(std::string_view text);  // what shown_text() wrote

// What a referral may weigh, encoded, so that approval.requested (which adds earlier denials) stays within what readers admit.
inline constexpr std::size_t most_referral_bytes = 200 * 1024;
inline constexpr std::size_t most_earlier_denials = 5;

// ---- referrals

struct ReferralApproval {
  ShownApproval shown{};  // its members stand beside `request` in the JSON
  std::string request{};  // JWS of RequestClaims
  friend bool operator==(const ReferralApproval&, const ReferralApproval&) = default;
};

// The countersignature came too late; another is asked for while the approval stands.
struct ReferralRenewal {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  base::Uuid approval_id{};
  std::string action_digest{};
  friend bool operator==(const ReferralRenewal&, const ReferralRenewal&) = default;
};

struct ReferralConsumed {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  base::Uuid approval_id{};
  std::string action_digest{};
  std::string jti{};
  friend bool operator==(const ReferralConsumed&, const ReferralConsumed&) = default;
};

struct ReferralWithdrawn {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  base::Uuid approval_id{};
  std::string action_digest{};
  std::vector<std::string> codes{};
  friend bool operator==(const ReferralWithdrawn&, const ReferralWithdrawn&) = default;
};

// ---- approvals

struct EarlierDenial {
  base::Uuid approval_id{};
  std::string person{};
  std::string at{};  // RFC 3339
  std::string reason{};
  friend bool operator==(const EarlierDenial&, const EarlierDenial&) = default;
};

struct ApprovalRequested {
  ShownApproval shown{};  // its members stand beside the others in the JSON
  std::optional<std::string> expires_at{};
  std::vector<std::string> allowed_decisions{};  // approve | deny | request_changes
  std::vector<EarlierDenial> denied_before{};    // at most five, the latest first; absent when empty
  friend bool operator==(const ApprovalRequested&, const ApprovalRequested&) = default;
};

struct ApprovalDecisionRecorded {
  std::string tenant{};
  std::string ticket_id{};
  base::Uuid approval_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string action_digest{};
  std::string person{};
  std::string verb{};             // approve | deny | request_changes
  std::string decision_digest{};  // SHA-256 of the decision's JWS text
  std::string at{};               // RFC 3339
  bool counted = false;
  friend bool operator==(const ApprovalDecisionRecorded&, const ApprovalDecisionRecorded&) = default;
};

// Someone who decided, and the role in which it counted.
struct DecidingPerson {
  std::string person{};
  std::optional<std::string> role{};
  friend bool operator==(const DecidingPerson&, const DecidingPerson&) = default;
};

// approval.granted, .denied, .changes_requested, .expired, .withdrawn, .consumed: the same shape; `end` is the word after the dot.
struct ApprovalEnded {
  std::string end{};
  std::string tenant{};
  std::string ticket_id{};
  base::Uuid approval_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string action_digest{};
  std::vector<DecidingPerson> people{};
  std::optional<std::string> reason{};
  std::vector<std::string> codes{};  // absent when empty
  std::string at{};                  // RFC 3339
  friend bool operator==(const ApprovalEnded&, const ApprovalEnded&) = default;
};

}  // namespace countersign::contracts
