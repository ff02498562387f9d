#include "contracts/ticket_identity.hpp"

#include "contracts/canonical_json.hpp"
#include "contracts/messages.hpp"

namespace countersign::contracts {

bool ticket_event(std::string_view type) noexcept {
  return type == types::ticket_opened || type == types::ticket_updated || type == types::ticket_message_added ||
         type == types::ticket_closed;
}

base::Result<std::string> ticket_identity(std::string_view type, const nlohmann::json& data) {
  return canonical_json(data).map([&](const std::string& canonical) { return std::string(type).append("\n").append(canonical); });
}

}  // namespace countersign::contracts
