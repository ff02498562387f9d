#include "cli/database_checks.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/clock.hpp"
#include "catalog/catalog.hpp"
#include "cli/sql.hpp"
#include "pipeline/incarnation.hpp"
#include "postgres/migrator.hpp"
#include "schema/schema.hpp"

namespace countersign::cli {

namespace {

constexpr std::int64_t oldest_server = 150000;
constexpr double most_clock_difference = 1.0;       // seconds
constexpr double patience_with_waiting = 30;        // seconds
constexpr std::int64_t tickets_looked_at = 10'000;  // of each service
constexpr double patience_with_snapshots = 300;

std::string seconds(double value) { return std::to_string(static_cast<long long>(std::llround(value))) + " s"; }

}  // namespace

std::unique_ptr<postgres::Session> check_database(const Reach& reach, Examination& examination) {
  try {
    std::unique_ptr<postgres::Session> session(new postgres::Session(open_database(database_settings(reach))));  // it cannot be moved
    const auto rows = session->execute(sql::find_server_version);
    const auto number = rows[0].get<std::int64_t>(0);
    const std::string version = "PostgreSQL " + rows[0].get<std::string>(1);
    if (number < oldest_server)
      examination.ill("database", version + " is too old", "use PostgreSQL 15 or newer");
    else
      examination.well("database", version);
    return session;
  } catch (const std::exception& error) {
    examination.ill("database", error.what(), "see that the server runs, and that the flag or variable says where");
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
  catalog::Catalog catalog({catalog::all_kinds.begin(), catalog::all_kinds.end()});
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

namespace {

// The lives of one service's processes, by instance: how long their leases still run, in seconds; negative when they are over.
using Lives = std::map<std::string, std::vector<double>>;

// A lease is renewed long before half of it is over; what is left of it then is what a process that died a moment ago leaves behind.
double least_left() { return std::chrono::duration<double>(pipeline::Incarnation::lease - 2 * pipeline::Incarnation::renewal).count(); }

bool alive(double left) { return left > 0; }

// False when there is something to say against it.
bool check_instance(const std::string& service, const std::string& instance, const std::vector<double>& lives, Examination& examination) {
  const auto living = std::count_if(lives.begin(), lives.end(), alive);
  const double left = *std::max_element(lives.begin(), lives.end());
  if (living > 1) {
    examination.ill("lease " + service, std::to_string(living) + " processes call themselves " + instance + " at the same time",
                    "give each its own --instance; the group ends the one that came first");
    return false;
  }
  if (left >= least_left()) return true;
  const double lease = std::chrono::duration<double>(pipeline::Incarnation::lease).count();
  examination.doubtful("lease " + service,
                       instance + " was last heard of " + seconds(lease - left) + " ago; its lease ends in " + seconds(left),
                       "if it does not come back by itself, start " + service + " serve, and look at its log");
  return false;
}

void check_lives(const std::string& service, const Lives& lives, Examination& examination) {
  std::int64_t living = 0, well = 0;
  double last_end = -1e9;
  for (const auto& [instance, lefts] : lives) {
    const double left = *std::max_element(lefts.begin(), lefts.end());
    last_end = std::max(last_end, left);
    if (!alive(left)) continue;
    ++living;
    well += check_instance(service, instance, lefts, examination) ? 1 : 0;
  }
  if (well > 0) examination.well("lease " + service, count_of(well, "living process", "living processes"));
  if (living > 0) return;
  const std::string since = lives.empty() ? "" : "; the last one's lease ended " + seconds(-last_end) + " ago";
  examination.doubtful("lease " + service, "no process of it is alive" + since, "start " + service + " serve, and look at its log");
}

}  // namespace

void check_leases(postgres::Session& session, Examination& examination) {
  std::map<std::string, Lives> services;
  for (const auto& service : schema::services()) services[service];
  for (const auto row : session.execute(sql::find_lives))
    services[row.get<std::string>(0)][row.get<std::string>(1)].push_back(row.get<double>(2));
  for (const auto& [service, lives] : services) check_lives(service, lives, examination);
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

void check_counters(postgres::Session& session, Examination& examination) {
  bool any = false;
  for (const auto row : session.execute(sql::find_uncounted, postgres::Parameters{}.add(tickets_looked_at))) {
    const auto thing = row.get<std::string>(1);
    const auto count = row.get<std::int64_t>(2);
    if (count == 0) continue;
    any = true;
    examination.ill("counters " + row.get<std::string>(0),
                    count_of(count, thing, thing == "delivery" ? "deliveries" : "") + " without a row in key_state, the first of " +
                        row.get<std::string>(3),
                    "the tables are not of one moment: stop the services and restore the whole database from one backup");
  }
  if (!any) examination.well("counters", "are there (of up to " + std::to_string(tickets_looked_at) + " tickets a service)");
}

void check_endpoints(postgres::Session& session, Examination& examination) {
  const auto unwell = session.execute(sql::find_unwell_endpoints);
  for (const auto row : unwell) {
    const bool disabled = row.get<std::string>(1) == "disabled";
    const auto since = row.get<std::string>(3);
    examination.doubtful(
        "endpoint " + row.get<std::string>(0),
        row.get<std::string>(1) + (since.empty() ? "" : ", takes nothing since " + since) + ": " + row.get<std::string>(2) + "; " +
            count_of(row.get<std::int64_t>(4), "delivery waits", "deliveries wait"),
        disabled ? "when it works again, raise the version of its document and countersign apply DIR: what waits is delivered then"
                 : "it is probed every few minutes; ask whoever runs it");
  }
  if (unwell.empty()) examination.well("endpoints", "none is disabled or broken");
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
