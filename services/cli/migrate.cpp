#include "cli/migrate.hpp"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/secret_line.hpp"
#include "cli/exit_codes.hpp"
#include "postgres/migrator.hpp"
#include "schema/schema.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;

// Another migrator may be at work, and a migration may rewrite a table.
postgres::ConnectionSettings patient(const Reach& reach) {
  auto settings = database_settings(reach);
  settings.statement_timeout = std::chrono::minutes{30};
  settings.lock_timeout = std::chrono::seconds{0};
  settings.idle_in_transaction_timeout = std::chrono::minutes{5};
  settings.client_deadline = std::chrono::minutes{31};
  return settings;
}

std::map<std::string, base::Secret> read_passwords(const std::string& folder) {
  std::map<std::string, base::Secret> passwords;
  std::string missing;
  for (const auto& service : schema::services()) {
    try {
      passwords.emplace(service, base::read_secret_line(std::filesystem::path(folder) / service, "the password file"));
    } catch (const base::Misconfigured& mistake) {
      missing += std::string(missing.empty() ? "" : "\n") + mistake.what();
    }
  }
  if (!missing.empty()) throw base::Misconfigured(missing + "\nHint: --passwords names a folder with one file per service");
  return passwords;
}

std::vector<std::string> titles(const std::vector<postgres::Migration>& migrations) {
  std::vector<std::string> all;
  for (const auto& migration : migrations) all.push_back(migration.title());
  return all;
}

}  // namespace

int migrate(const Reach& reach, const MigrateWish& wish, const Console& console) {
  if (wish.dry_run) {
    auto session = open_database(patient(reach));
    const auto pending = titles(postgres::Migrator::pending(session, schema::all_migrations()));
    console.give({{"pending", pending}});
    for (const auto& title : pending) console.say("would apply " + title);
    if (pending.empty()) console.say("The schema is up to date.");
    return exit_well;
  }
  const auto passwords = read_passwords(wish.passwords);
  auto session = open_database(patient(reach));
  schema::ensure_roles(session, [&](const std::string& service) { return passwords.at(service); });
  const auto applied = titles(postgres::Migrator::apply(session, schema::all_migrations()));

  std::vector<std::string> roles;
  for (const auto& service : schema::services()) roles.push_back(schema::role_of(service));
  console.give({{"roles", roles}, {"applied", applied}});
  for (const auto& role : roles) console.say("role     " + role);
  for (const auto& title : applied) console.say("applied  " + title);
  if (applied.empty()) console.say("The schema was up to date.");
  return exit_well;
}

}  // namespace countersign::cli
