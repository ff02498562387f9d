#include "pipeline/publisher.hpp"

#include <algorithm>

#include "base/crash_point.hpp"
#include "base/mutation.hpp"
#include "pipeline/outbox_rows.hpp"
#include "pipeline/sql.hpp"

namespace countersign::pipeline {

using postgres::Parameters;

messaging::Record to_record(const Outgoing& outgoing, std::uint64_t token) {
  messaging::Record record;
  record.topic = outgoing.topic;
  record.key = outgoing.raw ? outgoing.raw_key : std::optional<std::string>(outgoing.key);
  record.value = outgoing.payload;
  record.headers = outgoing.headers;
  record.token = token;
  return record;
}

Publisher::Publisher(messaging::Broker& broker, const postgres::ConnectionSettings& database, Incarnation& incarnation, base::Clock& clock,
                     telemetry::Telemetry telemetry, Limits limits)
    : broker_(broker),
      database_(database),
      incarnation_(incarnation),
      clock_(clock),
      telemetry_(telemetry),
      limits_(limits),
      published_(telemetry.metrics.counter("published_messages_total", "Messages that the log has confirmed.")),
      failed_(telemetry.metrics.counter("publish_failures_total", "Messages that the log refused or lost; each is sent again.")),
      read_again_count_(
          telemetry.metrics.counter("outbox_rows_read_again_total", "Outbox rows that had to be read from the table to be sent.")),
      queue_length_(telemetry.metrics.gauge("publish_queue_messages", "Messages committed and not yet given to the producer.")),
      unconfirmed_(telemetry.metrics.gauge("publish_unconfirmed_messages", "Messages given to the producer and not yet confirmed.")) {}

Publisher::~Publisher() = default;

void Publisher::hand_over(std::vector<Outgoing> committed) {
  if (committed.empty()) return;
  std::lock_guard lock(mutex_);
  for (auto& outgoing : committed) {
    if (known_.size() >= limits_.most_queued) break;  // the rows are in the outbox; they are read again later
    if (known_.insert(outgoing.id).second) queue_.push_back(std::move(outgoing));
  }
  handed_over_.notify_one();
}

std::vector<base::Uuid> Publisher::take_confirmed() {
  std::lock_guard lock(mutex_);
  last_take_ = clock_.steady();
  std::vector<base::Uuid> taken;
  if (confirmed_.size() <= limits_.most_deleted_at_once) {
    taken.swap(confirmed_);
  } else {
    const auto end = confirmed_.begin() + static_cast<std::ptrdiff_t>(limits_.most_deleted_at_once);
    taken.assign(confirmed_.begin(), end);
    confirmed_.erase(confirmed_.begin(), end);
  }
  return taken;
}

void Publisher::forget_deleted(const std::vector<base::Uuid>& deleted) {
  std::lock_guard lock(mutex_);
  for (const auto& id : deleted) known_.erase(id);
}

void Publisher::give_back(const std::vector<base::Uuid>& confirmed) {
  std::lock_guard lock(mutex_);
  confirmed_.insert(confirmed_.end(), confirmed.begin(), confirmed.end());
}

void Publisher::offer_queued() {
  if (!producer_) producer_ = broker_.make_producer();
  {
    std::lock_guard lock(mutex_);
    sending_.insert(sending_.end(), std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
    queue_.clear();
  }
  bool offered = false;
  while (!sending_.empty() && producer_->offer(to_record(sending_.front(), next_token_))) {
    if (base::mutated(base::Mutation::delete_outbox_early)) give_back({sending_.front().id});
    under_way_.emplace(next_token_++, std::move(sending_.front()));
    sending_.pop_front();
    offered = true;
  }
  if (offered) base::crash_point("after_produce");
}

void Publisher::take_receipts(std::chrono::milliseconds wait) {
  const auto receipts = producer_->receipts(wait);
  if (receipts.empty()) return;
  base::crash_point("after_delivery_report");
  std::vector<base::Uuid> good;
  std::vector<Outgoing> again;
  std::string error;
  for (const auto& receipt : receipts) {
    auto found = under_way_.extract(receipt.token);
    if (found.empty()) continue;
    if (receipt.good) {
      good.push_back(found.mapped().id);
    } else {
      error = receipt.error;
      failed_.add();
      if (receipt.retry)
        again.push_back(std::move(found.mapped()));
      else {
        std::lock_guard lock(mutex_);  // read again from the outbox when it has aged: a grant may have been mended by then
        known_.erase(found.mapped().id);
      }
    }
  }
  if (!error.empty()) telemetry_.log.warning("publish_failed", {{"error", error}});
  published_.add(static_cast<double>(good.size()));
  std::sort(again.begin(), again.end(), [](const Outgoing& a, const Outgoing& b) { return a.id < b.id; });
  std::lock_guard lock(mutex_);
  confirmed_.insert(confirmed_.end(), good.begin(), good.end());
  sending_.insert(sending_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
}

postgres::Session& Publisher::session() {
  if (!session_ || session_->broken()) session_ = std::make_unique<postgres::Session>(database_);
  return *session_;
}

void Publisher::delete_when_idle() {
  {
    std::lock_guard lock(mutex_);
    if (confirmed_.empty()) return;
    const bool flooded = confirmed_.size() > limits_.most_deleted_at_once;
    if (!flooded && clock_.steady() - last_take_ < limits_.idle_before_delete) return;
  }
  delete_confirmed();
}

bool Publisher::delete_confirmed() {
  const auto ids = take_confirmed();
  if (ids.empty()) return false;
  base::crash_point("before_outbox_delete");
  try {
    session().execute(sql::delete_outbox, Parameters{}.add(ids));
  } catch (const std::runtime_error&) {
    give_back(ids);
    throw;
  }
  forget_deleted(ids);
  return true;
}

std::vector<Outgoing> Publisher::find_rows(std::chrono::milliseconds older_than, std::size_t most) {
  const auto rows = session().execute(
      sql::find_outbox_rows,
      Parameters{}.add(incarnation_.current()).add(std::chrono::microseconds{older_than}).add(static_cast<std::int64_t>(most)));
  std::vector<Outgoing> found;
  for (const auto row : rows) {
    if (auto one = read_outbox_row(row))
      found.push_back(std::move(*one));
    else
      telemetry_.log.error("outbox_row_unreadable", {{"id", row.get<base::Uuid>(0).str()}});
  }
  return found;
}

void Publisher::read_again(std::chrono::milliseconds older_than) {
  // As it was before we read: a row that is seen there may be confirmed, deleted and forgotten by the time we have it.
  std::unordered_set<base::Uuid> known;
  {
    std::lock_guard lock(mutex_);
    if (known_.size() >= limits_.most_queued) return;  // nothing would fit
    known = known_;
  }
  // More than can be known, so that a full page of known rows cannot hide the stranded ones behind it.
  auto rows = find_rows(older_than, limits_.most_queued + limits_.most_deleted_at_once);
  std::erase_if(rows, [&](const Outgoing& row) { return known.contains(row.id); });
  queue_in_front(std::move(rows));
}

// They are older than anything that waits.
void Publisher::queue_in_front(std::vector<Outgoing> stranded) {
  std::lock_guard lock(mutex_);
  std::vector<Outgoing> fitting;
  for (auto& outgoing : stranded) {
    if (known_.size() >= limits_.most_queued) break;
    if (known_.insert(outgoing.id).second) fitting.push_back(std::move(outgoing));
  }
  read_again_count_.add(static_cast<double>(fitting.size()));
  queue_.insert(queue_.begin(), std::make_move_iterator(fitting.begin()), std::make_move_iterator(fitting.end()));
}

void Publisher::read_again_when_due() {
  if (clock_.steady() - last_read_again_ < limits_.age_before_resend / 2) return;
  last_read_again_ = clock_.steady();
  read_again(limits_.age_before_resend);
}

void Publisher::run_once(std::chrono::milliseconds wait) {
  offer_queued();
  take_receipts(under_way_.empty() ? std::chrono::milliseconds{0} : wait);
  delete_when_idle();
  read_again_when_due();
  std::lock_guard lock(mutex_);
  queue_length_.set(static_cast<double>(queue_.size() + sending_.size()));
  unconfirmed_.set(static_cast<double>(under_way_.size()));
}

bool Publisher::wait_for_work(std::stop_token stop) {
  if (!under_way_.empty() || !sending_.empty()) return true;
  std::unique_lock lock(mutex_);
  handed_over_.wait_for(lock, stop, std::chrono::milliseconds{50}, [this] { return !queue_.empty(); });
  return !queue_.empty();
}

void Publisher::run(std::stop_token stop) {
  bool adopted_sent = false;
  while (!stop.stop_requested()) {
    try {
      if (!adopted_sent) {
        read_again(std::chrono::milliseconds{0});
        last_read_again_ = clock_.steady();
        adopted_sent = true;
      }
      wait_for_work(stop);
      run_once(std::chrono::milliseconds{1});
    } catch (const base::Unavailable& trouble) {
      telemetry_.log.warning("publisher_waits", {{"error", trouble.what()}});
      clock_.wait(stop, std::chrono::milliseconds{500});
    } catch (const base::Conflict&) {
      continue;
    }
  }
}

bool Publisher::flush(std::chrono::milliseconds deadline) {
  const auto end = clock_.steady() + deadline;
  try {
    for (;;) {
      offer_queued();
      take_receipts(std::chrono::milliseconds{5});
      std::unique_lock lock(mutex_);
      const bool empty = queue_.empty() && sending_.empty() && under_way_.empty();
      lock.unlock();
      if (empty || clock_.steady() >= end) {
        while (delete_confirmed()) {
        }
        return empty;
      }
    }
  } catch (const std::runtime_error& trouble) {
    telemetry_.log.warning("publisher_not_flushed", {{"error", trouble.what()}});
    return false;
  }
}

}  // namespace countersign::pipeline
