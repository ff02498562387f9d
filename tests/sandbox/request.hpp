#pragma once

// Request and Answer: what the stand-in reads and says, without the sockets.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace countersign::sandbox {

struct Request {
  std::string_view method;
  std::string_view path;    // without the query
  std::string_view tenant;  // first segment of the path
  std::string_view rest;    // what follows the tenant, with its slash
  std::vector<std::pair<std::string, std::string>> query;
  std::string_view body;
  std::optional<std::string_view> idempotency_key;
  std::optional<std::string_view> run;    // ticket/run/step, where the fleet says so
  std::optional<std::string_view> actor;  // on whose authority
  std::optional<std::string_view> webhook_id;
  std::optional<std::string_view> webhook_timestamp;
  std::optional<std::string_view> webhook_signature;

  std::optional<std::string> find_query(std::string_view name) const;
};

struct Answer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
};

// "%2F" becomes "/"; what is no escape stays.
std::string percent_decoded(std::string_view text);

// "/wms/K-1/HAM" becomes {"wms", "K-1", "HAM"}, each decoded.
std::vector<std::string> segments_of(std::string_view path);

// Splits "/acme/refunds?key=a%20b" into path, tenant, rest and query. The views point into `target`.
void read_target(std::string_view target, Request& request);

// An RFC 9457 problem. The type is urn:countersign:sandbox: and the code.
Answer problem(int status, const base::Refusal& why);

}  // namespace countersign::sandbox
