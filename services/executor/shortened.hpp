#pragma once

#include <string>

namespace countersign::executor {

// The text, cut to so many bytes; never in the middle of a character.
inline std::string shortened(std::string text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  while (most_bytes > 0 && (static_cast<unsigned char>(text[most_bytes]) & 0xC0) == 0x80) --most_bytes;
  text.resize(most_bytes);
  return text;
}

}  // namespace countersign::executor
