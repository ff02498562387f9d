#include "pipeline/packed_headers.hpp"

#include <cstdint>

#include "base/invariant.hpp"

namespace countersign::pipeline {

namespace {

void put(std::string& out, std::string_view text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift));
  out.append(text);
}

std::string take(std::string_view& rest) {
  COUNTERSIGN_INVARIANT(rest.size() >= 4, "packed headers hold whole lengths");
  std::uint32_t length = 0;
  for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<std::uint8_t>(rest[static_cast<std::size_t>(i)]);
  rest.remove_prefix(4);
  COUNTERSIGN_INVARIANT(rest.size() >= length, "packed headers hold whole texts");
  std::string text(rest.substr(0, length));
  rest.remove_prefix(length);
  return text;
}

}  // namespace

std::string pack_headers(const base::Headers& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    put(out, name);
    put(out, value);
  }
  return out;
}

base::Headers unpack_headers(std::string_view packed) {
  base::Headers headers;
  while (!packed.empty()) {
    std::string name = take(packed);
    headers.emplace_back(std::move(name), take(packed));
  }
  return headers;
}

}  // namespace countersign::pipeline
