#include "postgres/sqlstate.hpp"

namespace countersign::postgres {

namespace {

struct Hint {
  std::string_view prefix;
  const char* text;
};

// The first prefix that fits; longer ones come first.
constexpr Hint hints[] = {
    {"0A000", "if the schema was migrated under this session, the statement is prepared anew on its next use"},
    {"08", "check that PostgreSQL is up and that the network lets the connection live"},
    {"22", "the data does not fit the column; this data will be refused every time"},
    {"23505", "the row is there already"},
    {"23", "the data breaks a constraint; this data will be refused every time"},
    {"25P02", "an earlier statement of this transaction failed; nothing of it was kept"},
    {"25P03", "the transaction stood still longer than idle_in_transaction_session_timeout allows; is the process starved of CPU?"},
    {"25006", "the server is read-only; is it a standby? check target_session_attrs in the connection string"},
    {"28", "check the user, its password file, and pg_hba.conf"},
    {"3D", "create the database first, or correct dbname in the connection string"},
    {"3F", "the schema is older than this program: run `countersign migrate`"},
    {"40", "tried again by itself; if this is frequent, look for long transactions in pg_stat_activity"},
    {"42501", "the role lacks a grant: run `countersign migrate`, and check that the connection string names the service's own role"},
    {"42P01", "the schema is older than this program: run `countersign migrate`"},
    {"42703", "the schema is older than this program: run `countersign migrate`"},
    {"42883", "the schema is older than this program: run `countersign migrate`"},
    {"42", "the statement does not fit the schema: compare the program's version with the migrations applied"},
    {"53100", "the server's disk is full"},
    {"53300", "raise max_connections on the server or lower the pool sizes"},
    {"53", "the server is short of memory, disk or connections"},
    {"55P03", "tried again by itself; if this is frequent, look in pg_locks for who holds the lock"},
    {"57014", "the statement ran into statement_timeout or was cancelled: look for a missing index, a lock or an overloaded server"},
    {"57P03", "the server is starting up or shutting down"},
    {"57", "the server was stopped, or somebody ended the session"},
    {"58", "the server met an error of its operating system: look into its log"},
    {"XX", "the server met an internal error: look into its log before going on"},
};

const char* hint_for(std::string_view sqlstate) {
  for (const Hint& hint : hints) {
    if (sqlstate.substr(0, hint.prefix.size()) == hint.prefix) return hint.text;
  }
  return "look up the SQLSTATE in appendix A of PostgreSQL's documentation";
}

bool in_class(std::string_view sqlstate, std::string_view prefix) { return sqlstate.substr(0, prefix.size()) == prefix; }

bool lost_race(std::string_view sqlstate) { return sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03"; }

bool not_ready(std::string_view sqlstate) { return in_class(sqlstate, "08") || in_class(sqlstate, "53") || in_class(sqlstate, "57"); }

std::string described(const ServerError& error) {
  std::string text = "statement " + error.statement + " failed with SQLSTATE " + error.sqlstate + ": " + error.message;
  if (!error.constraint.empty()) text += " [" + error.constraint + "]";
  return text + ". Hint: " + hint_for(error.sqlstate);
}

}  // namespace

bool permanent(const base::Rejected& rejected) noexcept {
  const std::string& code = rejected.code();
  return in_class(code, "22") || (in_class(code, "23") && code != "23505");
}

void throw_server_error(const ServerError& error) {
  const std::string text = described(error);
  if (lost_race(error.sqlstate)) throw base::Conflict(text);
  if (not_ready(error.sqlstate) || error.fatal) throw base::Unavailable(text);
  throw base::Rejected(error.sqlstate, text);
}

void throw_connect_error(const std::string& sqlstate, const std::string& text) {
  if (sqlstate.empty()) {
    throw base::Unavailable("no connection to PostgreSQL: " + text +
                            ". Hint: check host, port and TLS settings, and that the server is up");
  }
  const std::string whole = "no connection to PostgreSQL, SQLSTATE " + sqlstate + ": " + text + ". Hint: " + hint_for(sqlstate);
  if (in_class(sqlstate, "28") || in_class(sqlstate, "3D") || sqlstate == "42501") throw base::Misconfigured(whole);
  if (in_class(sqlstate, "42") || in_class(sqlstate, "22")) throw base::Misconfigured(whole);  // a server setting that it does not know
  throw base::Unavailable(whole);
}

}  // namespace countersign::postgres
