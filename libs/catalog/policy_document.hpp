#pragma once

// Policy document: from JSON to policy::Policy. The refusal lists every mistake.

#include "base/result.hpp"
#include "catalog/document.hpp"
#include "policy/policy.hpp"

namespace countersign::catalog {

// A policy document as the policy room wants it. Refuses with policy_invalid; the detail lists every mistake, find_faults() included.
base::Result<policy::Policy> parse_policy(const Document& document);

}  // namespace countersign::catalog
