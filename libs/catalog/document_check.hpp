#pragma once

// check_document: the parser of the document's kind, for whoever only wants to know whether it has anything to say against it.

#include "base/result.hpp"
#include "catalog/document.hpp"

namespace countersign::catalog {

base::Result<void> check_document(const Document& document);

}  // namespace countersign::catalog
