#pragma once

// Packed headers: the headers of a foreign message as one byte string, so that a dead or parked message keeps them byte for byte.
//
// Format: per header, 4 bytes big-endian length of the name, the name, 4 bytes length of the value, the value. {"a": "xy"} is
// 00 00 00 01 61 00 00 00 02 78 79.

#include <optional>
#include <string>
#include <string_view>

#include "base/headers.hpp"

namespace countersign::pipeline {

std::string pack_headers(const base::Headers& headers);
// Absent for bytes that are not of this format: the relay reads tables of other services, and must survive what it finds there.
std::optional<base::Headers> unpack_headers(std::string_view packed);

}  // namespace countersign::pipeline
