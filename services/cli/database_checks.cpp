#include "cli/database_checks.hpp"

#include <cmath>

#include "base/clock.hpp"
#include "catalog/catalog.hpp"
#include "cli/sql.hpp"
#include "postgres/migrator.hpp"
#include "schema/schema.hpp"

namespace countersign::cli {

namespace {

constexpr std::int64_t oldest_server = 150000;
constexpr double most_clock_difference = 1.0;  // seconds
constexpr double patience_with_waiting = 30;   // seconds
constexpr double patience_with_snapshots = 300;

std::string seconds(double value) { return std::to_string(static_cast<long long>(std::llround(value))) + " s"; }

std::string count_of(std::int64_t count, const std::string& thing) { return std::to_string(count) + " " + thing + (count == 1 ? "" : "s"); }

}  // namespace

std::unique_ptr<postgres::Session> check_database(const Reach& reach, Examination& examination) {
  try {
    auto session = std::make_unique<postgres::Session>(database_settings(reach));
    const auto rows = session->execute(sql::find_server_version);
    const auto number = rows[0].get<std::int64_t>(0);
    const std::string version = "PostgreSQL " + rows[0].get<std::string>(1);
    if (number < oldest_server)
      examination.ill("database", version + " is too old", "use PostgreSQL 15 or newer");
    else
      examination.well("database", version);
    return session;
  } catch (const std::exception& error) {
    examination.ill("database", error.what(), "check --database, --database-password-file and that the server runs");
    return nullptr;
  }
}

void check_roles(postgres::Session& session, Examination& examination) {
  std::string missing, mighty;
  for (const auto& service : schema::services()) {
    const auto role = schema::role_of(service);
    const auto rows = session.execute(sql::find_role, postgres::Parameters{}.add(role));
    if (rows.empty() || !rows[0].get<bool>(0))
      missing += " " + role;
    else if (rows[0].get<bool>(1))
      mighty += " " + role;
  }
  if (!missing.empty()) examination.ill("roles", "missing or without login:" + missing, "countersign migrate --passwords DIR");
  if (!mighty.empty())
    examination.ill("roles", "superuser or past row-level security:" + mighty,
                    "ALTER ROLE … NOSUPERUSER NOBYPASSRLS: grants do not bind such a role");
  if (missing.empty() && mighty.empty())
    examination.well("roles", count_of(static_cast<std::int64_t>(schema::services().size()), "service role"));
}

bool check_schema_version(postgres::Session& session, Examination& examination) {
  try {
    const auto pending = postgres::Migrator::pending(session, schema::all_migrations());
    if (pending.empty()) {
      examination.well("schema", count_of(static_cast<std::int64_t>(schema::all_migrations().size()), "migration") + " applied");
      return true;
    }
    examination.ill("schema",
                    count_of(static_cast<std::int64_t>(pending.size()), "migration") + " missing, first " + pending.front().title(),
                    "countersign migrate --passwords DIR");
  } catch (const std::exception& error) {
    examination.ill("schema", error.what(), "run the version of this program that the database was made for, or a newer one");
  }
  return false;
}

void check_configuration(postgres::Session& session, Examination& examination) {
  catalog::Catalog catalog({"tenant", "realm", "constant", "endpoint", "tool", "policy", "playbook"});
  const auto loaded = catalog.refresh(session);
  if (!loaded)
    return examination.ill("configuration", loaded.error().detail, "mend the documents, raise their versions, countersign apply DIR");
  const auto snapshot = catalog.current();
  if (!snapshot || snapshot->realms().empty())
    return examination.doubtful("configuration", "no realm is active, so that no ticket belongs to anybody", "countersign apply DIR");
  std::size_t tenants = 0;
  for (const auto& [name, realm] : snapshot->realms()) tenants += realm.tenants.size();
  examination.well("configuration", "revision " + std::to_string(snapshot->revision()) + ", " +
                                        count_of(static_cast<std::int64_t>(snapshot->realms().size()), "realm") + ", " +
                                        count_of(static_cast<std::int64_t>(tenants), "tenant"));
}

void check_leases(postgres::Session& session, Examination& examination) {
  for (const auto row : session.execute(sql::find_living_processes)) {
    const auto service = row.get<std::string>(0);
    const auto living = row.get<std::int64_t>(1);
    if (living > 0)
      examination.well("lease " + service, count_of(living, "living process") + (living == 1 ? "" : "es"));
    else
      examination.doubtful("lease " + service, "no process of it is alive", "start " + service + " serve, and look at its log");
  }
}

void check_waiting(postgres::Session& session, Examination& examination) {
  bool any = false;
  for (const auto row : session.execute(sql::find_waiting_messages)) {
    const auto where = row.get<std::string>(0) + " " + row.get<std::string>(1);
    const double age = row.get<double>(3);
    if (age < patience_with_waiting) continue;
    any = true;
    const bool parked = row.get<std::string>(1) == "parked";
    examination.doubtful(where, count_of(row.get<std::int64_t>(2), "message") + ", the oldest for " + seconds(age),
                         parked
                             ? "find the missing message, or countersign sequences pass KEY --topic T --service " + row.get<std::string>(0)
                             : "see whether Kafka takes messages, and that the outbox service, which relays, is alive");
  }
  if (!any) examination.well("waiting messages", "none for longer than " + seconds(patience_with_waiting));
}

void check_clock(postgres::Session& session, Examination& examination) {
  base::SystemClock clock;
  const auto before = clock.wall();
  const auto theirs = session.execute(sql::find_server_time)[0].get<base::WallTime>(0);
  const auto after = clock.wall();
  const double difference = std::chrono::duration<double>(theirs - (before + (after - before) / 2)).count();
  if (std::abs(difference) <= most_clock_difference) return examination.well("clock", "agrees with the database's");
  examination.ill("clock", "differs from the database's by " + std::to_string(difference) + " s",
                  "keep both machines' clocks in step, for example with chrony");
}

void check_old_snapshots(postgres::Session& session, Examination& examination) {
  const double age = session.execute(sql::find_oldest_snapshot)[0].get<double>(0);
  if (age < patience_with_snapshots) return examination.well("snapshots", "none is held for long");
  examination.doubtful("snapshots", "a session has held one for " + seconds(age),
                       "find it in pg_stat_activity (backend_xmin) and end it: queues slow down meanwhile");
}

}  // namespace countersign::cli
