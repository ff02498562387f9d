#pragma once

// Document: one version of one piece of configuration, immutable by (tenant, kind, name, version).
//
// `tenant` is "*" for what belongs to no tenant or to all.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "contracts/json.hpp"

namespace countersign::catalog {

inline constexpr std::array all_kinds{"tenant",   "realm", "constant", "endpoint", "tool",     "policy",
                                      "playbook", "floor", "person",   "issuer",   "template", "mailbox"};
// Who may decide: these take effect by being believed (trust.hpp), not by being applied.
bool about_people(std::string_view kind);

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
