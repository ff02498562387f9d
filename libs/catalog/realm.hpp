#pragma once

// Tenant, Realm, Constant: who there is, what outsiders' topics may carry, and values that people maintain.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/document.hpp"

namespace countersign::catalog {

struct Tenant {
  std::string name;
  std::int64_t version = 0;
  std::string display_name;
};

struct Realm {
  std::string name;
  std::int64_t version = 0;
  std::vector<std::string> tenants;
  bool requester_authenticated = false;      // what its sources say about the requester's authentication counts
  std::vector<std::string> verified_fields;  // ticket pointers that its sources verify
  bool actor_authenticated = false;          // what its sources say about who acts counts

  bool carries(std::string_view tenant) const;
  bool verifies(std::string_view ticket_pointer) const;  // the pointer is listed or lies below a listed one
  std::string topic(std::string_view base) const;        // "tickets" or "tickets.NAME"
};

struct Constant {
  std::string tenant;
  std::string name;
  std::int64_t version = 0;
  contracts::Json value;
};

// Refuse with document_invalid; the detail lists every mistake.
base::Result<Tenant> parse_tenant(const Document& document);
base::Result<Realm> parse_realm(const Document& document);
base::Result<Constant> parse_constant(const Document& document);

}  // namespace countersign::catalog
