#pragma once

// Which mail addresses are written to: one address, `local@domain` in ASCII, and nothing else around it.
//
// Stricter than RFC 5321 on purpose. Quoted local parts, comments, source routes and address literals are legal, carry nothing that a
// customer's address needs, and have a long history of being read one way by whoever checks and another way by whoever delivers.

#include <string_view>

#include "base/result.hpp"

namespace countersign::http {

// Refusals: recipient_missing (empty, or the null sender <>), recipient_not_one (several, or white space), recipient_not_ascii,
// recipient_too_long (64 before the @, 254 in all), recipient_malformed.
base::Result<void> check_mail_address(std::string_view address);

// What could begin a line, or something else, of its own.
constexpr bool control_character(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// What is behind the @ of a checked address.
std::string_view domain_of(std::string_view address);

}  // namespace countersign::http
