#include "catalog/document_applier.hpp"

#include <map>
#include <set>
#include <tuple>

#include "catalog/cross_references.hpp"
#include "catalog/document_check.hpp"
#include "catalog/registration.hpp"
#include "catalog/sql.hpp"

namespace countersign::catalog {

namespace {

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;
using Key = std::tuple<std::string, std::string, std::string>;  // tenant, kind, name

Key key_of(const Document& document) { return {document.tenant, document.kind, document.name}; }

tl::unexpected<base::Refusal> refuse_all(const char* code, const Lines& mistakes) {
  std::string text;
  for (const auto& line : mistakes) text += (text.empty() ? "" : "\n") + line;
  return base::refuse(code, text);
}

// One array per column, as the statements want them.
struct Columns {
  std::vector<std::string> tenants, kinds, names, bodies, digests;
  std::vector<std::int64_t> versions;

  void add(const Document& document) {
    tenants.push_back(document.tenant);
    kinds.push_back(document.kind);
    names.push_back(document.name);
    versions.push_back(document.version);
    bodies.push_back(document.body.text());
    digests.push_back(document.digest);
  }
  postgres::Parameters keys() const { return std::move(postgres::Parameters{}.add(tenants).add(kinds).add(names).add(versions)); }
};

std::vector<Document> read_active(const postgres::Rows& rows, Lines& mistakes) {
  std::vector<Document> active;
  for (const auto row : rows) {
    if (!row.get<std::optional<std::string>>(1)) continue;
    auto document = read_document(row.get<std::string>(5));
    if (document) {
      active.push_back(std::move(*document));
    } else {
      mistakes.push_back("in the database: " + document.error().detail);
    }
  }
  return active;
}

// What the files change, compared with the database.
struct Change {
  std::vector<const SourcedDocument*> fresh;
  std::vector<const Document*> activated;
  std::vector<Document> configuration;  // as it will be
};

Lines find_rewritten(const std::vector<SourcedDocument>& documents, const postgres::Rows& known, Change& change) {
  std::map<std::pair<Key, std::int64_t>, std::string> digests;
  for (const auto row : known)
    digests[{{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)}, row.get<std::int64_t>(3)}] =
        row.get<std::string>(4);
  Lines mistakes;
  for (const auto& sourced : documents) {
    const auto found = digests.find({key_of(sourced.document), sourced.document.version});
    if (found == digests.end()) {
      change.fresh.push_back(&sourced);
    } else if (found->second != sourced.document.digest) {
      mistakes.push_back(sourced.file + ": " + sourced.document.label() + " exists with other content; give the change a new version");
    }
  }
  return mistakes;
}

void find_activated(const std::vector<Document>& active, Change& change) {
  std::map<Key, const Document*> newest;
  for (const auto& document : active) newest[key_of(document)] = &document;
  std::set<Key> moved;
  for (const auto* sourced : change.fresh) {
    const Document*& best = newest[key_of(sourced->document)];
    if (best != nullptr && best->version >= sourced->document.version) continue;
    best = &sourced->document;
    moved.insert(key_of(sourced->document));
  }
  for (const auto& [key, document] : newest) {
    change.configuration.push_back(*document);
    if (moved.contains(key)) change.activated.push_back(document);
  }
}

Lines name_dangling(const std::vector<SourcedDocument>& documents, const std::vector<Document>& configuration) {
  Lines mistakes;
  for (const auto& [document, sentence] : find_dangling_references(configuration)) {
    std::string where = document->label();
    for (const auto& sourced : documents)
      if (key_of(sourced.document) == key_of(*document) && sourced.document.version == document->version) where = sourced.file;
    mistakes.push_back(where + ": " + sentence);
  }
  return mistakes;
}

// Documents about people for tenants that have two people already, and nobody's signature.
Lines find_unsigned(const Change& change, const postgres::Rows& people) {
  std::map<std::string, std::int64_t> registered;
  for (const auto row : people) registered[row.get<std::string>(0)] = row.get<std::int64_t>(1);
  Lines lines;
  for (const auto* sourced : change.fresh) {
    const Document& document = sourced->document;
    if (about_people(document.kind) && registered[document.tenant] >= 2)
      lines.push_back(sourced->file + ": " + document.label() + " needs the signatures of two people of " + document.tenant +
                      "; have them sign it and give it to `countersign " + (document.kind == "person" ? "people" : "issuers") +
                      " register`");
  }
  return lines;
}

ApplyReport report_of(const std::vector<SourcedDocument>& documents, const Change& change, std::int64_t revision) {
  ApplyReport report;
  report.revision = revision;
  std::set<const SourcedDocument*> fresh(change.fresh.begin(), change.fresh.end());
  for (const auto& sourced : documents) (fresh.contains(&sourced) ? report.applied : report.unchanged).push_back(sourced.document.label());
  for (const auto* document : change.activated) report.activated.push_back(document->label());
  return report;
}

postgres::Parameters columns_of(const std::vector<ChangeSignature>& signatures) {
  std::vector<std::string> tenants, kinds, names, people, tokens;
  std::vector<std::int64_t> versions;
  for (const auto& signature : signatures) {
    tenants.push_back(signature.tenant);
    kinds.push_back(signature.kind);
    names.push_back(signature.name);
    versions.push_back(signature.version);
    people.push_back(signature.person);
    tokens.push_back(signature.jws);
  }
  return std::move(postgres::Parameters{}.add(tenants).add(kinds).add(names).add(versions).add(people).add(tokens));
}

// In the transaction that holds the configuration. Returns the new revision.
std::int64_t write_change(postgres::Transaction& transaction, const Change& change, const std::vector<ChangeSignature>& signatures,
                          const std::string& actor) {
  Columns fresh, activated;
  for (const auto* sourced : change.fresh) fresh.add(sourced->document);
  for (const auto* document : change.activated) activated.add(*document);
  transaction.queue(sql::insert_documents, fresh.keys().add(fresh.bodies).add(fresh.digests));
  transaction.queue(sql::activate_documents, activated.keys());
  const std::int64_t revision = transaction.execute(sql::bump_revision)[0].get<std::int64_t>(0);
  transaction.queue(sql::record_applied, postgres::Parameters{}
                                             .add(revision)
                                             .add(fresh.tenants)
                                             .add(fresh.kinds)
                                             .add(fresh.names)
                                             .add(fresh.versions)
                                             .add(fresh.digests)
                                             .add(actor));
  if (!signatures.empty()) transaction.queue(sql::insert_signatures, columns_of(signatures));
  transaction.queue(sql::audit_applied, postgres::Parameters{}.add(revision));
  return revision;
}

}  // namespace

