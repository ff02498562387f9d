#pragma once

// Approval: one action before people. Decision: what one of them said about it. Both as the service keeps them.
//
// Threads    Plain values; belong to the batch they were loaded in.

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "contracts/action.hpp"
#include "contracts/approval_messages.hpp"
#include "domain/approval.hpp"

namespace countersign::approval {

struct ApprovalKey {
  std::string tenant;
  base::Uuid id;
  friend auto operator<=>(const ApprovalKey&, const ApprovalKey&) = default;
};

struct Decision {
  std::string tenant{};
  base::Uuid id{};
  base::Uuid approval_id{};
  std::string ticket_id{};
  std::string realm{};
  std::string digest{};  // SHA-256 of jws, hex
  std::string jws{};
  // The rest is known only when a key that counts has signed it.
  std::optional<std::string> person{};
  std::optional<std::string> issuer{};
  std::optional<std::string> kid{};
  std::optional<std::string> verb{};
  std::optional<std::string> reason{};
  std::optional<std::string> nonce{};
  std::optional<std::string> code{};  // why it did not count
  base::WallTime received_at{};

  bool counted() const noexcept { return !code.has_value(); }
};

struct Approval {
  std::string tenant{};
  base::Uuid id{};
  std::string ticket_id{};
  std::int32_t run = 0;
  std::int32_t step = 0;
  domain::ApprovalState state = domain::ApprovalState::requested;
  contracts::Action action{};
  std::string action_digest{};
  domain::Requirement requirement{};
  std::string requirement_digest{};
  std::string shown_digest{};
  std::string requester{};
  std::optional<std::string> actor{};
  base::WallTime requested_at{};
  std::optional<base::WallTime> expires_at{};  // absent: waits for ever; a whole second
  std::optional<base::WallTime> decided_at{};
  std::vector<std::string> people{};
  std::optional<std::string> reason{};
  std::vector<std::string> codes{};
  std::vector<Decision> votes{};  // the approving decisions that counted, in the order they came

  ApprovalKey key() const { return {tenant, id}; }
  std::string message_key() const { return tenant + "/" + ticket_id; }
  bool open() const noexcept { return state == domain::ApprovalState::requested; }
  bool over(base::WallTime now) const noexcept { return expires_at && *expires_at <= now; }
};

}  // namespace countersign::approval
