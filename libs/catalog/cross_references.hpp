#pragma once

// find_dangling_references: what documents say about each other that is not so.

#include <string>
#include <utility>
#include <vector>

#include "catalog/document.hpp"

namespace countersign::catalog {

struct DanglingReference {
  const Document* document;
  std::string sentence;
};

// `documents`: the whole configuration as it will be, one version of each, all of which parse.
//
// Tenants that are named exist; a playbook's tools, arguments and constants exist for its tenant; a policy's tools exist, and those it
// takes evidence from are reads whose arguments and the action's are as the rule says.
std::vector<DanglingReference> find_dangling_references(const std::vector<Document>& documents);

}  // namespace countersign::catalog
