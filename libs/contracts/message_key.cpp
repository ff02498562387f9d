#include "contracts/message_key.hpp"

namespace countersign::contracts {

std::string make_key(std::string_view tenant, std::string_view ticket) {
  std::string key;
  key.reserve(tenant.size() + 1 + ticket.size());
  return key.append(tenant).append("/").append(ticket);
}

std::optional<MessageKey> split_key(std::string_view key) {
  const auto slash = key.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto tenant = key.substr(0, slash), ticket = key.substr(slash + 1);
  if (!valid_id(tenant) || !valid_id(ticket)) return std::nullopt;
  return MessageKey{std::string(tenant), std::string(ticket)};
}

}  // namespace countersign::contracts
