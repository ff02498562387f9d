#pragma once

// ToolManifest: what the fleet knows about a tool: what it may do, whose arguments it accepts, how it is called and how it is looked after.
//
// A pointer listed in `origins`, `trusted` or `redact` speaks for everything below it.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/document.hpp"
#include "catalog/url_template.hpp"
#include "contracts/schema_check.hpp"
#include "domain/origin.hpp"
#include "domain/pointer.hpp"
#include "domain/risk.hpp"
#include "domain/settle.hpp"

namespace countersign::catalog {

struct Operation {
  std::string name;
  std::vector<domain::Pointer> key;  // into the arguments
  std::chrono::hours window{};
};

struct HeaderTemplate {
  std::string name;
  std::optional<std::string> literal;
  std::optional<std::string> secret;  // a name; exactly one of the two is set
};

struct HttpConnector {
  std::string method;
  UrlTemplate url;
  std::vector<HeaderTemplate> headers;
  std::map<std::string, domain::Pointer> body;  // member → where in the arguments; empty: no body
  bool allow_loopback = false;
};

// A message to a customer, sent by the outbox from a mailbox and a template.
struct MessageConnector {
  std::string channel;  // email
  std::string mailbox;
  domain::Pointer to;  // the address, in the arguments, as are the next two
  domain::Pointer template_name;
  domain::Pointer variables;  // an object
};

enum class ConnectorKind { http, message };

// A read that shows what the call would change. Its answer is read by pointers.
struct PreviewCall {
  std::string method;  // GET or POST
  UrlTemplate url;     // of the connector's origin
  std::vector<HeaderTemplate> headers;
  std::map<std::string, domain::Pointer> body;
  domain::Pointer before;
  domain::Pointer after;
  std::vector<domain::Pointer> preconditions;  // what must be the same when the call is made; none: `before` as a whole
  std::optional<domain::Pointer> note;
};

struct ResultRule {
  std::vector<domain::Pointer> trusted;  // what comes from the system of record
  std::vector<domain::Pointer> redact;
  std::size_t max_bytes = 65536;
};

struct ReconcileCall {
  UrlTemplate url;
  domain::Pointer done_when;  // exists in the answer when the effect happened
  std::chrono::milliseconds settle{};
  std::chrono::milliseconds limit{};
};

struct Wording {
  std::string done;
  std::string refused;
  std::string unknown;
};

struct ToolManifest {
  std::string tenant;  // "*": all tenants
  std::string name;
  std::int64_t version = 0;
  std::string digest;
  std::string owner;
  std::string description;
  domain::RiskClass risk = domain::RiskClass::irreversible;
  contracts::Json argument_schema;
  contracts::CompiledSchema arguments;
  domain::AcceptedOrigins origins;
  std::optional<domain::Pointer> amount;  // Money in the arguments
  std::vector<domain::Pointer> target;
  std::optional<Operation> operation;
  std::chrono::milliseconds timeout{};
  domain::RetryRule retry;
  domain::Idempotency idempotency = domain::Idempotency::none;
  std::string key_header;
  ConnectorKind connector_kind = ConnectorKind::http;
  HttpConnector connector;                     // empty for other kinds
  std::optional<MessageConnector> message;     // exactly for messages
  std::chrono::milliseconds deliver_within{};  // messages: how long may pass until the mail server has taken it
  std::optional<PreviewCall> preview;
  std::vector<int> success_status;  // empty: 200..299
  ResultRule result;
  std::optional<ReconcileCall> reconcile;
  Wording wording;
  std::optional<std::string> compensation;   // for people: what undoes it
  std::optional<std::string> rollback_note;  // for people: what can be done afterwards, and until when

  bool succeeded(int http_status) const noexcept;
  // Whether the result pointer is one of `trusted`, or lies below one.
  bool trusts_result(std::string_view pointer) const;
};

// Refuses with manifest_invalid; the detail lists every mistake.
base::Result<ToolManifest> parse_tool_manifest(const Document& document);

}  // namespace countersign::catalog
