#include "contracts/envelope.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "contracts/canonical_writer.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

constexpr std::size_t most_headers = 128;
constexpr std::size_t most_header_bytes = 16 * 1024;
constexpr std::size_t most_attribute_bytes = 512;
constexpr std::string_view structured_prefix = "application/cloudevents";

struct Attribute {
  const char* header;
  std::string Envelope::*member;
  bool required;
  std::string_view name() const { return std::string_view(header).substr(3); }
};

constexpr std::array attributes{Attribute{"ce_id", &Envelope::id, true},
                                Attribute{"ce_source", &Envelope::source, true},
                                Attribute{"ce_type", &Envelope::type, true},
                                Attribute{"ce_subject", &Envelope::subject, false},
                                Attribute{"ce_time", &Envelope::time, false},
                                Attribute{"ce_dataschema", &Envelope::dataschema, false},
                                Attribute{"ce_tenant", &Envelope::tenant, false},
                                Attribute{"ce_partitionkey", &Envelope::partition_key, false},
                                Attribute{"ce_correlationid", &Envelope::correlation_id, false},
                                Attribute{"ce_causationid", &Envelope::causation_id, false}};

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lowered(x) == lowered(y); });
}

// application/json; charset=utf-8 → application/json, in lower case.
std::string media_type(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && content_type.back() == ' ') content_type.remove_suffix(1);
  std::string type(content_type);
  std::transform(type.begin(), type.end(), type.begin(), lowered);
  return type;
}

// Kafka clients of several languages write the name in capitals or not; ours is in lower case.
std::optional<std::string_view> find_content_type(const base::Headers& headers) {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header)
    if (equal_ignoring_case(header->first, "content-type") || equal_ignoring_case(header->first, "ce_datacontenttype"))
      return header->second;
  return std::nullopt;
}

std::optional<std::int64_t> parse_sequence(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || text.front() == '0') return std::nullopt;
  return value;
}

bool printable(std::string_view text) {
  return valid_utf8(text) &&
         std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

base::Result<void> check_size(const base::Headers& headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) bytes += name.size() + value.size();
  if (headers.size() <= most_headers && bytes <= most_header_bytes) return {};
  return base::refuse("headers_too_large", std::to_string(headers.size()) + " headers with " + std::to_string(bytes) + " bytes, at most " +
                                               std::to_string(most_headers) + " with " + std::to_string(most_header_bytes) + " are read");
}

base::Result<void> check_attribute(std::string_view name, std::string_view value) {
  const auto invalid = [&](const std::string& why) { return base::refuse("attribute_invalid", std::string(name) + why); };
  if (value.empty()) return invalid(" is empty");
  if (value.size() > most_attribute_bytes) return invalid(" is longer than " + std::to_string(most_attribute_bytes) + " bytes");
  if (!printable(value)) return invalid(" has control characters or is not UTF-8");
  if (name == "time" && !valid_time(value)) return base::refuse("attribute_invalid", "time is not an RFC 3339 time");
  return {};
}

// Reads every attribute through `find`, which knows where the mode keeps them.
template <typename Find>
base::Result<Envelope> read_attributes(const Find& find) {
  const std::optional<std::string_view> version = find("specversion");
  if (!version) return base::refuse("attribute_missing", "specversion is missing");
  if (*version != "1.0") return base::refuse("specversion_unsupported", "only CloudEvents 1.0 is read");
  Envelope envelope;
  for (const auto& attribute : attributes) {
    const std::optional<std::string_view> value = find(attribute.name());
    if (!value && attribute.required) return base::refuse("attribute_missing", std::string(attribute.name()) + " is missing");
    if (!value) continue;
    if (auto fine = check_attribute(attribute.name(), *value); !fine) return tl::unexpected(fine.error());
    envelope.*attribute.member = *value;
  }
  if (const std::optional<std::string_view> sequence = find("sequence")) {
    envelope.sequence = parse_sequence(*sequence);
    if (!envelope.sequence) return base::refuse("attribute_invalid", "sequence is not a positive decimal number");
  }
  return envelope;
}

void read_trace(const base::Headers& headers, Envelope& envelope) {
  // Broken trace context must not break the message: it is left out.
  const auto copy = [&](std::string_view name, std::string& to) {
    const auto value = base::find_header(headers, name);
    if (value && value->size() <= most_attribute_bytes && printable(*value)) to = *value;
  };
  copy("traceparent", envelope.traceparent);
  copy("tracestate", envelope.tracestate);
}

std::string_view without_confluent_frame(std::string_view value) {
  return value.size() >= 5 && value.front() == '\0' ? value.substr(5) : value;
}

