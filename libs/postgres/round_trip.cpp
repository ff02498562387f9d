#include "postgres/round_trip.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "base/errors.hpp"
#include "postgres/session.hpp"

namespace countersign::postgres {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int binary = 1;

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text != nullptr ? text : "";
}

// The server refuses these for a statement that it once prepared when the tables changed under it or it was discarded.
bool wants_new_preparation(const std::string& sqlstate) { return sqlstate == "0A000" || sqlstate == "26000"; }

ServerError error_of(const char* statement, const PGresult* result) {
  ServerError error;
  error.statement = statement;
  error.sqlstate = field(result, PG_DIAG_SQLSTATE);
  error.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  for (const int about : {PG_DIAG_CONSTRAINT_NAME, PG_DIAG_COLUMN_NAME, PG_DIAG_TABLE_NAME}) {
    if (error.constraint.empty()) error.constraint = field(result, about);
  }
  const std::string severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  error.fatal = severity == "FATAL" || severity == "PANIC";
  return error;
}

}  // namespace

RoundTrip::RoundTrip(Connection& connection) : connection_(connection), raw_(connection.raw_or_throw()) {
  const auto deadline = connection.deadline();
  until_ = deadline.count() == 0 ? Clock::time_point::max() : Clock::now() + deadline;
}

void RoundTrip::send(const std::vector<Command>& commands) {
  answers_.resize(commands.size());
  require_sent(PQenterPipelineMode(raw_));
  for (std::size_t i = 0; i < commands.size() && !lost_; ++i) send_command(commands[i], i);
  if (!lost_) require_sent(PQpipelineSync(raw_));
}

void RoundTrip::send_script(const std::string& sql) {
  pipelined_ = false;
  steps_.push_back({0, "script", nullptr, false, false});
  answers_.resize(1);
  require_sent(PQsendQuery(raw_, sql.c_str()));
}

void RoundTrip::send_command(const Command& command, std::size_t index) {
  if (command.statement == nullptr) {
    steps_.push_back({index, command.verb, nullptr, false, command.commits()});
    sent_commit_ = sent_commit_ || command.commits();
    require_sent(PQsendQueryParams(raw_, command.verb, 0, nullptr, nullptr, nullptr, nullptr, binary));
    return;
  }
  if (command.statement->state == PreparedStatement::State::absent) prepare(command, index);
  if (lost_) return;
  steps_.push_back({index, command.name(), command.statement, false, false});
  const auto pointers = command.parameters.pointers();
  const auto lengths = command.parameters.lengths();
  const std::vector<int> formats(pointers.size(), binary);
  require_sent(PQsendQueryPrepared(raw_, command.statement->server_name.c_str(), static_cast<int>(pointers.size()), pointers.data(),
                                   lengths.data(), formats.data(), binary));
}

void RoundTrip::prepare(const Command& command, std::size_t index) {
  PreparedStatement& statement = *command.statement;
  statement.state = PreparedStatement::State::sent;
  statement.server_name = connection_.unused_name(statement.name);
  steps_.push_back({index, command.name(), &statement, true, false});
  require_sent(PQsendPrepare(raw_, statement.server_name.c_str(), statement.sql.c_str(), static_cast<int>(statement.oids.size()),
                             statement.oids.data()));
}

void RoundTrip::require_sent(int sent) {
  if (sent != 1) lose(PQerrorMessage(raw_));
}

void RoundTrip::receive() {
  while (!complete_ && !lost_) {
    // A failed write is not the end: the server's reason for closing may still be there to be read.
    const int unsent = PQflush(raw_);
    take_available();
    if (complete_ || lost_) break;
    if (!await(unsent > 0)) {
      lose("no answer within " + std::to_string(connection_.deadline().count()) + " ms");
      return;
    }
    if (PQconsumeInput(raw_) != 1) lose(PQerrorMessage(raw_));
  }
  if (lost_) take_rest_of_lost();
}

void RoundTrip::take_available() {
  while (!complete_ && !lost_ && PQisBusy(raw_) == 0) {
    if (PGresult* result = PQgetResult(raw_)) {
      take(result);
    } else if (!pipelined_) {
      complete_ = true;
    } else if (PQstatus(raw_) == CONNECTION_BAD || ++at_ > steps_.size() + 1) {
      lose(PQerrorMessage(raw_));
    }
  }
}

