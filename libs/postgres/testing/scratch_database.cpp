#include "postgres/testing/scratch_database.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace countersign::postgres::testing {

namespace {

constexpr Statement lock_templates{"lock_templates", "SELECT pg_advisory_lock(hashtext('countersign templates'))::text"};
constexpr Statement unlock_templates{"unlock_templates", "SELECT pg_advisory_unlock(hashtext('countersign templates'))"};
constexpr Statement find_database{"find_database", "SELECT FROM pg_database WHERE datname = $1::text"};

ConnectionSettings patient(const std::string& conninfo) {
  ConnectionSettings settings;
  settings.conninfo = conninfo;
  settings.application_name = "scratch";
  settings.statement_timeout = settings.lock_timeout = settings.idle_in_transaction_timeout = std::chrono::minutes{1};
  settings.client_deadline = std::chrono::minutes{2};
  return settings;
}

// FNV-1a over everything that shapes the template.
std::string template_name(const Blueprint& blueprint) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto mix = [&hash](const std::string& text) {
    for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
    hash = (hash ^ 0xff) * 0x100000001b3;  // so that "ab","c" and "a","bc" differ
  };
  mix(blueprint.name);
  for (const auto& migration : blueprint.migrations) {
    mix(migration.title());
    mix(migration.sql);
  }
  for (const auto& [key, value] : blueprint.substitutions) {
    mix(key);
    mix(value);
  }
  return "countersign_template_" + std::to_string(hash);
}

void fill_template(const Blueprint& blueprint, const std::string& conninfo) {
  Session session(patient(conninfo));
  if (blueprint.before) blueprint.before(session);
  if (!blueprint.migrations.empty()) Migrator::apply(session, blueprint.migrations, blueprint.substitutions);
  if (blueprint.after) blueprint.after(session);
}

// Filled under another name first: a template that exists is complete, whoever was killed while making it.
void ensure_template(Session& admin, const Blueprint& blueprint, const std::string& name, const ScratchServer& server) {
  admin.execute(lock_templates);  // ends with the session, if something throws
  if (admin.execute(find_database, Parameters{}.add(name)).empty()) {
    const std::string unfinished = name + "_unfinished";
    admin.execute_script("DROP DATABASE IF EXISTS " + unfinished + " WITH (FORCE)");
    admin.execute_script("CREATE DATABASE " + unfinished + " TEMPLATE template0");
    fill_template(blueprint, server.conninfo(unfinished));
    admin.execute_script("ALTER DATABASE " + unfinished + " RENAME TO " + name);
  }
  admin.execute(unlock_templates);
}

}  // namespace

ScratchDatabase::ScratchDatabase(const Blueprint& blueprint, ScratchServer& server) : server_(server) {
  static std::atomic<int> count{0};
  Session admin(patient(server_.admin_conninfo()));
  const std::string from = template_name(blueprint);
  ensure_template(admin, blueprint, from, server_);
  name_ = "countersign_scratch_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  admin.execute_script("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  admin.execute_script("CREATE DATABASE " + name_ + " TEMPLATE " + from);
}

ScratchDatabase::~ScratchDatabase() {
  try {
    Session admin(patient(server_.admin_conninfo()));
    admin.execute_script("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {  // a test may have crashed the server, and a private one is removed as a whole
  }
}

ConnectionSettings ScratchDatabase::settings() const {
  ConnectionSettings settings;
  settings.conninfo = server_.conninfo(name_);
  return settings;
}

ConnectionSettings ScratchDatabase::settings_of(const std::string& role, const std::string& password) const {
  ConnectionSettings settings;
  settings.conninfo = with_option(with_option(server_.conninfo(name_), "user", role), "password", password);
  return settings;
}

}  // namespace countersign::postgres::testing
