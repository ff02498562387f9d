#pragma once

// Document: one version of one piece of configuration, immutable by (tenant, kind, name, version).
//
// Kinds: tenant, realm, constant, endpoint, tool, policy, playbook. `tenant` is "*" for what belongs to no tenant or to all.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "contracts/json.hpp"

namespace countersign::catalog {

struct Document {
  std::string kind;
  std::string tenant;
  std::string name;
  std::int64_t version = 0;
  contracts::Json body;
  std::string digest;  // SHA-256 of the canonical body, hex

  std::string label() const;  // "tool acme/issue_refund@3", for people
};

// Guarded reading, then the schema of its kind. Refuses with document_malformed, kind_unknown, schema_violated.
base::Result<Document> read_document(std::string_view bytes);

}  // namespace countersign::catalog
