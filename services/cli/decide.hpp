#pragma once

// approve, deny, request-changes: one person's signed answer to one approval, and what the fleet made of it.
//
//     the approval is read and held against its digests ─▶ signed with the person's own key ─▶ topic decisions of the tenant's realm
//     ─▶ approval records it ─▶ said in plain words
//
// Promise    It is signed for the deployment that the person names, never for one that the database names: a row copied from elsewhere is
//            refused.
//            What is signed is the digest of the action that the database shows and that was computed again here. Nothing is signed for an
//            approval that is over.
// Not ours   Whether the decision counts: the approval service alone says so.
// Failure    exit_conflict: it was decided already. exit_not_well: it did not count. exit_unavailable: nobody recorded it in time; it may
//            still count, and is not to be sent again.
// Time       The person's clock: a decision is good for five minutes.

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "cli/console.hpp"
#include "cli/reach.hpp"
#include "crypto/jwk.hpp"
#include "messaging/producer.hpp"

namespace countersign::cli {

struct DecideWish {
  std::string verb{};  // approve | deny | request_changes
  std::string id{};
  std::string tenant{};
  std::string person{};
  std::string key_file{};
  std::string reason{};
  std::string environment{};  // for which is signed
  std::string realm{};        // empty: the tenant's
};

int decide(const Reach& reach, const DecideWish& wish, const Console& console);

// ---- its parts

struct SignedDecision {
  std::string digest;  // SHA-256 of the token: how the approval service knows it
  messaging::Record record;
};

SignedDecision make_decision(const nlohmann::json& approval, const DecideWish& wish, const crypto::SigningKey& key,
                             const std::string& topic, base::WallTime now, base::UuidSource& ids);

// Throws base::Unavailable when Kafka does not take it in time, base::Misconfigured when it refuses.
void send_decision(messaging::Producer& producer, const SignedDecision& decision, std::chrono::milliseconds patience);

// {counted, code, person, verb}; absent when nothing was recorded in time.
std::optional<nlohmann::json> await_recorded(postgres::Session& session, const std::string& tenant, const std::string& digest,
                                             base::Clock& clock, std::chrono::milliseconds patience);

struct Answer {
  int code = 0;
  std::string text;  // what became of it, and what to do
};
// `approval` as it is after the decision.
Answer answer_to(const DecideWish& wish, const nlohmann::json& recorded, const nlohmann::json& approval);

}  // namespace countersign::cli
