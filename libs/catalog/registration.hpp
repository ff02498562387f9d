#pragma once

// check_registration: whether two people have consented to a document about people, before it is written down.
//
// Stricter than belief (trust.hpp): who signs must be in office and use a key of today. What passes here would be believed.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/trust.hpp"

namespace countersign::catalog {

// The signatures as rows of core.signature. Refuses with signatures_insufficient; the detail says what is wrong with each.
base::Result<std::vector<ChangeSignature>> check_registration(const Document& document, const std::vector<std::string>& signatures,
                                                              const TrustMaterial& material, const Founders& founders,
                                                              std::string_view environment);

// Where belief begins as far as the database itself can tell: the documents that came without signatures. Good enough to advise an
// operator; services ask their founders file.
Founders founders_by_bootstrap(const TrustMaterial& material);

}  // namespace countersign::catalog
