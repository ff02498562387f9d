#include "pipeline/stage.hpp"

#include <algorithm>

#include "base/crash_point.hpp"

namespace countersign::pipeline {

using messaging::TopicPartition;

namespace {

constexpr std::chrono::seconds look_interval{2};

}  // namespace

Stage::Stage(messaging::Broker& broker, CoreParts parts, Handler& handler, StageOptions options)
    : broker_(broker),
      parts_(parts),
      handler_(handler),
      options_(std::move(options)),
      group_(parts.territory.service + "." + options_.topic),
      name_(options_.topic),
      metrics_(parts.telemetry.metrics, name_),
      runner_(parts, name_),
      ledger_(group_, static_cast<std::int64_t>(options_.most_rows)),
      fill_(options_.least_fill),
      most_now_(options_.most_rows) {}

Stage::~Stage() = default;

void Stage::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const bool waits = !trouble_.empty();
    run_once(options_.poll_wait);
    if (waits && !trouble_.empty()) parts_.clock.wait(stop, backoff_.next());
  }
}

std::size_t Stage::run_once(std::chrono::milliseconds wait) {
  failed_ = false;
  try {
    if (ended_by_group_) join_anew_or_end();
    if (!consumer_) {
      messaging::ConsumerOptions wish{group_, options_.topics, options_.instance.empty() ? "" : options_.instance + "." + name_};
      consumer_ = broker_.make_consumer(wish);
    }
    collect(wait);
    look_after_partitions();
    if (drain_wanted_ && !ledger_.owned().empty()) drain_due();
    const std::size_t committed = commit_pending();
    if (!failed_) trouble_.clear();
    report();
    return committed;
  } catch (const base::Unavailable& failure) {
    survive(failure, {});
  } catch (const base::Conflict& failure) {
    survive(failure, {});
  }
  report();
  return 0;
}

void Stage::collect(std::chrono::milliseconds wait) {
  if (pending_.size() >= options_.most_rows || pending_bytes_ >= options_.most_bytes)
    return;  // the database keeps us waiting: what we hold is bounded
  auto first = consumer_->poll(pending_.empty() && trouble_.empty() ? wait : std::chrono::milliseconds{0});
  // An outage leaves a heap of troubles behind; the logs are checked once, after all of them.
  while (std::holds_alternative<messaging::Trouble>(first)) {
    receive(std::move(first));
    first = consumer_->poll(std::chrono::milliseconds{0});
  }
  receive(std::move(first));
  if (pending_.empty()) return;
  take_what_is_there();
  // Asleep, and not polling: each message that wakes us costs more than taking it does.
  const auto wait_to_fill = std::chrono::round<std::chrono::milliseconds>(fill_.current());
  if (wait_to_fill.count() > 0 && has_room()) {
    parts_.clock.wait({}, wait_to_fill);
    take_what_is_there();
  }
  fill_.note_batch(pending_.size(), parts_.clock.steady());
  metrics_.rate.set(fill_.rate());
  base::crash_point("after_poll");
}

bool Stage::has_room() const { return pending_.size() < most_now_ && pending_bytes_ < options_.most_bytes; }

void Stage::take_what_is_there() {
  while (has_room()) {
    auto event = consumer_->poll(std::chrono::milliseconds{0});
    if (std::holds_alternative<messaging::Quiet>(event)) return;
    receive(std::move(event));
  }
}

void Stage::receive(messaging::Event event) {
  if (auto* message = std::get_if<messaging::Message>(&event)) accept(std::move(*message));
  if (const auto* assigned = std::get_if<messaging::Assigned>(&event)) assign(assigned->partitions);
  if (const auto* revoked = std::get_if<messaging::Revoked>(&event)) revoke(*revoked);
  if (const auto* trouble = std::get_if<messaging::Trouble>(&event)) note_trouble(*trouble);
}

void Stage::accept(messaging::Message message) {
  OwnedPartition* mine = ledger_.find(message.at);
  if (mine == nullptr || message.offset < mine->expected) return;
  if (message.offset > mine->expected) {
    const TopicPartition at = message.at;
    block(at, at.topic + "/" + std::to_string(at.partition) + " has no message at offset " + std::to_string(mine->expected) +
                  "; nothing of it is consumed until `countersign offsets repair`");
    return;
  }
  ++mine->expected;
  pending_bytes_ += (message.value ? message.value->size() : 0) + 256;
  pending_.push_back(std::make_shared<const messaging::Message>(std::move(message)));
}

void Stage::assign(const std::vector<TopicPartition>& partitions) {
  assignment_known_ = true;
  assigned_ = {partitions.begin(), partitions.end()};
  blocked_.clear();
  to_take_.clear();
  for (const auto& at : partitions) to_take_[at] = parts_.clock.steady();
  take_over_due();
  restart_reading();  // even with nothing: the group waits for our answer
}

void Stage::revoke(const messaging::Revoked& revoked) {
  for (const auto& at : revoked.partitions) {
    assigned_.erase(at);
    blocked_.erase(at);
    to_take_.erase(at);
    forget(at);
  }
  consumer_->end(revoked.partitions);
  parts_.telemetry.log.info("partitions_revoked", {{"stage", name_}, {"partitions", revoked.partitions.size()}, {"lost", revoked.lost}});
}

