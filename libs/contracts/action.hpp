#pragma once

// Action: the exact thing that is about to run, in the form over which people sign.
//
// Its canonical text is what the action digest is made of; whoever holds the row, the message or the screen computes the same digest from
// the same members. The same goes for the other texts below: they are the only place that says what a digest covers.
//
// A member that this build does not know is dropped by the decoder and therefore changes the digest: a reviewer is never asked to sign what
// the approval service could not read.
//
// Not ours   Hashing: digest = crypto::sha256(text).hex(). When a requirement has grown: domain/requirement.hpp.
// Failure    Decoders refuse as codec.hpp does.
// Threads    Any thread.

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "base/result.hpp"
#include "contracts/json.hpp"
#include "contracts/plan_messages.hpp"
#include "domain/requirement.hpp"

namespace countersign::contracts {

struct Action {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t ticket_version = 0;
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string tool{};
  std::int64_t tool_version = 0;
  std::string manifest_digest{};  // 64 hexadecimal digits, as all digests here
  std::string environment{};      // the deployment's name
  std::string target{};
  Json arguments = Json::object();
  std::map<std::string, std::string> origins{};  // pointer into the arguments → origin
  std::optional<base::Money> amount{};
  std::optional<std::string> operation_key{};
  std::optional<std::string> holder_key{};  // idempotency key of the effect that holds the operation key and that the reviewer saw
  std::string idempotency_key{};
  AgentVersion agent{};
  std::optional<std::string> actor{};   // id
  std::vector<std::string> policy{};    // name@version
  std::vector<std::string> evidence{};  // digests
  std::optional<std::string> preview_digest{};
  std::string requirement_digest{};
  friend bool operator==(const Action&, const Action&) = default;
};

// A read that the policy or the reviewer leans on.
struct ShownEvidence {
  std::int64_t step = 0;
  std::string name{};
  std::string tool{};
  Json result = Json::object();  // redacted
  std::string read_at{};         // RFC 3339
  std::string digest{};          // of evidence_text()
  friend bool operator==(const ShownEvidence&, const ShownEvidence&) = default;
};

// What the target says would change.
struct ShownPreview {
  Json before{};  // any JSON value, as `after`
  Json after{};
  std::optional<std::string> note{};
  std::string digest{};        // of preview_text()
  std::string drift_digest{};  // over the preconditions, whatever the executor counts among them
  friend bool operator==(const ShownPreview&, const ShownPreview&) = default;
};

std::string action_text(const Action& action);
std::string requirement_text(const domain::Requirement& requirement);
std::string evidence_text(const ShownEvidence& evidence);  // everything but the digest
std::string preview_text(const ShownPreview& preview);     // before, after, note

// The texts are also the form in which rows keep them.
base::Result<Action> decode_action(std::string_view text);
base::Result<domain::Requirement> decode_requirement(std::string_view text);

}  // namespace countersign::contracts
