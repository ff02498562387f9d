#pragma once

// Headers: the name-value pairs of a Kafka record or an HTTP message, in order. Values are bytes.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace countersign::base {

using Headers = std::vector<std::pair<std::string, std::string>>;

// The last value under `name`, as Kafka clients read headers; absent when there is none. Exact case.
inline std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
  const auto found = std::find_if(headers.rbegin(), headers.rend(), [&](const auto& header) { return header.first == name; });
  if (found == headers.rend()) return std::nullopt;
  return std::string_view(found->second);
}

}  // namespace countersign::base
