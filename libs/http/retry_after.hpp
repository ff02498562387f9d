#pragma once

// What a peer's Retry-After asks for, within bounds that we choose.
//
// Source     RFC 9110, section 10.2.3: delay in seconds, or a date in one of the three formats of section 5.6.7.

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace countersign::http {

// Absent when the text is neither form. A date in the past gives `least`.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, base::WallTime now, std::chrono::seconds least,
                                                      std::chrono::seconds most);

}  // namespace countersign::http
