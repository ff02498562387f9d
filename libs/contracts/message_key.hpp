#pragma once

// MessageKey: `tenant/ticket`, the Kafka key of every message about a ticket.

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::contracts {

struct MessageKey {
  std::string tenant;
  std::string ticket;

  std::string text() const { return tenant + "/" + ticket; }
  friend auto operator<=>(const MessageKey&, const MessageKey&) = default;
};

// 1 to 128 visible ASCII characters other than '/'.
bool valid_id(std::string_view text) noexcept;

std::string make_key(std::string_view tenant, std::string_view ticket);
// Absent when `key` is not exactly two valid ids with a slash between them.
std::optional<MessageKey> split_key(std::string_view key);

}  // namespace countersign::contracts
