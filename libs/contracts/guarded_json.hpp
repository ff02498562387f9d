#pragma once

// read_json: the only door through which bytes from outside become JSON.
//
// Promise    Whatever the bytes are: no crash, memory in proportion to their number, and a value that can be copied, printed, stored in
//            PostgreSQL's jsonb and read by every other JSON reader in the same way.
// Failure    Refusals: json_too_large and json_empty, of the whole value; and, each with the place, counted from byte 1: json_too_deep,
//            json_string_too_long, json_key_duplicate, json_nul, json_utf8_invalid (lone surrogates included),
//            json_number_out_of_range, json_float_refused, json_malformed.
// Threads    Any thread.

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.hpp"
#include "contracts/json.hpp"

namespace countersign::contracts {

struct Limits {
  std::size_t bytes = 256 * 1024;
  std::size_t depth = 64;  // {} has depth 1
  std::size_t string_bytes = 16 * 1024;
  bool floats = false;  // numbers with a fraction or an exponent; -0 counts as one. Integers are int64 always.
};

// For documents that we stored ourselves. They were within the limits of the door they came through; what was made of them may be larger,
// the database may have spelled it with more space, and a tool's answer may hold numbers with fractions.
inline constexpr Limits stored_limits{.bytes = 16 * 1024 * 1024, .depth = 200, .string_bytes = 16 * 1024 * 1024, .floats = true};

base::Result<nlohmann::json> read_json(std::string_view bytes, const Limits& limits = {});
base::Result<Json> read_shared_json(std::string_view bytes, const Limits& limits = {});

}  // namespace countersign::contracts
