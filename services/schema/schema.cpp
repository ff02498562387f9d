#include "schema/schema.hpp"

#include "approval/migrations.hpp"
#include "audit/migrations.hpp"
#include "catalog/migrations.hpp"
#include "executor/migrations.hpp"
#include "outbox/migrations.hpp"
#include "pipeline/migrations.hpp"
#include "planner/migrations.hpp"
#include "postgres/migrations.hpp"
#include "postgres/roles.hpp"

namespace countersign::schema {

namespace {

using Migrations = std::vector<postgres::Migration>;

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) text.replace(at, what.size(), with);
}

void append(Migrations& to, const Migrations& from) { to.insert(to.end(), from.begin(), from.end()); }

void append_for(Migrations& to, const Migrations& from, const std::string& service, const std::string& room) {
  for (auto migration : from) {
    migration.room = room;
    replace_all(migration.sql, "{{schema}}", service);
    replace_all(migration.sql, "{{role}}", role_of(service));
    replace_all(migration.sql, "{{relay_role}}", role_of("outbox"));
    to.push_back(std::move(migration));
  }
}

}  // namespace

const std::vector<std::string>& services() {
  static const std::vector<std::string> all{"planner", "executor", "approval", "outbox"};
  return all;
}

std::string role_of(const std::string& service) { return "countersign_" + service; }

std::vector<postgres::Migration> all_migrations() {
  Migrations all;
  append(all, postgres::migrations());
  append(all, catalog::migrations());
  append(all, audit::migrations());
  const std::vector<std::pair<std::string, Migrations>> own{{"planner", planner::migrations()},
                                                            {"executor", executor::migrations()},
                                                            {"approval", approval::migrations()},
                                                            {"outbox", outbox::migrations()}};
  for (const auto& [service, migrations] : own) {
    append_for(all, pipeline::migrations(), service, service + ".core");
    append_for(all, migrations, service, service);
  }
  return all;
}

void ensure_roles(postgres::Session& admin, const std::function<base::Secret(const std::string& service)>& password_of) {
  admin.execute_script(
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_service') THEN "
      "CREATE ROLE countersign_service NOLOGIN; END IF; END $$");
  for (const auto& service : services()) {
    postgres::ensure_login_role(admin, role_of(service), password_of(service));
    admin.execute_script("GRANT countersign_service TO " + role_of(service));
  }
}

}  // namespace countersign::schema
