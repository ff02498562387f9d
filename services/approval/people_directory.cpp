#include "approval/people_directory.hpp"

#include "approval/sql.hpp"
#include "base/errors.hpp"

namespace countersign::approval {

PeopleDirectory::PeopleDirectory(catalog::Founders founders, std::string environment, telemetry::Telemetry telemetry)
    : founders_(std::move(founders)),
      environment_(std::move(environment)),
      log_(telemetry.log),
      doubted_(telemetry.metrics.gauge("doubted_documents", "Documents about people and issuers that are there and not believed.")) {}

void PeopleDirectory::refresh(postgres::Session& session) {
  // Before the material, so that what changes in between is read once more rather than missed.
  const auto revision = session.execute(sql::find_configuration_revision)[0].get<std::int64_t>(0);
  const auto known = current();
  if (known && known->revision == revision) return;
  auto material = catalog::load_trust_material(session);
  material.keep(material_);
  auto read = std::make_shared<BelievedPeople>();
  read->directory = catalog::Directory::believe(material, founders_, environment_);
  read->revision = revision;
  material_ = std::move(material);
  report(read->directory);
  std::lock_guard lock(mutex_);
  current_ = std::move(read);
}

void PeopleDirectory::report(const catalog::Directory& directory) {
  std::set<std::string> doubts;
  for (const auto& doubt : directory.doubts()) {
    doubts.insert(doubt.label + ": " + doubt.reason);
    if (!reported_.contains(doubt.label + ": " + doubt.reason))
      log_.warning("document_not_believed", {{"document", doubt.label}, {"reason", doubt.reason}});
  }
  for (const auto& sentence : material_.unreadable) {
    doubts.insert(sentence);
    if (!reported_.contains(sentence)) log_.warning("document_not_believed", {{"document", sentence}, {"reason", "unreadable"}});
  }
  doubted_.set(static_cast<double>(doubts.size()));
  reported_ = std::move(doubts);
}

std::shared_ptr<const BelievedPeople> PeopleDirectory::current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

std::shared_ptr<const BelievedPeople> PeopleDirectory::get_fresh(postgres::Transaction& transaction) const {
  auto known = current();
  const auto revision = transaction.execute(sql::find_configuration_revision)[0].get<std::int64_t>(0);
  if (!known || known->revision != revision) throw base::Unavailable("the people of this configuration have not been read yet");
  return known;
}

}  // namespace countersign::approval
