#pragma once

// The values of settings: how they are written and read, and what their files hold. Private to runtime/settings.cpp.
//
// Threads    Any.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::runtime {

std::optional<std::int64_t> to_integer(std::string_view text);

// 250ms, 5s, 2m, 1h; not below zero.
std::optional<std::chrono::milliseconds> to_duration(std::string_view text);
// In the largest unit that says it exactly.
std::string write_duration(std::chrono::milliseconds value);

// Without empty parts.
std::vector<std::string> split(const std::string& text, char separator);
std::string join(const std::vector<std::string>& parts, const std::string& separator);

// Reads the content, without the newlines at its end. Says what is wrong with the file, after "must"; empty when nothing is.
std::string read_secret(const std::string& path, std::string& content);

}  // namespace countersign::runtime
