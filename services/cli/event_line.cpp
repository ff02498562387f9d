#include "cli/event_line.hpp"

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "contracts/codec.hpp"
#include "contracts/envelope.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/schema_check.hpp"
#include "crypto/digest.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;

constexpr std::size_t derived_id_characters = 32;

// Takes a text member out of the object; empty when it is absent or no text.
std::string take_text(json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  std::string text = found->get<std::string>();
  object.erase(found);
  return text;
}

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace

base::Result<messaging::Record> EventLineReader::read(const std::string& line) {
  contracts::Limits limits;
  limits.floats = true;  // the schema of the type has the last word
  auto parsed = contracts::read_json(line, limits);
  if (!parsed) return tl::unexpected(parsed.error());
  json object = std::move(*parsed);
  if (!object.is_object()) return base::refuse("line_malformed", "an event is a JSON object");

  contracts::Envelope envelope;
  envelope.type = take_text(object, "type");
  envelope.id = take_text(object, "id");
  envelope.source = take_text(object, "source");
  envelope.time = take_text(object, "time");
  const auto nested = object.find("data");
  json data = nested != object.end() ? *nested : object;
  envelope.tenant = text_of(data, "tenant");
  envelope.subject = text_of(data, "ticket_id");
  if (envelope.type.empty()) return base::refuse("line_malformed", "an event has a type");
  if (!contracts::valid_id(envelope.tenant) || !contracts::valid_id(envelope.subject))
    return base::refuse("line_malformed", "an event has a tenant and a ticket_id of 1 to 128 visible characters without '/'");

  const std::string digest = crypto::sha256(line).hex();
  const int before = seen_[digest]++;
  if (envelope.id.empty()) envelope.id = crypto::sha256(digest + "/" + std::to_string(before)).hex().substr(0, derived_id_characters);
  if (envelope.source.empty()) envelope.source = defaults_.source;
  if (envelope.time.empty()) envelope.time = base::to_rfc3339(base::SystemClock{}.wall());
  if (contracts::known_type(envelope.type)) envelope.dataschema = contracts::schema_id(envelope.type);
  envelope.partition_key = contracts::make_key(envelope.tenant, envelope.subject);

  messaging::Record record{defaults_.topic, envelope.partition_key, data.dump(), contracts::to_headers(envelope), 0};
  if (!defaults_.checked) return record;
  if (const auto event = contracts::decode_edge(envelope.type, *record.value); !event) return tl::unexpected(event.error());
  return record;
}

}  // namespace countersign::cli
