#include "postgres/connection.hpp"

#include <cstring>

#include "base/errors.hpp"
#include "postgres/round_trip.hpp"

namespace countersign::postgres {

bool Command::commits() const { return verb != nullptr && std::strcmp(verb, "COMMIT") == 0; }

Connection::Connection(const ConnectionSettings& settings) : raw_(connect(settings)), deadline_(settings.client_deadline) {}

PreparedStatement& Connection::prepared(const Statement& statement, const std::vector<Oid>& oids) {
  // Two rooms may give one name to different statements, and tests build theirs on the fly: the text decides.
  const auto [first, last] = prepared_.equal_range(statement.name);
  for (auto it = first; it != last; ++it) {
    if (it->second.sql == statement.sql && it->second.oids == oids) return it->second;
  }
  return prepared_.emplace(statement.name, PreparedStatement{statement.name, statement.sql, oids, ""})->second;
}

std::string Connection::unused_name(const std::string& statement) {
  // The server silently cuts names at 63 bytes, so the number must come before that.
  return statement.substr(0, 40) + "." + std::to_string(++names_given_);
}

std::vector<Rows> Connection::round_trip(const std::vector<Command>& commands) {
  RoundTrip trip(*this);
  trip.send(commands);
  trip.receive();
  return trip.settle();
}

void Connection::script(const std::string& sql) {
  RoundTrip trip(*this);
  trip.send_script(sql);
  trip.receive();
  trip.settle();
}

PGconn* Connection::raw_or_throw() const {
  if (broken()) throw base::Unavailable("this session lost its connection earlier; a new one is needed");
  return raw_.get();
}

}  // namespace countersign::postgres
