#pragma once

// Floor document: from JSON to what policy::raise_to_floor asks.

#include <nlohmann/json_fwd.hpp>

#include "base/result.hpp"
#include "catalog/document.hpp"
#include "catalog/mistakes.hpp"
#include "policy/floor.hpp"

namespace countersign::catalog {

// Demands are named "floor.NAME.1", "floor.NAME.2", … in the order of the document. Refuses with document_invalid; the detail lists every
// mistake.
base::Result<policy::Floor> parse_floor(const Document& document);

// {"roles":[{"role":…, "people"?:…}], "quorum"?:…, "expires_after_s"?: … | "never"}, as rules and floors have it.
domain::Duties read_duties(const nlohmann::json& body);

}  // namespace countersign::catalog
