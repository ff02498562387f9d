#include "catalog/document_row.hpp"

#include <string>

namespace countersign::catalog {

base::Result<Document> read_document_row(const postgres::Row& row, std::size_t first) {
  const auto text = [&](std::size_t column) { return row.get<std::string>(first + column); };
  const std::string label = text(0) + " " + text(1) + "/" + text(2);
  auto document = read_document(text(4));
  if (!document) return base::refuse("configuration_unreadable", label + ": " + document.error().detail);
  const bool itself = document->kind == text(0) && document->tenant == text(1) && document->name == text(2) &&
                      document->version == row.get<std::int64_t>(first + 3) && document->digest == text(5);
  if (!itself) return base::refuse("configuration_unreadable", label + ": the row and its body or digest disagree");
  return document;
}

}  // namespace countersign::catalog
