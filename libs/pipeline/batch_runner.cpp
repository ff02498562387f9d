#include "pipeline/batch_runner.hpp"

#include <algorithm>
#include <set>

#include "base/backoff.hpp"
#include "base/crash_point.hpp"
#include "base/invariant.hpp"
#include "base/mutation.hpp"
#include "pipeline/dead_letters.hpp"
#include "pipeline/key_rows.hpp"
#include "pipeline/outbox_rows.hpp"
#include "pipeline/sql.hpp"

namespace countersign::pipeline {

using postgres::Bytes;
using postgres::Parameters;

namespace {

constexpr const char* unique_violation = "23505";

double seconds_since(base::Clock& clock, base::SteadyTime start) { return std::chrono::duration<double>(clock.steady() - start).count(); }

struct RangeColumns {
  std::vector<std::string> topics;
  std::vector<std::int32_t> partitions;
  std::vector<std::int64_t> epochs, from, to;
  std::vector<Bytes> digests;
};

RangeColumns columns_of(const std::vector<FencedRange>& ranges) {
  RangeColumns columns;
  for (const auto& range : ranges) {
    columns.topics.push_back(range.at.topic);
    columns.partitions.push_back(range.at.partition);
    columns.epochs.push_back(range.epoch);
    columns.from.push_back(range.from);
    columns.to.push_back(range.to);
    columns.digests.push_back(Bytes{range.digest});
  }
  return columns;
}

// Throws FenceLost with the ranges that the fence did not let through.
void require_all_advanced(const std::vector<FencedRange>& ranges, const postgres::Rows& advanced) {
  if (static_cast<std::size_t>(advanced.size()) == ranges.size()) return;
  std::set<messaging::TopicPartition> kept;
  for (const auto row : advanced) kept.insert({row.get<std::string>(0), static_cast<std::int32_t>(row.get<std::int64_t>(1))});
  std::vector<messaging::TopicPartition> lost;
  for (const auto& range : ranges)
    if (!kept.contains(range.at)) lost.push_back(range.at);
  throw FenceLost(std::move(lost));
}

// A key that was taken for known has no row. It cannot be made now: rows are locked in the order of their keys, and later ones are locked.
struct KeyUnknown {};

bool has_unstored_key(const Batch& batch) {
  return std::any_of(batch.keys().begin(), batch.keys().end(), [](const auto& one) { return !one.second.stored; });
}

}  // namespace

BatchRunner::BatchRunner(CoreParts parts, std::string stage)
    : parts_(std::move(parts)),
      stage_(std::move(stage)),
      batches_(parts_.telemetry.metrics.counter("batches_total", "Transactions committed by the processing core.", {{"stage", stage_}})),
      in_doubt_(parts_.telemetry.metrics.counter("commits_in_doubt_total", "Commits whose answer was lost and had to be resolved.",
                                                 {{"stage", stage_}})),
      fence_rejections_(parts_.telemetry.metrics.counter("fence_rejections_total", "Batches refused because a partition was taken over.",
                                                         {{"stage", stage_}})),
      dead_letters_(parts_.telemetry.metrics.counter("dead_letters_total", "Messages set aside with a reason.", {{"stage", stage_}})),
      batch_seconds_(parts_.telemetry.metrics.histogram("batch_seconds", "From BEGIN to the answered COMMIT.",
                                                        telemetry::Metrics::seconds_buckets(), {{"stage", stage_}})),
      commit_seconds_(parts_.telemetry.metrics.histogram("commit_seconds", "The last round trip of a batch, COMMIT included.",
                                                         telemetry::Metrics::seconds_buckets(), {{"stage", stage_}})) {}

postgres::Session& BatchRunner::session() {
  if (!session_ || session_->broken()) {
    session_.reset();
    session_ = std::make_unique<postgres::Session>(parts_.database);
  }
  return *session_;
}

BatchRunner::Opened BatchRunner::open(postgres::Transaction& transaction, const BatchRequest& request, Acquaintance acquaintance,
                                      const base::Uuid& id, const base::Uuid& incarnation) {
  const RangeColumns ranges = columns_of(request.ranges);
  const auto witness = transaction.queue(sql::insert_batch, Parameters{}
                                                                .add(id)
                                                                .add(stage_)
                                                                .add(incarnation)
                                                                .add(ranges.topics)
                                                                .add(ranges.partitions)
                                                                .add(ranges.epochs)
                                                                .add(ranges.from)
                                                                .add(ranges.to));
  postgres::Transaction::Claim advanced = 0;
  if (!request.ranges.empty())
    advanced = transaction.queue(sql::advance_partitions, Parameters{}
                                                              .add(request.group)
                                                              .add(ranges.topics)
                                                              .add(ranges.partitions)
                                                              .add(ranges.epochs)
                                                              .add(ranges.from)
                                                              .add(ranges.to)
                                                              .add(ranges.digests));
  postgres::Transaction::Claim made = 0, locked = 0;
  const bool makes_absent = !request.keys.empty() && acquaintance == Acquaintance::mixed;
  if (makes_absent)
    made = transaction.queue(sql::insert_absent_keys, Parameters{}
                                                          .add(request.keys)
                                                          .add(static_cast<std::int32_t>(parts_.territory.inputs.size()))
                                                          .add(static_cast<std::int32_t>(parts_.territory.outputs.size())));
  if (!request.keys.empty()) locked = transaction.queue(sql::lock_keys, Parameters{}.add(request.keys));
  transaction.flush();
  base::crash_point("mid_transaction");

  Opened opened{transaction.take(witness)[0].get<base::WallTime>(0), {}};
  if (!request.ranges.empty() && !base::mutated(base::Mutation::no_fence)) require_all_advanced(request.ranges, transaction.take(advanced));
  if (request.keys.empty()) return opened;
  take_keys(opened, request, acquaintance, transaction.take(locked));
  if (makes_absent)
    for (const auto row : transaction.take(made)) opened.keys.at(row.get<std::string>(0)).fresh = true;
  return opened;
}

void BatchRunner::take_keys(Opened& opened, const BatchRequest& request, Acquaintance acquaintance, const postgres::Rows& locked) const {
  opened.keys = read_key_rows(locked, parts_.territory);
  if (acquaintance == Acquaintance::fresh)
    for (const auto& key : request.keys) opened.keys.try_emplace(key, unheard_of(parts_.territory));
  if (acquaintance == Acquaintance::known && opened.keys.size() < request.keys.size()) throw KeyUnknown{};
  COUNTERSIGN_INVARIANT(opened.keys.size() == request.keys.size(), "every key of a batch is locked or heard of for the first time");
}

void BatchRunner::queue_dead_letters(postgres::Transaction& transaction, Batch& batch, const std::string& group) {
  if (batch.dead().empty()) return;
  std::vector<Outgoing> copies;
  for (const auto& dead : batch.dead()) copies.push_back(make_dead_letter_copy(parts_.ids.next(), *dead.message, group, dead.refusal));
  transaction.queue(sql::insert_dead_letters, dead_letter_parameters(group, batch.dead(), copies));
  std::move(copies.begin(), copies.end(), std::back_inserter(batch.outgoing()));
}

void BatchRunner::queue_audit(postgres::Transaction& transaction, const Batch& batch) {
  if (batch.audit_entries().empty()) return;
  std::vector<base::Uuid> ids;
  std::vector<std::string> tenants, events, details;
  std::vector<std::optional<std::string>> tickets;
  std::vector<std::optional<std::int32_t>> runs, steps;
  for (const auto& entry : batch.audit_entries()) {
    ids.push_back(parts_.ids.next());
    tenants.push_back(entry.tenant);
    tickets.push_back(entry.ticket.empty() ? std::nullopt : std::optional(entry.ticket));
    runs.push_back(entry.run == 0 ? std::nullopt : std::optional(entry.run));
    steps.push_back(entry.step == 0 ? std::nullopt : std::optional(entry.step));
    events.push_back(entry.event);
    details.push_back(entry.detail.empty() ? "{}" : entry.detail);
  }
  transaction.queue(sql::insert_audit,
                    Parameters{}.add(batch.id()).add(ids).add(tenants).add(tickets).add(runs).add(steps).add(events).add(details));
}

void BatchRunner::close(postgres::Transaction& transaction, Batch& batch, const BatchRequest& request, const base::Uuid& incarnation,
                        const std::vector<base::Uuid>& confirmed) {
  queue_key_rows(batch.keys(), transaction);
  queue_dead_letters(transaction, batch, request.group.empty() ? stage_ : request.group);
  queue_audit(transaction, batch);
  if (!batch.outgoing().empty()) transaction.queue(sql::insert_outbox, outbox_parameters(incarnation, batch.outgoing()));
  if (!confirmed.empty()) transaction.queue(sql::delete_outbox, Parameters{}.add(confirmed));
  const auto start = parts_.clock.steady();
  commit(transaction, batch.id(), incarnation, has_unstored_key(batch));
  commit_seconds_.observe(seconds_since(parts_.clock, start));
}

void BatchRunner::commit(postgres::Transaction& transaction, const base::Uuid& id, const base::Uuid& incarnation, bool makes_rows) {
  try {
    transaction.commit();
  } catch (const base::Rejected& rejected) {
    // Two batches heard of a key for the first time at the same moment, and the other one was first.
    if (makes_rows && rejected.code() == unique_violation)
      throw base::Conflict(std::string("another batch may have heard of the same key at the same moment: ") + rejected.what());
    throw;
  } catch (const postgres::CommitInDoubt&) {
    in_doubt_.add();
    if (base::mutated(base::Mutation::believe_commit_in_doubt)) return;
    const bool committed = happened(id, incarnation);
    parts_.telemetry.log.warning("commit_in_doubt_resolved", {{"stage", stage_}, {"batch", id.str()}, {"committed", committed}});
    if (!committed)
      throw base::Unavailable("the connection was lost during COMMIT and the transaction did not happen; it will be repeated");
  }
}

// Until the database answers: whoever asks may not go on without knowing, and has nothing better to do.
bool BatchRunner::happened(const base::Uuid& id, const base::Uuid& incarnation) {
  base::Backoff backoff{std::chrono::milliseconds{20}, std::chrono::milliseconds{1000}};
  for (;;) {
    try {
      if (session().execute(sql::void_batch, Parameters{}.add(id).add(stage_).add(incarnation)).affected() == 1) return false;
      const auto rows = session().execute(sql::find_batch, Parameters{}.add(id));
      COUNTERSIGN_INVARIANT(!rows.empty(), "a batch id that conflicts is there");
      return !rows[0].get<bool>(0);
    } catch (const base::Unavailable&) {
      parts_.clock.wait({}, backoff.next());
    } catch (const base::Conflict&) {
      parts_.clock.wait({}, backoff.next());
    }
  }
}

// What a batch takes along from outside the transaction, and what it leaves to be done after the commit.
struct BatchRunner::Cargo {
  base::Uuid incarnation;
  std::vector<base::Uuid> confirmed;  // outbox rows that the log has
  std::vector<Outgoing> owed;
};

void BatchRunner::run(const BatchRequest& request, const Prepare& prepare, const Work& work) {
  const auto start = parts_.clock.steady();
  Cargo cargo{parts_.incarnation.current(), parts_.publisher.take_confirmed(), {}};
  try {
    try {
      attempt(request, request.acquaintance, prepare, work, cargo);
    } catch (const KeyUnknown&) {
      attempt(request, Acquaintance::mixed, prepare, work, cargo);
    }
  } catch (const FenceLost&) {
    fence_rejections_.add();
    parts_.publisher.give_back(cargo.confirmed);
    throw;
  } catch (...) {
    parts_.publisher.give_back(cargo.confirmed);
    throw;
  }
  base::crash_point("after_commit");
  parts_.publisher.forget_deleted(cargo.confirmed);
  parts_.publisher.hand_over(std::move(cargo.owed));
  batches_.add();
  batch_seconds_.observe(seconds_since(parts_.clock, start));
}

void BatchRunner::attempt(const BatchRequest& request, Acquaintance acquaintance, const Prepare& prepare, const Work& work, Cargo& cargo) {
  const auto begun = parts_.clock.steady();
  const base::Uuid id = parts_.ids.next();
  postgres::Transaction transaction{session()};
  Opened opened = open(transaction, request, acquaintance, id, cargo.incarnation);
  auto arrivals = prepare ? prepare(transaction, opened.keys) : std::vector<KeyedArrivals>{};
  Batch batch{parts_.territory, transaction, parts_.ids, id, opened.now, std::move(opened.keys), std::move(arrivals), begun};
  work(batch);
  if (base::mutated(base::Mutation::publish_before_commit)) parts_.publisher.hand_over(batch.outgoing());
  close(transaction, batch, request, cargo.incarnation, cargo.confirmed);
  dead_letters_.add(static_cast<double>(batch.dead().size()));
  cargo.owed = std::move(batch.outgoing());
}

}  // namespace countersign::pipeline