base::Result<ApplyReport> DocumentApplier::apply(const fs::path& directory, const std::string& actor) {
  auto documents = read_directory(directory);
  if (!documents) return tl::unexpected(std::move(documents.error()));
  return write(*documents, {}, actor);
}

base::Result<ApplyReport> DocumentApplier::register_signed(const Document& document, const std::vector<std::string>& signatures,
                                                           const std::string& environment, const std::string& actor,
                                                           const std::optional<Founders>& founders) {
  if (!about_people(document.kind)) return base::refuse("documents_invalid", document.label() + " is not about people: apply it");
  if (auto fine = check_document(document); !fine) return base::refuse("documents_invalid", fine.error().detail);
  const auto material = load_trust_material(session_);
  const auto rows = check_registration(document, signatures, material, founders ? *founders : founders_by_bootstrap(material), environment);
  if (!rows) return tl::unexpected(rows.error());
  return write({{document.label(), document}}, *rows, actor);
}

base::Result<ApplyReport> DocumentApplier::write(const std::vector<SourcedDocument>& documents,
                                                 const std::vector<ChangeSignature>& signatures, const std::string& actor) {
  static const std::vector<std::string> kinds(all_kinds.begin(), all_kinds.end());
  Columns given;
  for (const auto& sourced : documents) given.add(sourced.document);
  postgres::Transaction transaction(session_);
  const std::int64_t revision = transaction.execute(sql::lock_configuration)[0].get<std::int64_t>(0);
  const auto digests = transaction.queue(sql::find_document_digests, given.keys());
  const auto rows = transaction.queue(sql::load_active_documents, postgres::Parameters{}.add(kinds));
  const auto people = transaction.queue(sql::count_people);
  transaction.flush();

  Change change;
  Lines mistakes = find_rewritten(documents, transaction.take(digests), change);
  find_activated(read_active(transaction.take(rows), mistakes), change);
  for (auto& line : name_dangling(documents, change.configuration)) mistakes.push_back(std::move(line));
  const Lines missing = signatures.empty() ? find_unsigned(change, transaction.take(people)) : Lines{};
  if (mistakes.empty() && !missing.empty()) return refuse_all("needs_signatures", missing);
  mistakes.insert(mistakes.end(), missing.begin(), missing.end());
  if (!mistakes.empty()) return refuse_all("documents_invalid", mistakes);
  if (change.fresh.empty() && signatures.empty()) return report_of(documents, change, revision);
  const std::int64_t now = write_change(transaction, change, signatures, actor);
  transaction.commit();
  return report_of(documents, change, now);
}

}  // namespace countersign::catalog
