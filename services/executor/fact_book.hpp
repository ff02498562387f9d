#pragma once

// FactBook: what the executor knows about one ticket, in the forms in which plans may refer to it and rules may ask for it.
//
// A ticket field is as good as the realm says; the requester's id as good as its authentication; a part of a read's result as good as its
// manifest says and the worst argument of the read allows, and only while the manifest is the one it was read under.
//
// Threads    Immutable; belongs to the batch its case was loaded in.
// Ownership  Borrows the snapshot and the case; the reader it gives borrows the book.

#include "catalog/catalog.hpp"
#include "domain/source.hpp"
#include "executor/case.hpp"
#include "policy/facts.hpp"

namespace countersign::executor {

// The action that the facts are about.
struct Action {
  const catalog::ToolManifest& manifest;
  const domain::Value& arguments;
  const domain::OriginMap& origins;
  std::optional<base::Money> amount;
};

class FactBook {
 public:
  FactBook(const catalog::Snapshot& snapshot, const TicketCase& one);

  domain::SourceReader reader() const;
  policy::Facts facts(const Action& action) const;

 private:
  base::Result<domain::Sourced> read_ticket(const domain::Pointer& pointer) const;
  base::Result<domain::Sourced> read_evidence(const std::string& step, const domain::Pointer& pointer) const;
  base::Result<domain::Sourced> read_constant(const std::string& id) const;
  bool read_under_present_manifest(const Evidence& evidence) const;
  std::vector<domain::Pointer> trusted_parts(const Evidence& evidence) const;
  domain::Origin ticket_origin(std::string_view pointer) const;
  domain::OriginMap ticket_origins() const;

  const catalog::Snapshot& snapshot_;
  const TicketCase& case_;
  const catalog::Realm* realm_;
  domain::Value ticket_;                 // {requester, actor, instruction, subject, text, fields}
  std::vector<domain::Value> evidence_;  // results, in the case's order
};

}  // namespace countersign::executor
