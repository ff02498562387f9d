#pragma once

// PolicyGate: whether a step may be claimed now, and what exactly would then be done.
//
//     manifest ─▶ arguments from their sources ─▶ schema ─▶ origins ─▶ amount, target, operation ─▶ policy ─▶ request
//
// Reads pass the same way and need an allow rule as everything else does.
//
// Promise    Nothing is taken from the plan without having been followed to its source. A step that was claimed before keeps its arguments:
//            they are what the key on record stands for, and they are judged again.
// Not ours   Who else holds the operation key: operation_keys.hpp.
// Threads    Stateless; any thread.

#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "catalog/http_request.hpp"
#include "domain/requirement.hpp"
#include "executor/case.hpp"
#include "executor/letter.hpp"
#include "policy/evaluate.hpp"

namespace countersign::executor {

namespace codes {
inline constexpr std::string_view tool_unknown = "tool_unknown";
inline constexpr std::string_view amount_absent = "amount_absent";
inline constexpr std::string_view amount_negative = "amount_negative";
inline constexpr std::string_view operation_key_held = "operation_key_held";
inline constexpr std::string_view request_refused = "request_refused";
}  // namespace codes

struct GateVerdict {
  bool allowed = false;                             // where there is a requirement: once people approve
  std::vector<std::string> codes;                   // why not
  std::string escalates;                            // not empty: the run ends escalated with this code
  const catalog::ToolManifest* manifest = nullptr;  // of the snapshot; null when the tool is unknown
  contracts::Json arguments;                        // null until resolved
  domain::OriginMap origins;
  contracts::Json decision;  // null until policy was asked
  std::optional<base::Money> amount;
  std::string target;     // for people
  std::string operation;  // empty: none
  std::string operation_key;
  std::string idempotency_key;
  std::optional<domain::Requirement> requirement;  // what people must do first; absent: nothing
  std::vector<policy::Reason> why;                 // the rules that want it
  catalog::HttpRequest request;                    // what is sent, unless it is a letter
  std::optional<Letter> letter;                    // to be handed to the outbox
};

class PolicyGate {
 public:
  GateVerdict judge(const catalog::Snapshot& snapshot, const TicketCase& one, const Step& step) const;
};

}  // namespace countersign::executor
