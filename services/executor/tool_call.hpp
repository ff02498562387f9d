#pragma once

// ToolCall: a claimed step on its way to its tool. CallReport: how that ended, on its way back to the ledger.
//
// Threads    Plain values; handed from the claimer to the caller to the recorder.
// Ownership  A call keeps the configuration alive under which it was claimed, so that its manifest stays the one the gate judged.

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "catalog/catalog.hpp"
#include "catalog/http_request.hpp"
#include "contracts/json.hpp"
#include "domain/settle.hpp"

namespace countersign::executor {

// What is kept from taking all the calls for itself: one tenant's tool.
inline std::string bulkhead_of(const std::string& tenant, const std::string& tool) { return tenant + "/" + tool; }

struct ToolCall {
  std::string tenant;
  std::string ticket;
  std::int32_t run = 0;
  std::int32_t step = 0;
  std::string tool;
  base::Uuid token;  // of the claim
  std::shared_ptr<const catalog::Snapshot> configuration;
  const catalog::ToolManifest* manifest = nullptr;
  catalog::HttpRequest request;
  bool effect = true;   // false for a read
  int sent_before = 0;  // attempts of earlier claims
  int unsent_before = 0;
  base::SteadyTime lease_end{};  // never later than what the database says

  std::string key() const { return tenant + "/" + ticket; }
  std::string bulkhead() const { return bulkhead_of(tenant, tool); }
};

struct CallReport {
  ToolCall call;
  domain::CallEnd end;  // of the last attempt
  int sent = 0;         // attempts of this claim
  int unsent = 0;
  bool earlier_unanswered = false;  // an attempt of this claim before the last one may have had its effect
  int status = 0;                   // 0: no answer
  contracts::Json result;           // redacted and capped; null when there is none or it cannot be read
  std::string result_code;          // why there is no result: result_unreadable, result_too_large
  std::string trouble;              // for people; never holds a header or a body
};

}  // namespace countersign::executor
