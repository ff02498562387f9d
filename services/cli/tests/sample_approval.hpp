#pragma once

// An approval as find_approval.sql tells it, around the example of its referral, whose digests are right.

#include <fstream>
#include <nlohmann/json.hpp>

#include "contracts/codec.hpp"
#include "crypto/digest.hpp"

namespace countersign::cli {

inline nlohmann::json sample_referral() {
  return nlohmann::json::parse(
      std::ifstream(COUNTERSIGN_SOURCE_DIR "/schemas/messages/examples/referral.approval.v1/valid/refund_with_everything.json"));
}

inline nlohmann::json sample_approval() {
  using nlohmann::json;
  const json referral = sample_referral();
  const auto event = contracts::decode_value(contracts::types::referral_approval, referral);
  auto shown = std::get<contracts::ReferralApproval>(event.value()).shown;
  const auto digest = [](const std::string& text) { return crypto::sha256(text).hex(); };
  shown.requirement_digest = shown.action.requirement_digest = digest(contracts::requirement_text(shown.requirement));
  shown.preview->digest = digest(contracts::preview_text(*shown.preview));
  shown.action.preview_digest = shown.preview->digest;
  shown.action_digest = digest(contracts::action_text(shown.action));
  const auto text = contracts::shown_text(shown);
  return {{"id", shown.approval_id.str()},
          {"tenant", shown.tenant},
          {"ticket", shown.tenant + "/" + shown.ticket_id},
          {"ticket_id", shown.ticket_id},
          {"run", shown.run},
          {"step", shown.step},
          {"state", "requested"},
          {"tool", shown.action.tool},
          {"action_digest", shown.action_digest},
          {"requirement_digest", shown.requirement_digest},
          {"shown_digest", digest(text)},
          {"shown", json::parse(text)},
          {"request", referral.at("request")},
          {"people", json::array()},
          {"reason", nullptr},
          {"codes", json::array()},
          {"requested_at", shown.requested_at},
          {"decided_at", nullptr},
          {"expires_at", "2024-05-02T10:00:05Z"},
          {"expires_in_s", 7500},
          {"decisions", json::array()},
          {"denied_before",
           {{{"approval_id", "018f2f5e-7b7a-7c00-8000-000000000001"},
             {"people", {"bob"}},
             {"reason", "too much"},
             {"at", "2024-04-30T09:00:00Z"}}}}};
}

}  // namespace countersign::cli