base::Result<Opened> open_binary(const base::Headers& headers, std::string_view value) {
  const auto is = [](std::string_view header, std::string_view name) { return header.starts_with("ce_") && header.substr(3) == name; };
  auto envelope = read_attributes([&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = std::find_if(headers.rbegin(), headers.rend(), [&](const auto& header) { return is(header.first, name); });
    return found == headers.rend() ? std::nullopt : std::optional<std::string_view>(found->second);
  });
  if (!envelope) return tl::unexpected(std::move(envelope.error()));
  return Opened{std::move(*envelope), without_confluent_frame(value), std::nullopt};
}

base::Result<Opened> open_structured(std::string_view value) {
  const auto event = read_json(without_confluent_frame(value));
  if (!event) return tl::unexpected(event.error());
  if (!event->is_object()) return base::refuse("attribute_missing", "a structured event is a JSON object");
  for (const auto& [name, member] : event->items())
    if (name != "data" && !member.is_string() && !(name == "sequence" && exact_integer(member)))
      return base::refuse("attribute_invalid", name.substr(0, 64) + " is not a text");
  std::string sequence;
  auto envelope = read_attributes([&](std::string_view name) -> std::optional<std::string_view> {
    const auto member = event->find(std::string(name));
    if (member == event->end()) return std::nullopt;
    if (member->is_string()) return member->get_ref<const std::string&>();
    sequence = member->dump();
    return sequence;
  });
  if (!envelope) return tl::unexpected(std::move(envelope.error()));
  const auto data = event->find("data");
  if (data == event->end()) return base::refuse("attribute_missing", "data is missing");
  return Opened{std::move(*envelope), {}, write_json(*data)};
}

}  // namespace

base::Result<Opened> open_envelope(const base::Headers& headers, const std::optional<std::string>& value) {
  if (auto fine = check_size(headers); !fine) return tl::unexpected(fine.error());
  if (!value) return base::refuse("tombstone", "the message has no value");
  const std::string type = media_type(find_content_type(headers).value_or("application/json"));
  const bool structured = type.starts_with(structured_prefix);
  if (structured && type != "application/cloudevents+json")
    return base::refuse("content_type_unsupported", "structured events are read as JSON only");
  if (!structured && type != "application/json" && !type.ends_with("+json"))
    return base::refuse("content_type_unsupported", "data is read as JSON only");
  auto opened = structured ? open_structured(*value) : open_binary(headers, *value);
  if (opened) read_trace(headers, opened->envelope);
  return opened;
}

base::Result<Opened> open_envelope(const base::Headers& headers, const std::optional<std::string>& key,
                                   const std::optional<std::string>& value) {
  auto opened = open_envelope(headers, value);
  if (!opened || !key) return opened;
  if (auto fine = check_key(opened->envelope, key); !fine) return tl::unexpected(std::move(fine.error()));
  return opened;
}

base::Headers to_headers(const Envelope& envelope) {
  base::Headers headers;
  headers.reserve(attributes.size() + 5);
  headers.emplace_back("ce_specversion", "1.0");
  headers.emplace_back("content-type", "application/json");
  for (const auto& attribute : attributes)
    if (const std::string& value = envelope.*attribute.member; !value.empty()) headers.emplace_back(attribute.header, value);
  if (envelope.sequence) headers.emplace_back("ce_sequence", std::to_string(*envelope.sequence));
  if (!envelope.traceparent.empty()) headers.emplace_back("traceparent", envelope.traceparent);
  if (!envelope.tracestate.empty()) headers.emplace_back("tracestate", envelope.tracestate);
  return headers;
}

std::string_view peek_type(const base::Headers& headers) noexcept {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header)
    if (header->first == "ce_type") return header->second;
  return {};
}

std::optional<std::int64_t> find_sequence(const base::Headers& headers) noexcept {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header)
    if (header->first == "ce_sequence") return header->second.empty() ? std::nullopt : parse_sequence(header->second);
  return std::nullopt;
}

base::Result<MessageKey> check_key(const Envelope& envelope, const std::optional<std::string>& key) {
  if (!key) return base::refuse("key_missing", "the message has no key; it is tenant/ticket");
  auto parts = split_key(*key);
  if (!parts) return base::refuse("key_malformed", "the key is not tenant/ticket in visible ASCII characters, at most 128 each");
  if (!envelope.tenant.empty() && envelope.tenant != parts->tenant)
    return base::refuse("tenant_contradicts_key", "ce_tenant names another tenant than the key");
  if (!envelope.partition_key.empty() && envelope.partition_key != *key)
    return base::refuse("key_contradicts_headers", "ce_partitionkey is not the message's key");
  if (!envelope.subject.empty() && envelope.subject != parts->ticket)
    return base::refuse("key_contradicts_headers", "ce_subject names another ticket than the key");
  return *parts;
}

base::Result<void> check_body(const MessageKey& key, std::string_view tenant, std::string_view ticket_id) {
  if (tenant != key.tenant) return base::refuse("tenant_contradicts_key", "the body names another tenant than the key");
  if (ticket_id != key.ticket) return base::refuse("key_contradicts_body", "the body names another ticket than the key");
  return {};
}

}  // namespace countersign::contracts
