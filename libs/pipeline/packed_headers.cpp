#include "pipeline/packed_headers.hpp"

#include <cstdint>

namespace countersign::pipeline {

namespace {

void put(std::string& out, std::string_view text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(length >> shift));
  out.append(text);
}

std::optional<std::string> take(std::string_view& rest) {
  if (rest.size() < 4) return std::nullopt;
  std::uint32_t length = 0;
  for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<std::uint8_t>(rest[static_cast<std::size_t>(i)]);
  rest.remove_prefix(4);
  if (rest.size() < length) return std::nullopt;
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

std::optional<base::Headers> unpack_headers(std::string_view packed) {
  base::Headers headers;
  while (!packed.empty()) {
    auto name = take(packed);
    auto value = name ? take(packed) : std::nullopt;
    if (!value) return std::nullopt;
    headers.emplace_back(std::move(*name), std::move(*value));
  }
  return headers;
}

}  // namespace countersign::pipeline
