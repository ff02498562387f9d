#pragma once

// Connection: libpq's connection behind Session and Transaction: connecting, the statements prepared on it, and round trips.
//
// A round trip is a libpq pipeline: commands, each preceded by its preparation on first use, then one Sync. The socket is non-blocking and
// reading goes on while writing, so that neither side can wait for the other to empty its buffers.
//
// Threads    One thread at a time.
// Ownership  Owns the socket; a PreparedStatement lives as long as the connection.
// Failure    As session.hpp says. After a lost connection or a missed deadline the socket is closed at once.

#include <libpq-fe.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "postgres/parameters.hpp"
#include "postgres/rows.hpp"
#include "postgres/settings.hpp"
#include "postgres/statement.hpp"

namespace countersign::postgres {

struct PreparedStatement {
  std::string name;
  std::string sql;
  std::vector<Oid> oids;
  std::string server_name;  // new with each attempt to prepare it
  // `sent`: the server may or may not have prepared it; a pipeline skips everything after its first error.
  enum class State { absent, sent, present } state = State::absent;
};

// One thing to do in a round trip: a prepared statement or one of the verbs BEGIN, COMMIT, ROLLBACK.
struct Command {
  PreparedStatement* statement = nullptr;
  Parameters parameters;
  const char* verb = nullptr;

  const char* name() const { return statement != nullptr ? statement->name.c_str() : verb; }
  bool commits() const;
};

class Connection {
 public:
  explicit Connection(const ConnectionSettings& settings);

  PreparedStatement& prepared(const Statement& statement, const std::vector<Oid>& oids);
  // One answer per command. Throws the first error among them.
  std::vector<Rows> round_trip(const std::vector<Command>& commands);
  void script(const std::string& sql);

  std::string unused_name(const std::string& statement);
  bool broken() const noexcept { return !raw_ || PQstatus(raw_.get()) == CONNECTION_BAD; }
  PGconn* raw() const noexcept { return raw_.get(); }
  PGconn* raw_or_throw() const;  // Unavailable when broken
  void close() noexcept { raw_.reset(); }
  std::chrono::milliseconds deadline() const noexcept { return deadline_; }

 private:
  struct Finish {
    void operator()(PGconn* raw) const noexcept { PQfinish(raw); }
  };
  std::unique_ptr<PGconn, Finish> raw_;
  std::chrono::milliseconds deadline_;
  std::multimap<std::string, PreparedStatement> prepared_;
  std::size_t names_given_ = 0;
};

// A new connection, usable at once. Throws as Session's constructor.
PGconn* connect(const ConnectionSettings& settings);

}  // namespace countersign::postgres