// On a lost connection PQgetResult does not wait; it hands out what had arrived, then an error of its own, then nothing.
void RoundTrip::take_rest_of_lost() {
  if (steps_.empty()) return;
  for (int nothing = 0; nothing < 2 && !complete_;) {
    if (PGresult* result = PQgetResult(raw_)) {
      nothing = 0;
      take(result);
    } else {
      ++nothing;
      ++at_;
    }
  }
}

void RoundTrip::take(PGresult* raw) {
  std::shared_ptr<PGresult> result(raw, &PQclear);
  Step& step = current();
  switch (PQresultStatus(raw)) {
    case PGRES_PIPELINE_SYNC:
      complete_ = true;
      return;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      return take_answer(step, std::move(result));
    case PGRES_PIPELINE_ABORTED:
      if (step.preparing) step.statement->state = PreparedStatement::State::absent;
      return;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
      error_ = ServerError{step.name, "0A000", "COPY is not supported here", "", true};
      return lose("COPY was started");
    default:
      return take_failure(step, raw);
  }
}

void RoundTrip::take_answer(Step& step, std::shared_ptr<PGresult> result) {
  if (step.preparing) {
    step.statement->state = PreparedStatement::State::present;
    return;
  }
  // COMMIT of a transaction that had failed is answered without an error, by rolling it back.
  if (step.commits && !error_ && std::string(PQcmdStatus(result.get())) == "ROLLBACK") {
    error_ = ServerError{step.name, "25P02", "the server rolled back instead of committing", "", false};
  }
  answers_[step.command] = Rows(std::move(result));
}

void RoundTrip::take_failure(Step& step, const PGresult* result) {
  ServerError error = error_of(step.name, result);
  if (step.preparing) step.statement->state = PreparedStatement::State::absent;
  if (error.sqlstate.empty()) return lose(PQresultErrorMessage(result));  // libpq's own: the connection is gone
  if (step.statement != nullptr && wants_new_preparation(error.sqlstate)) {
    step.statement->state = PreparedStatement::State::absent;
  }
  if (error.fatal) lose(error.message);
  if (error_) return;
  error_at_commit_ = step.commits;
  error_ = std::move(error);
}

RoundTrip::Step& RoundTrip::current() {
  // An error of Sync itself, such as a deferred constraint outside a transaction, comes after the last step and belongs to it.
  return steps_[std::min(at_, steps_.size() - 1)];
}

bool RoundTrip::await(bool unsent) {
  for (;;) {
    int timeout = -1;
    if (until_ != Clock::time_point::max()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until_ - Clock::now()).count();
      if (left <= 0) return false;
      timeout = static_cast<int>(left);
    }
    pollfd socket{PQsocket(raw_), static_cast<short>(POLLIN | (unsent ? POLLOUT : 0)), 0};
    const int ready = ::poll(&socket, 1, timeout);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

void RoundTrip::lose(const std::string& why) {
  if (!lost_) why_lost_ = why;
  lost_ = true;
  while (!why_lost_.empty() && why_lost_.back() == '\n') why_lost_.pop_back();
}

std::vector<Rows> RoundTrip::settle() {
  if (lost_) {
    connection_.close();
    // An error before COMMIT made the server skip it. One that ended the session at COMMIT may have struck before or after the commit.
    if (sent_commit_ && (!error_ || (error_at_commit_ && error_->fatal))) throw_lost();
  } else if (pipelined_) {
    PQexitPipelineMode(raw_);
  }
  if (error_) throw_server_error(*error_);
  if (lost_) throw_lost();
  return std::move(answers_);
}

void RoundTrip::throw_lost() const {
  const std::string name = steps_.empty() ? "BEGIN" : steps_[std::min(at_, steps_.size() - 1)].name;
  const std::string text = "the connection was lost at statement " + name + ": " + why_lost_ +
                           ". Hint: check that PostgreSQL is up and that the network lets the connection live";
  if (sent_commit_) throw CommitInDoubt("it is unknown whether the transaction was committed: " + text);
  throw base::Unavailable(text);
}

}  // namespace countersign::postgres
