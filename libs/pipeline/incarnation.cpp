#include "pipeline/incarnation.hpp"

#include "pipeline/sql.hpp"

namespace countersign::pipeline {

using postgres::Parameters;

Incarnation::Incarnation(const postgres::ConnectionSettings& database, std::string instance, base::UuidSource& ids, base::Clock& clock,
                         telemetry::Telemetry telemetry)
    : database_(database),
      instance_(std::move(instance)),
      ids_(ids),
      clock_(clock),
      telemetry_(telemetry),
      lives_(telemetry.metrics.counter("incarnations_total", "Lives begun by this process: one at start, one after each lost fence.")) {
  std::lock_guard lock(session_mutex_);
  begin_first_life();
}

Incarnation::~Incarnation() = default;

postgres::Session& Incarnation::session() {
  if (!session_ || session_->broken()) session_ = std::make_unique<postgres::Session>(database_);
  return *session_;
}

void Incarnation::begin_life(postgres::Transaction& transaction, const base::Uuid& fresh) {
  transaction.queue(sql::insert_incarnation, Parameters{}.add(fresh).add(instance_).add(std::chrono::microseconds{lease}));
}

void Incarnation::begin_first_life() {
  const base::Uuid fresh = ids_.next();
  postgres::Transaction transaction{session()};
  begin_life(transaction, fresh);
  transaction.queue(sql::end_predecessors, Parameters{}.add(instance_).add(fresh));
  transaction.queue(sql::adopt_rows_of_predecessors, Parameters{}.add(instance_).add(fresh));
  transaction.queue(sql::forget_incarnations);
  transaction.commit();
  lives_.add();
  std::lock_guard lock(mutex_);
  id_ = fresh;
}

// A later life leaves other processes alone, even one of the same name: that one is our successor, and it is right.
// Whether a COMMIT without an answer happened need not be known: the same life is begun again, and the insert waits for the orphan.
void Incarnation::begin_next_life(const base::Uuid& stale) {
  if (!attempted_) attempted_ = ids_.next();
  const base::Uuid fresh = *attempted_;
  postgres::Transaction transaction{session()};
  begin_life(transaction, fresh);
  transaction.queue(sql::end_incarnation, Parameters{}.add(stale));
  transaction.queue(sql::adopt_rows_of, Parameters{}.add(stale).add(fresh));
  transaction.commit();
  attempted_.reset();
  lives_.add();
  telemetry_.log.warning("incarnation_renewed", {{"stale", stale.str()}, {"fresh", fresh.str()}});
  std::lock_guard lock(mutex_);
  id_ = fresh;
}

base::Uuid Incarnation::current() const {
  std::lock_guard lock(mutex_);
  return id_;
}

void Incarnation::renew_identity(const base::Uuid& stale) {
  std::lock_guard lock(session_mutex_);
  if (current() != stale) return;
  begin_next_life(stale);
}

void Incarnation::renew_once() {
  std::lock_guard lock(session_mutex_);
  const base::Uuid mine = current();
  if (attempted_) return begin_next_life(mine);
  const auto renewed = session().execute(sql::renew_incarnation, Parameters{}.add(mine).add(std::chrono::microseconds{lease}));
  if (renewed.empty()) begin_next_life(mine);
}

bool Incarnation::has_rival() {
  std::lock_guard lock(session_mutex_);
  if (attempted_) begin_next_life(current());
  return !session().execute(sql::find_rival, Parameters{}.add(instance_).add(current())).empty();
}

void Incarnation::run(std::stop_token stop) {
  while (clock_.wait(stop, renewal)) {
    try {
      renew_once();
    } catch (const base::Unavailable& trouble) {
      telemetry_.log.warning("incarnation_not_renewed", {{"error", trouble.what()}});
    } catch (const base::Conflict& trouble) {
      telemetry_.log.warning("incarnation_not_renewed", {{"error", trouble.what()}});
    }
  }
}

void Incarnation::end() {
  std::lock_guard lock(session_mutex_);
  try {
    session().execute(sql::end_incarnation, Parameters{}.add(current()));
    if (attempted_) session().execute(sql::end_incarnation, Parameters{}.add(*attempted_));
  } catch (const std::runtime_error& trouble) {
    telemetry_.log.warning("incarnation_not_ended", {{"error", trouble.what()}});
  }
}

}  // namespace countersign::pipeline
