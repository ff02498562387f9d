#include <poll.h>

#include <algorithm>

#include "base/errors.hpp"
#include "postgres/connection.hpp"
#include "postgres/sqlstate.hpp"

namespace countersign::postgres {

namespace {

using Clock = std::chrono::steady_clock;
using Holder = std::unique_ptr<PGconn, void (*)(PGconn*)>;

// What fails at once is asked a second time for its reason; what timed out is not.
constexpr std::chrono::seconds probe_time{2};

struct Keywords {
  std::vector<const char*> names;
  std::vector<const char*> values;
};

Keywords keywords(const ConnectionOptions& options) {
  Keywords result;
  for (const auto& [name, value] : options) {
    result.names.push_back(name.c_str());
    result.values.push_back(value.c_str());
  }
  result.names.push_back(nullptr);
  result.values.push_back(nullptr);
  return result;
}

bool await(PGconn* raw, PostgresPollingStatusType wanted, Clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
  pollfd socket{PQsocket(raw), static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
  return left > 0 && ::poll(&socket, 1, static_cast<int>(left)) > 0;
}

// "FATAL:  28P01: password …" → 28P01. Only the verbose form has it, in a place that does not depend on the server's language.
std::string sqlstate_in(const std::string& verbose) {
  for (std::size_t at = verbose.find(":  "); at != std::string::npos; at = verbose.find(":  ", at + 1)) {
    const std::string code = verbose.substr(at + 3, 5);
    const bool shaped =
        code.size() == 5 && std::all_of(code.begin(), code.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); });
    if (shaped && verbose.compare(at + 8, 1, ":") == 0) return code;
  }
  return "";
}

// libpq keeps the SQLSTATE of a failed connect to itself, except in verbose messages, which can only be asked for when connecting by hand.
std::string sqlstate_of_failure(const Keywords& wanted) {
  const Holder raw(PQconnectStartParams(wanted.names.data(), wanted.values.data(), 0), &PQfinish);
  if (!raw || PQstatus(raw.get()) == CONNECTION_BAD) return "";
  PQsetErrorVerbosity(raw.get(), PQERRORS_VERBOSE);
  const auto until = Clock::now() + probe_time;
  auto state = PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    if (!await(raw.get(), state, until)) return "";
    state = PQconnectPoll(raw.get());
  }
  return state == PGRES_POLLING_FAILED ? sqlstate_in(PQerrorMessage(raw.get())) : "";
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

[[noreturn]] void explain_failure(PGconn* raw, const Keywords& wanted, bool at_once) {
  const std::string text = raw != nullptr ? one_line(PQerrorMessage(raw)) : "out of memory";
  if (raw != nullptr && PQconnectionNeedsPassword(raw)) {
    throw base::Misconfigured("PostgreSQL wants a password and none is set: " + text + ". Hint: name a password file");
  }
  throw_connect_error(at_once ? sqlstate_of_failure(wanted) : "", text);
}

}  // namespace

PGconn* connect(const ConnectionSettings& settings) {
  const ConnectionOptions options = connection_options(settings);
  const Keywords wanted = keywords(options);
  const auto started = Clock::now();
  Holder raw(PQconnectdbParams(wanted.names.data(), wanted.values.data(), 0), &PQfinish);
  if (!raw || PQstatus(raw.get()) != CONNECTION_OK) explain_failure(raw.get(), wanted, Clock::now() - started < probe_time);
  // libpq would print notices to standard error, where they break the log's one JSON object per line.
  PQsetNoticeReceiver(
      raw.get(), [](void*, const PGresult*) {}, nullptr);
  if (PQsetnonblocking(raw.get(), 1) != 0) throw base::Unavailable("the socket cannot be made non-blocking");
  return raw.release();
}

}  // namespace countersign::postgres
