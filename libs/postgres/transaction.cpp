#include "base/invariant.hpp"
#include "postgres/connection.hpp"
#include "postgres/session.hpp"

namespace countersign::postgres {

namespace {

Command verb(const char* text) {
  Command command;
  command.verb = text;
  return command;
}

}  // namespace

Transaction::Transaction(Session& session) : session_(session) { queued_.push_back(verb("BEGIN")); }

Transaction::~Transaction() { rollback(); }

Transaction::Claim Transaction::queue(const Statement& statement, Parameters parameters) {
  refuse_when_over();
  Command command;
  command.statement = &session_.connection_->prepared(statement, parameters.oids());
  command.parameters = std::move(parameters);
  queued_.push_back(std::move(command));
  claims_.push_back(next_);
  return next_++;
}

void Transaction::flush() {
  refuse_when_over();
  if (!queued_.empty()) round_trip(false);
}

Rows Transaction::take(Claim claim) {
  auto node = answers_.extract(claim);
  COUNTERSIGN_INVARIANT(!node.empty(), "the answer of a statement is taken once, after it was flushed");
  return std::move(node.mapped());
}

Rows Transaction::execute(const Statement& statement, Parameters parameters) {
  const Claim claim = queue(statement, std::move(parameters));
  flush();
  return take(claim);
}

void Transaction::commit() {
  refuse_when_over();
  if (begun_ || !claims_.empty()) round_trip(true);
  over_ = true;
}

void Transaction::rollback() noexcept {
  if (over_) return;
  over_ = true;
  queued_.clear();
  if (!begun_ || session_.broken()) return;
  try {
    session_.connection_->round_trip({verb("ROLLBACK")});
  } catch (...) {
    // What state the server is in is unknown now, and nobody else must inherit it.
    session_.connection_->close();
  }
}

void Transaction::round_trip(bool commit) {
  const bool begins = !begun_;
  begun_ = true;
  if (commit) queued_.push_back(verb("COMMIT"));
  const auto commands = std::move(queued_);
  const auto claims = std::move(claims_);
  queued_.clear();
  claims_.clear();
  try {
    auto answers = session_.connection_->round_trip(commands);
    for (std::size_t i = 0; i < claims.size(); ++i) answers_.emplace(claims[i], std::move(answers[i + (begins ? 1 : 0)]));
  } catch (...) {
    rollback();
    throw;
  }
}

void Transaction::refuse_when_over() const {
  if (over_) throw base::Rejected("25P02", "this transaction has failed or ended already. Hint: begin a new one");
}

}  // namespace countersign::postgres
