#pragma once

// Envelope: what a CloudEvents 1.0 message says about itself, apart from its data.
//
// Written in binary mode (an attribute is a header `ce_NAME`, the value is the data). Read in binary and in structured mode; a value
// with Confluent's framing (a zero byte and four of schema id) is unwrapped.
//
// Failure    open_envelope refuses with tombstone, headers_too_large, specversion_unsupported, attribute_missing,
//            attribute_invalid, content_type_unsupported, or what guarded_json.hpp refuses (structured mode).
//            check_key refuses with key_missing, key_malformed, key_contradicts_headers, tenant_contradicts_key.
//            check_body refuses with key_contradicts_body, tenant_contradicts_key.
// Threads    Any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/headers.hpp"
#include "base/result.hpp"
#include "contracts/message_key.hpp"

namespace countersign::contracts {

struct Envelope {
  std::string id{};
  std::string source{};
  std::string type{};
  std::string subject{};  // ticket id; the members from here on are empty when absent
  std::string time{};     // RFC 3339
  std::string dataschema{};
  std::string tenant{};
  std::string partition_key{};  // equals the Kafka key
  std::string correlation_id{};
  std::string causation_id{};
  std::optional<std::int64_t> sequence{};
  std::string traceparent{};
  std::string tracestate{};

  friend bool operator==(const Envelope&, const Envelope&) = default;
};

// Ownership  data() borrows the value given to open_envelope(), unless the event was structured.
struct Opened {
  Envelope envelope;
  std::string_view borrowed;
  std::optional<std::string> unwrapped{};  // structured mode: the data member, written out again

  std::string_view data() const noexcept { return unwrapped ? std::string_view(*unwrapped) : borrowed; }
};

base::Result<Opened> open_envelope(const base::Headers& headers, const std::optional<std::string>& value);
// The same, then check_key() when the message has a key.
base::Result<Opened> open_envelope(const base::Headers& headers, const std::optional<std::string>& key,
                                   const std::optional<std::string>& value);

base::Headers to_headers(const Envelope& envelope);

// Two headers that can be read although the rest is broken.
// The type in binary mode, empty where only the value knows it.
std::string_view peek_type(const base::Headers& headers) noexcept;
std::optional<std::int64_t> find_sequence(const base::Headers& headers) noexcept;

// Key and headers must say the same; attributes that are absent contradict nothing.
base::Result<MessageKey> check_key(const Envelope& envelope, const std::optional<std::string>& key);
// Key and body must say the same.
base::Result<void> check_body(const MessageKey& key, std::string_view tenant, std::string_view ticket_id);

}  // namespace countersign::contracts
