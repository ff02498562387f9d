#include "crypto/base64.hpp"

#include <array>
#include <cstdint>

namespace countersign::crypto {

namespace {

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char byte : bytes) {
    bits = (bits << 8) | static_cast<std::uint8_t>(byte);
    for (held += 8; held >= 6; held -= 6) text.push_back(alphabet[(bits >> (held - 6)) & 63]);
  }
  if (held > 0) text.push_back(alphabet[(bits << (6 - held)) & 63]);
  while (padded && text.size() % 4 != 0) text.push_back('=');
  return text;
}

std::array<std::int8_t, 256> invert(std::string_view alphabet) {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}

base::Result<std::string> decode(std::string_view text, const std::array<std::int8_t, 256>& values) {
  if (text.size() % 4 == 1) return base::refuse("base64_invalid", "the text has an impossible length");
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int value = values[static_cast<std::uint8_t>(c)];
    if (value < 0) return base::refuse("base64_invalid", "the text has a character outside the alphabet");
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>((bits >> held) & 255));
  }
  if ((bits & ((1U << held) - 1)) != 0) return base::refuse("base64_invalid", "the last character has bits that belong to no byte");
  return bytes;
}

}  // namespace

std::string base64_encode(std::string_view bytes) { return encode(bytes, standard, true); }

std::string base64url_encode(std::string_view bytes) { return encode(bytes, for_urls, false); }

base::Result<std::string> base64_decode(std::string_view text) {
  static const auto values = invert(standard);
  if (text.size() % 4 != 0) return base::refuse("base64_invalid", "the padding is missing");
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with("=")) {
    text.remove_suffix(1);
  }
  return decode(text, values);
}

base::Result<std::string> base64url_decode(std::string_view text) {
  static const auto values = invert(for_urls);
  return decode(text, values);
}

}  // namespace countersign::crypto
