#pragma once

// What is said on `tickets`.

#include <optional>
#include <string>
#include <vector>

#include "contracts/json.hpp"

namespace countersign::contracts {

// On whose authority the run acts, as the source says; how far that is believed is the realm's matter.
struct Actor {
  std::string id{};
  std::vector<std::string> roles{};
  friend bool operator==(const Actor&, const Actor&) = default;
};

struct Requester {
  std::string id{};
  std::optional<std::string> name{};
  std::optional<std::string> email{};
  friend bool operator==(const Requester&, const Requester&) = default;
};

struct TicketOpened {
  std::string tenant{};
  std::string ticket_id{};
  Requester requester{};
  std::optional<bool> requester_authenticated{};
  std::optional<std::string> subject{};
  std::string text{};
  Json fields = Json::object();            // at most 8 levels deep
  std::optional<std::string> opened_at{};  // RFC 3339
  std::optional<Actor> actor{};
  std::optional<std::string> instruction{};  // what the run is to do; customer text, like `text`
  friend bool operator==(const TicketOpened&, const TicketOpened&) = default;
};

struct TicketUpdated {
  std::string tenant{};
  std::string ticket_id{};
  Json fields = Json::object();  // merged into the ticket's; null removes
  friend bool operator==(const TicketUpdated&, const TicketUpdated&) = default;
};

struct Author {
  std::string kind{};  // requester | agent | system
  std::optional<std::string> id{};
  friend bool operator==(const Author&, const Author&) = default;
};

struct TicketMessageAdded {
  std::string tenant{};
  std::string ticket_id{};
  Author author{};
  std::string text{};
  friend bool operator==(const TicketMessageAdded&, const TicketMessageAdded&) = default;
};

struct TicketClosed {
  std::string tenant{};
  std::string ticket_id{};
  std::optional<std::string> reason{};
  friend bool operator==(const TicketClosed&, const TicketClosed&) = default;
};

}  // namespace countersign::contracts
