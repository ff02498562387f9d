#include "catalog/document_applier.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "catalog/catalog.hpp"
#include "catalog/cross_references.hpp"
#include "catalog/policy_document.hpp"
#include "catalog/sql.hpp"

namespace countersign::catalog {

namespace {

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;
using Key = std::tuple<std::string, std::string, std::string>;  // tenant, kind, name

Key key_of(const Document& document) { return {document.tenant, document.kind, document.name}; }

tl::unexpected<base::Refusal> refuse_all(const Lines& mistakes) {
  std::string text;
  for (const auto& line : mistakes) text += (text.empty() ? "" : "\n") + line;
  return base::refuse("documents_invalid", text);
}

base::Result<void> check_by_parser(const Document& document) {
  const auto drop = [](const auto& parsed) -> base::Result<void> {
    if (!parsed) return tl::unexpected(parsed.error());
    return {};
  };
  if (document.kind == "tenant") return drop(parse_tenant(document));
  if (document.kind == "realm") return drop(parse_realm(document));
  if (document.kind == "constant") return drop(parse_constant(document));
  if (document.kind == "endpoint") return drop(parse_endpoint(document));
  if (document.kind == "tool") return drop(parse_tool_manifest(document));
  if (document.kind == "playbook") return drop(parse_playbook(document));
  return drop(parse_policy(document));
}

base::Result<Document> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::refuse("document_malformed", "the file cannot be read");
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  auto document = read_document(bytes);
  if (!document) return document;
  if (auto fine = check_by_parser(*document); !fine) return tl::unexpected(std::move(fine.error()));
  return document;
}

std::vector<fs::path> json_files(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    if (entry.is_regular_file() && entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
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

ApplyReport report_of(const std::vector<SourcedDocument>& documents, const Change& change, std::int64_t revision) {
  ApplyReport report;
  report.revision = revision;
  std::set<const SourcedDocument*> fresh(change.fresh.begin(), change.fresh.end());
  for (const auto& sourced : documents) (fresh.contains(&sourced) ? report.applied : report.unchanged).push_back(sourced.document.label());
  for (const auto* document : change.activated) report.activated.push_back(document->label());
  return report;
}

// In the transaction that holds the configuration. Returns the new revision.
std::int64_t write_change(postgres::Transaction& transaction, const Change& change, const std::string& actor) {
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
  return revision;
}

}  // namespace

base::Result<std::vector<SourcedDocument>> read_directory(const fs::path& directory) {
  std::vector<SourcedDocument> documents;
  Lines mistakes;
  std::error_code error;
  if (!fs::is_directory(directory, error)) return base::refuse("documents_invalid", directory.string() + " is not a directory");
  std::map<std::pair<Key, std::int64_t>, std::string> seen;
  for (const auto& path : json_files(directory)) {
    const std::string file = fs::relative(path, directory).string();
    auto document = read_file(path);
    if (!document) {
      mistakes.push_back(file + ": " + document.error().detail);
      continue;
    }
    const auto [first, fresh] = seen.try_emplace({key_of(*document), document->version}, file);
    if (!fresh) mistakes.push_back(file + ": " + document->label() + " is in " + first->second + " as well");
    documents.push_back({file, std::move(*document)});
  }
  if (documents.empty() && mistakes.empty()) mistakes.push_back(directory.string() + " holds no .json file");
  if (!mistakes.empty()) return refuse_all(mistakes);
  return documents;
}

base::Result<ApplyReport> DocumentApplier::apply(const fs::path& directory, const std::string& actor) {
  auto documents = read_directory(directory);
  if (!documents) return tl::unexpected(std::move(documents.error()));
  return write(*documents, actor);
}

base::Result<ApplyReport> DocumentApplier::write(const std::vector<SourcedDocument>& documents, const std::string& actor) {
  static const std::vector<std::string> kinds{"tenant", "realm", "constant", "endpoint", "tool", "policy", "playbook"};
  Columns given;
  for (const auto& sourced : documents) given.add(sourced.document);
  postgres::Transaction transaction(session_);
  const std::int64_t revision = transaction.execute(sql::lock_configuration)[0].get<std::int64_t>(0);
  const auto digests = transaction.queue(sql::find_document_digests, given.keys());
  const auto rows = transaction.queue(sql::load_active_documents, postgres::Parameters{}.add(kinds));
  transaction.flush();

  Change change;
  Lines mistakes = find_rewritten(documents, transaction.take(digests), change);
  find_activated(read_active(transaction.take(rows), mistakes), change);
  for (auto& line : name_dangling(documents, change.configuration)) mistakes.push_back(std::move(line));
  if (!mistakes.empty()) return refuse_all(mistakes);
  if (change.fresh.empty()) return report_of(documents, change, revision);
  const std::int64_t now = write_change(transaction, change, actor);
  transaction.commit();
  return report_of(documents, change, now);
}

}  // namespace countersign::catalog
