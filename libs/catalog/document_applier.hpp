#pragma once

// DocumentApplier: brings a directory of configuration documents into the database, all or nothing.
//
// A document of a known version must be the same as before; the highest version of each name becomes the active one. References between
// documents are checked against the configuration as it will be: the files and what is active already.
//
// Promise    After a refusal nothing has changed. Two appliers at once take turns.
// Failure    Refuses with documents_invalid; the detail has a line per mistake, with its file. Throws what Session throws.
// Threads    One thread.
// Ownership  Borrows the session, whose role must be allowed to write the schema core.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/document.hpp"
#include "postgres/session.hpp"

namespace countersign::catalog {

struct ApplyReport {
  std::int64_t revision = 0;           // after; unchanged when nothing was new
  std::vector<std::string> applied;    // labels of documents that are new
  std::vector<std::string> unchanged;  // known already
  std::vector<std::string> activated;  // what changed its active version
};

struct SourcedDocument {
  std::string file;
  Document document;
};

class DocumentApplier {
 public:
  explicit DocumentApplier(postgres::Session& session) : session_(session) {}

  // Every *.json file in `directory` and below.
  base::Result<ApplyReport> apply(const std::filesystem::path& directory, const std::string& actor = "bootstrap");

 private:
  base::Result<ApplyReport> write(const std::vector<SourcedDocument>& documents, const std::string& actor);

  postgres::Session& session_;
};

// The checks that need no database, over the files alone (countersign check-config).
base::Result<std::vector<SourcedDocument>> read_directory(const std::filesystem::path& directory);

}  // namespace countersign::catalog
