#pragma once

// Pointer: a JSON pointer (RFC 6901), taken apart once and followed often.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace countersign::domain {

class Value;

class Pointer {
 public:
  Pointer() = default;  // the whole document

  // Refuses with `pointer_invalid`: no leading slash, a `~` that is neither ~0 nor ~1, control characters, over 1 KiB or 32 levels.
  static base::Result<Pointer> parse(std::string_view text);

  const std::string& text() const noexcept { return text_; }
  const std::vector<std::string>& tokens() const noexcept { return tokens_; }
  Pointer child(std::string_view token) const;  // escapes the token

  friend bool operator==(const Pointer& a, const Pointer& b) noexcept { return a.text_ == b.text_; }
  friend auto operator<=>(const Pointer& a, const Pointer& b) noexcept { return a.text_ <=> b.text_; }

 private:
  std::string text_;
  std::vector<std::string> tokens_;
};

// What the pointer points at; nullptr when there is nothing. An index has no leading zeros, `-` never exists, and an amount of money
// is one value that has no inside.
const Value* find_at(const Value& document, const Pointer& pointer) noexcept;

}  // namespace countersign::domain
