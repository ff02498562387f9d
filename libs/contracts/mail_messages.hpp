#pragma once

// Letters to customers on `messages`, and what became of them on `delivery-results`.

#include <cstdint>
#include <optional>
#include <string>

#include "base/uuid.hpp"

namespace countersign::contracts {

struct MessageRequested {
  std::string tenant{};
  std::string ticket_id{};
  base::Uuid message_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string channel{};  // email
  std::string mailbox{};
  std::string to{};
  std::string subject{};  // one line: no control characters
  std::string text{};
  std::optional<std::string> html{};
  std::string template_label{};  // name@version; member `template`
  friend bool operator==(const MessageRequested&, const MessageRequested&) = default;
};

// The run stopped before the message was accepted: what has not been sent must not be sent.
struct MessageWithdrawn {
  std::string tenant{};
  std::string ticket_id{};
  base::Uuid message_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  friend bool operator==(const MessageWithdrawn&, const MessageWithdrawn&) = default;
};

struct DeliveryDelivered {
  std::string tenant{};
  std::string ticket_id{};
  base::Uuid message_id{};
  base::Uuid delivery_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string accepted_at{};  // RFC 3339
  std::string answer{};       // what the mail server said
  friend bool operator==(const DeliveryDelivered&, const DeliveryDelivered&) = default;
};

struct DeliveryDead {
  std::string tenant{};
  std::string ticket_id{};
  base::Uuid message_id{};
  base::Uuid delivery_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string code{};  // refused | gave_up | withdrawn | maybe_sent | mailbox_missing | …
  bool maybe_sent = false;
  std::optional<std::string> answer{};
  friend bool operator==(const DeliveryDead&, const DeliveryDead&) = default;
};

}  // namespace countersign::contracts
