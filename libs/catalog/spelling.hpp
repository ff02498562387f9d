#pragma once

// The characters that names, addresses and URLs are spelt with. ASCII only, whatever the process's locale.

namespace countersign::catalog {

constexpr bool letter_or_digit(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

constexpr bool control_character(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace countersign::catalog
