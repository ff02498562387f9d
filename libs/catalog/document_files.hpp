#pragma once

// Documents in files, checked as far as that is possible without a database.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/document.hpp"

namespace countersign::catalog {

struct SourcedDocument {
  std::string file;
  Document document;
};

// Refuses with document_malformed, kind_unknown, schema_violated, or what the parser of its kind refuses with.
base::Result<Document> read_document_file(const std::filesystem::path& path);

// Every *.json file in `directory` and below. Refuses with documents_invalid; the detail has a line per mistake, with its file.
base::Result<std::vector<SourcedDocument>> read_directory(const std::filesystem::path& directory);

}  // namespace countersign::catalog
