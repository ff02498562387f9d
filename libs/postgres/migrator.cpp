#include "postgres/migrator.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

namespace countersign::postgres {

namespace {

constexpr std::int64_t lock_key = 0x636f756e'7369676e;  // any number that nobody else locks

constexpr Statement find_record{"find_migration_table", "SELECT to_regclass('core.migration') IS NOT NULL"};
constexpr Statement find_applied{"find_applied_migrations", "SELECT room, number, name, digest FROM core.migration ORDER BY room, number"};
constexpr Statement digest_texts{
    "digest_migrations",
    "SELECT encode(sha256(convert_to(text, 'UTF8')), 'hex') FROM unnest($1::text[]) WITH ORDINALITY AS t(text, at) ORDER BY at"};
constexpr Statement record{"record_migration",
                           "INSERT INTO core.migration (room, number, name, digest) VALUES ($1::text, $2::integer, $3::text, $4::text)"};
constexpr Statement wait_for_ever{"lift_lock_timeout", "SELECT set_config('lock_timeout', '0', true)"};
constexpr Statement lock{"lock_migrations", "SELECT pg_advisory_lock($1::bigint)::text"};
constexpr Statement unlock{"unlock_migrations", "SELECT pg_advisory_unlock($1::bigint)"};

constexpr const char* create_record = R"sql(
CREATE SCHEMA IF NOT EXISTS core;
CREATE TABLE IF NOT EXISTS core.migration (
  room       text NOT NULL,
  number     integer NOT NULL CHECK (number > 0),
  name       text NOT NULL,
  digest     text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (room, number)
);
)sql";

using Key = std::pair<std::string, int>;

struct Applied {
  std::string name;
  std::string digest;
};

// Holds the lock for as long as it lives; it belongs to the session and outlasts the transactions in between.
class Turn {
 public:
  explicit Turn(Session& session) : session_(session) {
    Transaction transaction{session};
    transaction.queue(wait_for_ever);
    transaction.queue(lock, Parameters{}.add(lock_key));
    transaction.commit();
  }
  ~Turn() {
    try {
      session_.execute(unlock, Parameters{}.add(lock_key));
    } catch (...) {  // the session is broken, and the lock went with it
    }
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Session& session_;
};

std::map<Key, Applied> applied_migrations(Session& session) {
  std::map<Key, Applied> applied;
  if (!session.execute(find_record)[0].get<bool>(0)) return applied;
  for (const Row row : session.execute(find_applied)) {
    applied[{row.get<std::string>(0), row.get<std::int32_t>(1)}] = {row.get<std::string>(2), row.get<std::string>(3)};
  }
  return applied;
}

std::vector<std::string> digests(Session& session, const std::vector<Migration>& migrations) {
  std::vector<std::string> texts, result;
  for (const auto& migration : migrations) texts.push_back(migration.sql);
  for (const Row row : session.execute(digest_texts, Parameters{}.add(texts))) result.push_back(row.get<std::string>(0));
  return result;
}

void check_order(const std::vector<Migration>& migrations) {
  std::map<std::string, int> last;
  for (const auto& migration : migrations) {
    if (migration.number <= last[migration.room]) {
      throw base::Misconfigured("migration " + migration.title() + " comes after number " + std::to_string(last[migration.room]) +
                                " of its room. Hint: give it the next free number");
    }
    last[migration.room] = migration.number;
  }
}

void check_known(const std::map<Key, Applied>& applied, const std::vector<Migration>& migrations) {
  std::set<Key> known;
  for (const auto& migration : migrations) known.insert({migration.room, migration.number});
  for (const auto& [key, what] : applied) {
    if (known.count(key) != 0) continue;
    throw base::Misconfigured("the database has migration " + Migration{key.first, key.second, what.name, ""}.title() +
                              ", which this program does not know. Hint: the database belongs to a newer release; run that one");
  }
}

void check_unchanged(const Migration& migration, const Applied& applied, const std::string& digest) {
  if (applied.digest == digest) return;
  throw base::Misconfigured("migration " + migration.title() + " was changed after it was applied (digest " + applied.digest +
                            " in the database, " + digest + " here). Hint: restore its text and put the change into a new migration");
}

struct Missing {
  Migration migration;
  std::string digest;
};

std::vector<Missing> missing(Session& session, const std::vector<Migration>& migrations) {
  check_order(migrations);
  const auto applied = applied_migrations(session);
  check_known(applied, migrations);
  const auto digest = digests(session, migrations);
  std::vector<Missing> result;
  std::set<std::string> rooms_missing_one;
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    const auto& migration = migrations[i];
    const auto found = applied.find({migration.room, migration.number});
    if (found == applied.end()) {
      result.push_back({migration, digest[i]});
      rooms_missing_one.insert(migration.room);
      continue;
    }
    check_unchanged(migration, found->second, digest[i]);
    if (rooms_missing_one.count(migration.room) != 0) {
      throw base::Misconfigured("migration " + migration.title() + " was applied before one with a lower number. Hint: give the new one " +
                                "the next free number");
    }
  }
  return result;
}

std::string substituted(const Migration& migration, const Migrator::Substitutions& substitutions) {
  std::string text;
  std::size_t from = 0;
  for (auto open = migration.sql.find("{{"); open != std::string::npos; open = migration.sql.find("{{", from)) {
    const auto close = migration.sql.find("}}", open);
    const std::string key = close == std::string::npos ? "" : migration.sql.substr(open + 2, close - open - 2);
    const auto value = substitutions.find(key);
    if (value == substitutions.end()) {
      throw base::Misconfigured("migration " + migration.title() + " asks for {{" + key + "}}, for which there is no value");
    }
    text += migration.sql.substr(from, open - from) + value->second;
    from = close + 2;
  }
  return text + migration.sql.substr(from);
}

void apply_one(Session& session, const Missing& next, const Migrator::Substitutions& substitutions) {
  const auto& [migration, digest] = next;
  const std::string sql = substituted(migration, substitutions);
  Transaction transaction{session};
  transaction.flush();
  session.execute_script(sql);
  transaction.queue(record, Parameters{}.add(migration.room).add(std::int32_t{migration.number}).add(migration.name).add(digest));
  transaction.commit();
}

// The same kind of error, told with the migration's title.
void apply_titled(Session& session, const Missing& next, const Migrator::Substitutions& substitutions) {
  const std::string prefix = "migration " + next.migration.title() + ": ";
  try {
    apply_one(session, next, substitutions);
  } catch (const base::Rejected& error) {
    throw base::Rejected(error.code(), prefix + error.what());
  } catch (const base::Conflict& error) {
    throw base::Conflict(prefix + error.what());
  } catch (const CommitInDoubt& error) {
    throw CommitInDoubt(prefix + error.what());
  } catch (const base::Unavailable& error) {
    throw base::Unavailable(prefix + error.what());
  }
}

}  // namespace

std::string Migration::title() const {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%04d", number);
  return room + "/" + digits + "-" + name;
}

std::vector<Migration> Migrator::apply(Session& session, const std::vector<Migration>& migrations, const Substitutions& substitutions) {
  const Turn turn{session};
  if (!session.execute(find_record)[0].get<bool>(0)) session.execute_script(create_record);
  std::vector<Migration> done;
  for (const auto& next : missing(session, migrations)) {
    apply_titled(session, next, substitutions);
    done.push_back(next.migration);
  }
  return done;
}

std::vector<Migration> Migrator::pending(Session& session, const std::vector<Migration>& migrations) {
  std::vector<Migration> result;
  for (auto& each : missing(session, migrations)) result.push_back(std::move(each.migration));
  return result;
}

}  // namespace countersign::postgres
