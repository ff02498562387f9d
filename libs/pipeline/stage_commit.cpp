#include <algorithm>

#include "pipeline/dead_letters.hpp"
#include "pipeline/sorted_slice.hpp"
#include "pipeline/sql.hpp"
#include "pipeline/stage.hpp"
#include "postgres/sqlstate.hpp"

namespace countersign::pipeline {

using postgres::Parameters;

std::size_t Stage::commit_pending() {
  committed_ = 0;
  while (!pending_.empty() && !logs_in_doubt_) {
    const Messages slice = next_slice();
    const auto begun = parts_.clock.steady();
    try {
      commit_or_set_aside(slice);
      fill_.note_commit(parts_.clock.steady() - begun);
      most_now_ = std::min(options_.most_rows, most_now_ * 2);
      backoff_.reset();
    } catch (const FenceLost& loss) {
      lose(loss);
    } catch (const base::Unavailable& failure) {
      if (!survive(failure, slice)) break;
    } catch (const base::Conflict& failure) {
      if (!survive(failure, slice)) break;
    } catch (const base::Rejected& failure) {
      if (!survive(failure, slice)) break;
    }
    if (drain_wanted_) drain_due();
  }
  return committed_;
}

// As many as a batch may hold; a message that must be taken alone is a slice of its own.
Stage::Messages Stage::next_slice() {
  if (careful(*pending_.front())) return {pending_.front()};
  const auto most = pending_.begin() + static_cast<std::ptrdiff_t>(std::min(most_now_, pending_.size()));
  return Messages(pending_.begin(), std::find_if(pending_.begin(), most, [&](const auto& message) { return careful(*message); }));
}

void Stage::commit_or_set_aside(const Messages& slice) {
  const auto& first = *slice.front();
  if (!careful(first)) return commit_slice(slice, std::nullopt);
  if (const auto refusal = counted_out(first)) {
    metrics_.unhandled.add();
    return commit_slice(slice, refusal);
  }
  try {
    commit_slice(slice, std::nullopt);
  } catch (const std::runtime_error&) {
    take_back_start(first);  // survived: the message does not kill, whatever else is wrong
    throw;
  }
}

void Stage::commit_slice(const Messages& slice, const std::optional<base::Refusal>& refusal) {
  const bool drain = most_now_ > 1 && !careful(*slice.front());
  Sorted sorted = sort(slice, refusal);
  run_batch(
      request_for(slice),
      [&](postgres::Transaction& transaction, std::map<std::string, KeyState>& keys) { return admit(sorted, drain, transaction, keys); },
      [&](Batch& batch) { work(batch, sorted); });
  if (!drain && options_.sequenced) drain_wanted_ = true;
  metrics_.lag.set(std::chrono::duration<double>(parts_.clock.wall() - slice.front()->timestamp).count());
  metrics_.messages.add(static_cast<double>(slice.size()));
  metrics_.batch_rows.observe(static_cast<double>(slice.size()));
  metrics_.duplicates.add(static_cast<double>(sorted.duplicates));
  metrics_.skipped.add(static_cast<double>(sorted.skipped));
  metrics_.parked.add(static_cast<double>(sorted.parked));
  advance(slice);
  handler_.committed();
}

// What the handler need not have asked for is no reason to set a message aside.
void Stage::run_batch(const BatchRequest& request, const BatchRunner::Prepare& prepare, const BatchRunner::Work& work) {
  try {
    runner_.run(request, prepare, work);
  } catch (const base::Rejected& rejected) {
    if (handler_.rolled_back()) throw base::Conflict(rejected.what());
    throw;
  } catch (...) {
    handler_.rolled_back();
    throw;
  }
}

BatchRequest Stage::request_for(const Messages& slice) const {
  BatchRequest request;
  request.group = group_;
  request.acquaintance = options_.acquaintance;
  std::map<messaging::TopicPartition, const messaging::Message*> last;
  for (const auto& message : slice) {
    last[message->at] = message.get();
    if (message->key && contracts::split_key(*message->key)) request.keys.push_back(*message->key);
  }
  std::sort(request.keys.begin(), request.keys.end());
  request.keys.erase(std::unique(request.keys.begin(), request.keys.end()), request.keys.end());
  for (const auto& [at, message] : last) {
    const OwnedPartition& mine = ledger_.owned().at(at);
    request.ranges.push_back({at, mine.epoch, mine.next, message->offset + 1, digest_of(*message)});
  }
  return request;
}

void Stage::advance(const Messages& slice) {
  for (const auto& message : slice) {
    OwnedPartition* mine = ledger_.find(message->at);
    mine->next = message->offset + 1;
    pending_bytes_ -= std::min(pending_bytes_, (message->value ? message->value->size() : 0) + 256);
  }
  for (const auto& [at, offset] : last_offsets(slice)) ledger_.find(at)->digest = digest_of(*offset);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(slice.size()));
  committed_ += slice.size();
}

