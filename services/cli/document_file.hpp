#pragma once

// One configuration document from one file, and short files of text. Throw BadInput that names the file.

#include <string>

#include "catalog/document.hpp"

namespace countersign::cli {

catalog::Document read_document_file(const std::string& file);
// Without white space at its end. A folder, an empty file and more than 4 MiB are refused.
std::string read_text_file(const std::string& file);

}  // namespace countersign::cli
