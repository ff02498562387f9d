#include "contracts/envelope.hpp"

#include <charconv>
#include <optional>

#include "fuzz/targets.hpp"

namespace countersign::fuzz {

namespace {

using contracts::Envelope;
using contracts::Opened;

struct Parcel {
  base::Headers headers;
  std::optional<std::string> key;
  std::optional<std::string> value;
};

std::string unescaped(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* digits = text.data() + i + 1;
    const bool escape = text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    bytes.push_back(escape ? static_cast<char>(byte) : text[i]);
    if (escape) i += 2;
  }
  return bytes;
}

// Without an empty line there is no value: a tombstone.
Parcel unpack(std::string_view input) {
  Parcel parcel;
  while (!input.empty()) {
    const auto end = input.find('\n');
    const auto line = input.substr(0, end);
    input = end == std::string_view::npos ? std::string_view{} : input.substr(end + 1);
    if (line.empty()) {
      parcel.value = std::string(input);
      break;
    }
    const auto colon = line.find(": ");
    const auto name = line.substr(0, colon);
    auto text = unescaped(colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 2));
    if (name == "key")
      parcel.key = std::move(text);
    else
      parcel.headers.emplace_back(std::string(name), std::move(text));
  }
  return parcel;
}

void comes_back(const Envelope& envelope) {
  const auto headers = contracts::to_headers(envelope);
  const auto again = contracts::open_envelope(headers, std::optional<std::string>("{}"));
  promise(again && again->envelope == envelope, "what was written is read as the same");
  promise(contracts::peek_type(headers) == envelope.type, "the type can be told from the headers alone");
  promise(contracts::find_sequence(headers) == envelope.sequence, "so can the sequence");
}

void agrees_with_its_key(const Parcel& parcel, const Opened& opened) {
  const auto key = contracts::check_key(opened.envelope, parcel.key);
  const auto together = contracts::open_envelope(parcel.headers, parcel.key, parcel.value);
  promise(!parcel.key || together.has_value() == key.has_value(), "opening with a key is opening, and then looking at the key");
  if (!key) return;
  promise(contracts::make_key(key->tenant, key->ticket) == *parcel.key, "a key has one spelling");
  promise(opened.envelope.tenant.empty() || opened.envelope.tenant == key->tenant, "nobody speaks for another tenant");
}

}  // namespace

void envelope(std::string_view input) {
  const auto parcel = unpack(input);
  contracts::peek_type(parcel.headers);
  contracts::find_sequence(parcel.headers);
  const auto opened = contracts::open_envelope(parcel.headers, parcel.value);
  promise(opened || !opened.error().code.empty(), "a refusal has a code");
  if (!opened) return;
  promise(parcel.value.has_value(), "a tombstone is not opened");
  promise(!opened->envelope.id.empty() && !opened->envelope.source.empty() && !opened->envelope.type.empty(), "what is required is there");
  static_cast<void>(opened->data().size());
  comes_back(opened->envelope);
  agrees_with_its_key(parcel, *opened);
}

}  // namespace countersign::fuzz
