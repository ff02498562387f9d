#include "http/retry_after.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <string>

namespace countersign::http {
namespace {

constexpr std::size_t most_characters = 64;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Saturates, because a peer may ask for any number of digits.
std::chrono::seconds to_seconds(std::string_view digits, std::chrono::seconds most) {
  long long value = 0;
  for (const char digit : digits) {
    value = value * 10 + (digit - '0');
    if (value >= most.count()) return most;
  }
  return std::chrono::seconds{value};
}

// curl also reads shapes that are no HTTP date; those all lack the comma or the weekday that the three formats start with.
bool starts_with_weekday(std::string_view text) {
  constexpr std::string_view names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  return std::any_of(std::begin(names), std::end(names), [&](std::string_view name) { return text.starts_with(name); });
}

}  // namespace

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, base::WallTime now, std::chrono::seconds least,
                                                      std::chrono::seconds most) {
  text = trim(text);
  if (text.empty() || text.size() > most_characters) return std::nullopt;
  if (all_digits(text)) return std::max(least, to_seconds(text, most));
  if (!starts_with_weekday(text)) return std::nullopt;
  const std::time_t when = curl_getdate(std::string(text).c_str(), nullptr);
  if (when < 0) return std::nullopt;
  const std::chrono::seconds delay{when - std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count()};
  return std::clamp(delay, least, std::max(least, most));
}

}  // namespace countersign::http