void Stage::note_trouble(const messaging::Trouble& trouble) {
  logs_in_doubt_ = true;
  reading_lost_ |= trouble.out_of_range;
  parts_.telemetry.log.warning("consumer_trouble", {{"stage", name_}, {"error", trouble.what}, {"fatal", trouble.fatal}});
  if (!trouble.fatal) return;
  ended_by_group_ = true;
  throw base::Unavailable("the consumer of " + name_ + " was ended by the group: " + trouble.what);
}

// The group gives our name to whoever joined last. Another process is right to have it, and a new consumer would only take it back. But a
// client that was cut off for longer than its session joins anew, and what it had asked before is then refused like a stranger's: nobody
// else is there.
void Stage::join_anew_or_end() {
  if (parts_.incarnation.has_rival())
    throw ConsumerEnded("the consumer of " + name_ + " was ended by a later process of the same instance name");
  ledger_.clear();
  pending_.clear();
  pending_bytes_ = 0;
  assigned_.clear();
  blocked_.clear();
  to_take_.clear();
  assignment_known_ = false;
  consumer_.reset();
  ended_by_group_ = false;
}

// A take-over that fails for the database's or the broker's sake stays due and is tried again.
void Stage::take_over_due() {
  const auto now = parts_.clock.steady();
  std::vector<TopicPartition> due;
  for (const auto& [at, when] : to_take_)
    if (when <= now) due.push_back(at);
  for (const auto& at : due) {
    try {
      const auto verdict = ledger_.take_over(at, runner_.session(), *consumer_, parts_.incarnation.current());
      to_take_.erase(at);
      drain_wanted_ = true;
      if (const auto* refused = std::get_if<PartitionLedger::Blocked>(&verdict))
        block(at, refused->reason);
      else
        blocked_.erase(at);
    } catch (const base::Unavailable& failure) {
      to_take_[at] = now + std::chrono::milliseconds{200};
      survive(failure, {});
    } catch (const base::Conflict&) {
      to_take_[at] = now + std::chrono::milliseconds{50};  // an orphaned backend of the last owner still holds the row
    }
  }
  if (!due.empty())
    parts_.telemetry.log.info("partitions_taken_over", {{"stage", name_}, {"owned", ledger_.owned().size()}, {"due", to_take_.size()}});
}

void Stage::restart_reading() {
  std::vector<messaging::Position> positions;
  for (const auto& [at, mine] : ledger_.owned()) positions.push_back({at, mine.expected});
  reading_lost_ = true;  // until the consumer has taken them: what we own and nobody reads would look idle
  consumer_->begin(positions);
  reading_lost_ = false;
}

void Stage::block(const TopicPartition& at, const std::string& reason) {
  forget(at);
  const bool fresh = blocked_.insert_or_assign(at, reason).second;
  to_take_[at] = parts_.clock.steady() + options_.recheck_after;
  if (fresh) parts_.telemetry.log.error("partition_blocked", {{"stage", name_}, {"reason", reason}});
}

void Stage::look_after_partitions() {
  const auto now = parts_.clock.steady();
  const bool due = std::any_of(to_take_.begin(), to_take_.end(), [&](const auto& one) { return one.second <= now; });
  if (due) take_over_due();
  const bool blocked = logs_in_doubt_ && recheck_logs();
  if (due || blocked || reading_lost_) restart_reading();
  if (now < next_look_) return;
  next_look_ = now + look_interval;
  std::vector<messaging::Position> positions;
  for (const auto& [at, mine] : ledger_.owned()) positions.push_back({at, mine.next});
  consumer_->note_progress(positions);
  watch_gaps();
}

// Returns whether a partition was blocked.
bool Stage::recheck_logs() {
  std::vector<TopicPartition> owned;
  for (const auto& [at, mine] : ledger_.owned()) owned.push_back(at);
  bool changed = false;
  for (const auto& at : owned) {
    if (const auto reason = ledger_.check_log(at, *consumer_)) {
      block(at, *reason);
      changed = true;
    }
  }
  logs_in_doubt_ = false;
  return changed;
}

void Stage::forget(const TopicPartition& at) {
  ledger_.drop(at);
  std::erase_if(pending_, [&](const auto& message) { return message->at == at; });
  pending_bytes_ = 0;
  for (const auto& message : pending_) pending_bytes_ += (message->value ? message->value->size() : 0) + 256;
}

void Stage::report() {
  metrics_.owned.set(static_cast<double>(ledger_.owned().size()));
  metrics_.blocked.set(static_cast<double>(blocked_.size()));
  if (!options_.report_readiness) return;
  if (!blocked_.empty()) return options_.report_readiness(false, blocked_.begin()->second);
  if (!trouble_.empty()) return options_.report_readiness(false, trouble_);
  if (!assignment_known_) return options_.report_readiness(false, "waiting for the consumer group to hand out partitions");
  if (ledger_.owned().size() < assigned_.size()) return options_.report_readiness(false, "partitions are being taken over");
  options_.report_readiness(true, "");
}

void Stage::leave(std::chrono::milliseconds deadline) {
  if (!consumer_) return;
  std::vector<messaging::Position> positions;
  for (const auto& [at, mine] : ledger_.owned()) positions.push_back({at, mine.next});
  consumer_->note_progress(positions);
  consumer_->close(deadline);
  consumer_.reset();
}

}  // namespace countersign::pipeline
