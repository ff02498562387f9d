#pragma once

// Documents as they lie in the database: kind, tenant, name, version, body, digest from column `first` on.

#include "base/result.hpp"
#include "catalog/document.hpp"
#include "postgres/rows.hpp"

namespace countersign::catalog {

// A row whose body is another document than the row says, or whose digest is not its body's, was changed behind the applier's back. Refuses
// with configuration_unreadable.
base::Result<Document> read_document_row(const postgres::Row& row, std::size_t first);

}  // namespace countersign::catalog
