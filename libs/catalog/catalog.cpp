#include "catalog/catalog.hpp"

#include <nlohmann/json.hpp>

#include "catalog/document_row.hpp"
#include "catalog/sql.hpp"

namespace countersign::catalog {

namespace {

constexpr const char* unreadable = "configuration_unreadable";

base::Result<std::shared_ptr<const Snapshot>> read_snapshot(const postgres::Rows& rows) {
  std::vector<Document> documents;
  std::string mistakes;
  for (const auto row : rows) {
    if (!row.get<std::optional<std::string>>(1)) continue;
    auto document = read_document_row(row, 1);
    if (document) {
      documents.push_back(std::move(*document));
    } else {
      mistakes += (mistakes.empty() ? "" : "\n") + document.error().detail;
    }
  }
  if (!mistakes.empty()) return base::refuse(unreadable, mistakes);
  if (rows.empty()) return base::refuse(unreadable, "core.configuration has no row");
  return Snapshot::make(rows[0].get<std::int64_t>(0), documents);
}

}  // namespace

Catalog::Catalog(std::vector<std::string> kinds) : kinds_(std::move(kinds)) {}

std::shared_ptr<const Snapshot> Catalog::current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

bool Catalog::ready() const {
  std::lock_guard lock(mutex_);
  return ready_;
}

base::Result<bool> Catalog::refresh(postgres::Session& session) {
  const auto known = current();
  const auto revision = session.execute(sql::read_revision);
  if (known && ready() && !revision.empty() && revision[0].get<std::int64_t>(0) == known->revision()) return false;
  return accept(read_snapshot(session.execute(sql::load_active_documents, postgres::Parameters{}.add(kinds_))));
}

base::Result<bool> Catalog::accept(base::Result<std::shared_ptr<const Snapshot>> loaded) {
  std::lock_guard lock(mutex_);
  ready_ = loaded.has_value();
  if (!loaded) return tl::unexpected(std::move(loaded.error()));
  current_ = std::move(*loaded);
  return true;
}

}  // namespace countersign::catalog