bool Stage::careful(const messaging::Message& message) {
  const OwnedPartition* mine = ledger_.find(message.at);
  return mine != nullptr && message.offset < mine->careful_until;
}

// Counts the start of the message before anything is done with it, in a transaction of its own: whoever dies now has left a trace.
std::optional<base::Refusal> Stage::counted_out(const messaging::Message& message) {
  if (survived_ && survived_->at == message.at && survived_->offset == message.offset)
    return std::nullopt;  // this life's start is counted already
  const OwnedPartition& mine = *ledger_.find(message.at);
  const auto rows = runner_.session().execute(
      sql::count_start, Parameters{}.add(group_).add(message.at.topic).add(message.at.partition).add(mine.epoch).add(message.offset));
  if (rows.empty()) throw FenceLost({message.at});
  return refusal_after(rows[0].get<std::int64_t>(0));
}

std::optional<base::Refusal> Stage::refusal_after(std::int64_t starts) {
  if (starts < most_starts) return std::nullopt;
  if (starts == most_starts) return base::Refusal{std::string(unhandled), "no process survived this message"};
  return base::Refusal{std::string(deadly), "no process survived this message, nor setting it aside"};
}

void Stage::take_back_start(const messaging::Message& message) {
  survived_ = messaging::Position{message.at, message.offset};
  try {
    runner_.session().execute(sql::take_back_start,
                              Parameters{}.add(group_).add(message.at.topic).add(message.at.partition).add(message.offset));
    survived_.reset();
  } catch (const std::runtime_error& failure) {
    parts_.telemetry.log.warning("start_not_taken_back", {{"stage", name_}, {"error", failure.what()}});
  }
}

// What to do after a failure that rolled everything back. Returns whether to go on at once.
bool Stage::survive(const std::runtime_error& failure, const Messages& slice) {
  const bool lost = dynamic_cast<const base::Unavailable*>(&failure) != nullptr && !runner_.connected();
  // A connection lost twice in a row may be the batch's own doing: too slow for a limit that ends the session, too large for the server.
  const bool again = !trouble_.empty();
  if (!slice.empty() && most_now_ > 1 &&
      (!lost || again)) {  // a slice of one may still have drained parked messages: next time it is alone
    most_now_ = std::max<std::size_t>(1, slice.size() / 2);
    metrics_.halvings.add();
    parts_.telemetry.log.info("batch_halved", {{"stage", name_}, {"to", most_now_}, {"error", failure.what()}});
    if (!lost) return true;
  }
  const auto* rejected = dynamic_cast<const base::Rejected*>(&failure);
  if (rejected != nullptr && slice.size() == 1 && postgres::permanent(*rejected) && set_aside(slice, *rejected)) return true;
  metrics_.retries.add();
  if (trouble_.empty()) parts_.telemetry.log.warning("stage_waits", {{"stage", name_}, {"error", failure.what()}});
  trouble_ = failure.what();
  failed_ = true;
  return false;
}

// False: even the note that it was refused is refused, and the stage waits for an operator; dying would only repeat it.
bool Stage::set_aside(const Messages& slice, const base::Rejected& rejected) {
  parts_.telemetry.log.warning("message_rejected_by_database", {{"stage", name_}, {"error", rejected.what()}});
  try {
    commit_slice(slice, rejected_by_database(rejected));
  } catch (const FenceLost& loss) {
    lose(loss);
  } catch (const base::Rejected& again) {
    parts_.telemetry.log.error("message_not_set_aside", {{"stage", name_}, {"error", again.what()}});
    return false;
  }
  return true;
}

base::Refusal Stage::rejected_by_database(const base::Rejected& rejected) {
  return {std::string(pipeline::rejected_by_database), "PostgreSQL refused what the message asks for: SQLSTATE " + rejected.code()};
}

void Stage::lose(const FenceLost& loss) {
  parts_.telemetry.log.warning("fence_lost", {{"stage", name_}, {"partitions", loss.lost().size()}});
  for (const auto& at : loss.lost()) {
    forget(at);
    if (assigned_.contains(at)) to_take_[at] = parts_.clock.steady() + options_.retake_after;
  }
  parts_.incarnation.renew_identity(parts_.incarnation.current());
}

}  // namespace countersign::pipeline
