#include "postgres/session.hpp"

#include <poll.h>

#include "base/errors.hpp"
#include "postgres/connection.hpp"

namespace countersign::postgres {

namespace {

std::string owned(PGconn* raw, char* text) {
  if (text == nullptr) throw base::Rejected("", std::string("libpq cannot quote: ") + PQerrorMessage(raw));
  const std::unique_ptr<char, void (*)(void*)> freed(text, &PQfreemem);
  return text;
}

}  // namespace

Session::Session(const ConnectionSettings& settings) : connection_(std::make_unique<Connection>(settings)) {}

Session::~Session() = default;

Rows Session::execute(const Statement& statement, const Parameters& parameters) {
  std::vector<Command> commands(1);
  commands[0].statement = &connection_->prepared(statement, parameters.oids());
  commands[0].parameters = parameters;
  return std::move(connection_->round_trip(commands)[0]);
}

void Session::execute_script(const std::string& sql) { connection_->script(sql); }

bool Session::broken() const noexcept { return connection_->broken(); }

bool Session::still_connected() noexcept {
  if (broken()) return false;
  PGconn* raw = connection_->raw();
  pollfd socket{PQsocket(raw), POLLIN, 0};
  // An idle server says nothing unless it has a notice or closes, for which it gives a reason first: read on until the end is seen.
  while (!broken() && ::poll(&socket, 1, 0) > 0) {
    if (PQconsumeInput(raw) != 1) connection_->close();
  }
  return !broken();
}

bool Session::in_transaction() const noexcept { return !broken() && PQtransactionStatus(connection_->raw()) != PQTRANS_IDLE; }

int Session::backend_pid() const noexcept { return broken() ? 0 : PQbackendPID(connection_->raw()); }

std::string Session::quoted_literal(std::string_view text) const {
  PGconn* raw = connection_->raw_or_throw();
  return owned(raw, PQescapeLiteral(raw, text.data(), text.size()));
}

std::string Session::quoted_identifier(std::string_view name) const {
  PGconn* raw = connection_->raw_or_throw();
  return owned(raw, PQescapeIdentifier(raw, name.data(), name.size()));
}

std::string Session::scram_verifier(const std::string& role, const base::Secret& password) const {
  PGconn* raw = connection_->raw_or_throw();
  return owned(raw, PQencryptPasswordConn(raw, password.reveal().c_str(), role.c_str(), "scram-sha-256"));
}

}  // namespace countersign::postgres
