#pragma once

// The rules for single values, each the twin of a pattern or bound in schemas/messages.

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace countersign::contracts {

inline constexpr std::int64_t most_exact_integer = 9'007'199'254'740'991;  // 2^53 - 1: every JSON reader agrees on it

bool valid_utf8(std::string_view text) noexcept;
std::size_t utf8_length(std::string_view text) noexcept;   // of the run at the front, in bytes
std::size_t ascii_length(std::string_view text) noexcept;  // likewise
std::size_t code_points(std::string_view utf8) noexcept;

bool valid_code(std::string_view text) noexcept;            // ^[a-z][a-z0-9_]{0,63}$
bool valid_step_name(std::string_view text) noexcept;       // ^[a-z][a-z0-9_]{0,39}$
bool valid_name(std::string_view text) noexcept;            // ^[a-z][a-z0-9_.-]{0,63}$
bool valid_playbook_label(std::string_view text) noexcept;  // ^[a-z][a-z0-9_.-]{0,63}@[1-9][0-9]{0,8}$
bool valid_minor(std::string_view text) noexcept;           // ^(0|-?[1-9][0-9]{0,17})$
bool valid_currency(std::string_view text) noexcept;        // ^[A-Z]{3}$
bool valid_digest(std::string_view text) noexcept;          // ^[0-9a-f]{64}$
bool valid_nonce(std::string_view text) noexcept;           // ^[A-Za-z0-9_-]{16,64}$
bool valid_verb(std::string_view text) noexcept;            // approve | deny | request_changes
bool valid_one_line(std::string_view text) noexcept;        // 1 to 256 characters, none a control character
// One address without display name, comment or quotes: ^[!#-'*+./0-9=?A-Z^-~-]{1,64}@[A-Za-z0-9.-]{1,189}$
bool valid_mail_address(std::string_view text) noexcept;
bool valid_uuid(std::string_view text) noexcept;  // 8-4-4-4-12 hexadecimal digits
// RFC 3339 with a four-digit year from 1000, months to 12, days to 31, hours to 23; at most nine decimals.
bool valid_time(std::string_view text) noexcept;

// A number that is an integer within ±(2^53 - 1).
bool exact_integer(const nlohmann::json& value) noexcept;
// Free-form JSON at most `depth` levels deep ({} has one), whose numbers are exact integers.
bool valid_free_json(const nlohmann::json& value, std::size_t depth) noexcept;

}  // namespace countersign::contracts
