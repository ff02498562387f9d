#pragma once

// DocumentApplier: brings a directory of configuration documents into the database, all or nothing.
//
// A document of a known version must be the same as before; the highest version of each name becomes the active one. References between
// documents are checked against the configuration as it will be: the files and what is active already.
//
// People and issuers decide over money, so a tenant's first two people are taken as they come, and every document about people after that
// needs two of them to sign: apply() refuses it with needs_signatures, and register_signed() takes it with its signatures.
//
// Promise    After a refusal nothing has changed. Two appliers at once take turns.
// Failure    Refuses with documents_invalid; the detail has a line per mistake, with its file. needs_signatures: people who are not the
// first
//            two, and nothing else is wrong. Throws what Session throws.
// Threads    One thread.
// Ownership  Borrows the session, whose role must be allowed to write the schema core.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/document_files.hpp"
#include "catalog/trust.hpp"
#include "postgres/session.hpp"

namespace countersign::catalog {

struct ApplyReport {
  std::int64_t revision = 0;           // after; unchanged when nothing was new
  std::vector<std::string> applied;    // labels of documents that are new
  std::vector<std::string> unchanged;  // known already
  std::vector<std::string> activated;  // what changed its active version
};

class DocumentApplier {
 public:
  explicit DocumentApplier(postgres::Session& session) : session_(session) {}

  // Every *.json file in `directory` and below.
  base::Result<ApplyReport> apply(const std::filesystem::path& directory, const std::string& actor = "bootstrap");

  // One document about people with the consent of two others (compact JWS, type change+jwt). `founders`: where belief begins; without it
  // the documents that came without signatures. Refuses with documents_invalid, or signatures_insufficient when the two do not suffice.
  base::Result<ApplyReport> register_signed(const Document& document, const std::vector<std::string>& signatures,
                                            const std::string& environment, const std::string& actor,
                                            const std::optional<Founders>& founders = std::nullopt);

 private:
  base::Result<ApplyReport> write(const std::vector<SourcedDocument>& documents, const std::vector<ChangeSignature>& signatures,
                                  const std::string& actor);

  postgres::Session& session_;
};

}  // namespace countersign::catalog
