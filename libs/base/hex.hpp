#pragma once

// Hexadecimal digits, as uuids, digests and percent-escapes are written with them.

#include <cstdint>
#include <optional>
#include <string>

namespace countersign::base {

// Two digits, lower case.
inline void append_hex(std::uint8_t byte, std::string& to) {
  constexpr char digits[] = "0123456789abcdef";
  to.push_back(digits[byte >> 4]);
  to.push_back(digits[byte & 15]);
}

inline int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Of either case; absent when one of the two is no digit.
inline std::optional<std::uint8_t> read_hex(char high, char low) {
  const int left = hex_digit(high), right = hex_digit(low);
  if (left < 0 || right < 0) return std::nullopt;
  return static_cast<std::uint8_t>(left * 16 + right);
}

}  // namespace countersign::base
