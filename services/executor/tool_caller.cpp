#include "executor/tool_caller.hpp"

#include <algorithm>
#include <iterator>

#include "base/crash_point.hpp"
#include "base/errors.hpp"
#include "base/mutation.hpp"
#include "executor/random_bits.hpp"
#include "executor/tool_result.hpp"
#include "executor/wanted_calls.hpp"
#include "http/retry_after.hpp"

namespace countersign::executor {

namespace {

using domain::CallEnd;
using std::chrono::milliseconds;

constexpr milliseconds ask_again_after{50};
constexpr auto longest_retry_after = std::chrono::duration_cast<std::chrono::seconds>(domain::most_retry_after);

http::ClientOptions client_options(const CallerOptions& options) {
  auto client = RequestRenderer::client_options(options.reach, options.ca_file);
  client.most_kept_connections = options.most_at_once;
  return client;
}

// Whether the target is there and in order, whatever it said.
bool target_answers(const http::Outcome& outcome) {
  return outcome.status > 0 && outcome.status < 500 && (outcome.kind == http::Outcome::Kind::answered || outcome.body_cut);
}

// The lane must not wait long for the database while answers come in.
postgres::ConnectionSettings impatient(postgres::ConnectionSettings settings) {
  settings.statement_timeout = milliseconds{1000};
  settings.client_deadline = milliseconds{2000};
  return settings;
}

constexpr const char* too_late = "the executor stops";

milliseconds until(base::SteadyTime now, base::SteadyTime then) { return std::chrono::duration_cast<milliseconds>(then - now); }

}  // namespace

struct ToolCaller::Attempt {
  explicit Attempt(ToolCall taken) { report.call = std::move(taken); }

  const ToolCall& call() const { return report.call; }
  const catalog::ToolManifest& manifest() const { return *report.call.manifest; }

  CallReport report;
  base::SteadyTime not_before{};
  std::vector<base::Secret> secrets;  // of the present attempt, so that no answer can bring them back
};

ToolCaller::ToolCaller(postgres::ConnectionSettings database, const SecretDirectory& secrets, base::Clock& clock, base::Bell& ended,
                       telemetry::Telemetry telemetry, CallerOptions options)
    : database_(impatient(std::move(database))),
      clock_(clock),
      bell_(ended),
      options_(std::move(options)),
      slots_(options_.most_at_once, options_.most_per_tool),
      renderer_(secrets, telemetry, options_.reach),
      brakes_("calls", telemetry),
      client_(client_options(options_)),
      sent_(telemetry.metrics.counter("tool_calls_total", "Calls put on the wire.")),
      repeated_(telemetry.metrics.counter("tool_calls_repeated_total", "Calls repeated within their claim.")),
      called_off_(telemetry.metrics.counter("tool_calls_not_sent_total", "Calls that ended without a byte having left.")),
      call_seconds_(telemetry.metrics.histogram("tool_call_seconds", "From the first byte to the answer or its absence.",
                                                telemetry::Metrics::seconds_buckets())) {}

ToolCaller::~ToolCaller() = default;

void ToolCaller::take(std::vector<ToolCall> calls) {
  {
    std::lock_guard lock(mutex_);
    uncollected_ += calls.size();
    std::move(calls.begin(), calls.end(), std::back_inserter(taken_));
    if (closed_) refuse_taken();
  }
  client_.wake();
}

std::vector<CallReport> ToolCaller::collect_ended() {
  std::lock_guard lock(mutex_);
  for (const auto& report : ended_) slots_.give_back(report.call.bulkhead());
  uncollected_ -= ended_.size();
  return std::exchange(ended_, {});
}

bool ToolCaller::idle() const {
  std::lock_guard lock(mutex_);
  return uncollected_ == 0;
}

void ToolCaller::run(std::stop_token stop) {
  std::stop_callback wake(stop, [this] { client_.wake(); });
  while (!stop.stop_requested()) call_once(milliseconds{1000});
  slots_.close();
  collect_taken();
  end_waiting();
  const auto deadline = clock_.steady() + options_.last_calls;
  while (client_.in_flight() > 0 && clock_.steady() < deadline) {
    client_.run_once(milliseconds{100});
    collect_taken();  // claimed by a batch that was open when the lane stopped: not sent, and nobody need wait to hear so
    end_waiting();
    bell_.ring();
  }
  close();
  bell_.ring();
}

std::size_t ToolCaller::call_once(milliseconds wait) {
  ended_now_ = 0;
  collect_taken();
  send_due();
  client_.run_once(ended_now_ > 0 ? milliseconds{0} : wait_at_most(wait));
  if (ended_now_ > 0) bell_.ring();
  return ended_now_;
}

void ToolCaller::collect_taken() {
  std::lock_guard lock(mutex_);
  for (auto& call : taken_) waiting_.push_back(std::make_unique<Attempt>(std::move(call)));
  taken_.clear();
}

milliseconds ToolCaller::wait_at_most(milliseconds wait) const {
  const auto now = clock_.steady();
  for (const auto& attempt : waiting_) wait = std::clamp(until(now, attempt->not_before) + milliseconds{1}, milliseconds{0}, wait);
  return wait;
}

bool ToolCaller::covered(const Attempt& attempt) const {
  return until(clock_.steady(), attempt.call().lease_end) > attempt.manifest().timeout;
}

ToolCaller::Attempts ToolCaller::take_due() {
  Attempts due;
  const auto now = clock_.steady();
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    const auto next = std::next(each);
    if ((*each)->not_before <= now) due.splice(due.end(), waiting_, each);
    each = next;
  }
  return due;
}

// Which of them the database still wants. Throws what Session throws.
std::vector<bool> ToolCaller::ask_wanted(const Attempts& due) {
  std::vector<const ToolCall*> calls;
  for (const auto& attempt : due) calls.push_back(&attempt->call());
  if (!session_ || session_->broken()) session_ = std::make_unique<postgres::Session>(database_);
  return find_wanted(calls, *session_);
}

void ToolCaller::send_due() {
  Attempts due = take_due();
  for (auto each = due.begin(); each != due.end();) {
    if (!covered(**each)) end_unsent(std::move(*each), "the lease is too short for the call");
    each = *each == nullptr ? due.erase(each) : std::next(each);
  }
  if (due.empty()) return;
  std::vector<bool> wanted;
  try {
    wanted = ask_wanted(due);
  } catch (const std::runtime_error&) {  // nobody answers: nothing may be sent; the lease bounds the waiting
    for (auto& attempt : due) attempt->not_before = clock_.steady() + ask_again_after;
    waiting_.splice(waiting_.end(), due);
    return;
  }
  std::size_t index = 0;
  for (auto& attempt : due) {
    if (wanted[index++])
      send(std::move(attempt));
    else
      end_unsent(std::move(attempt), "the run is stopping, the claim stands no more, or the configuration has moved on");
  }
}

void ToolCaller::send(std::unique_ptr<Attempt> attempt) {
  const ToolCall& wanted = attempt->call();
  auto rendered = renderer_.render(wanted.request, attempt->manifest(), wanted.effect);
  if (!rendered) return end_unsent(std::move(attempt), "a secret that the manifest names is missing");
  attempt->secrets = std::move(rendered->secrets);
  // The question to the database may have taken its time.
  if (!covered(*attempt)) return end_unsent(std::move(attempt), "the lease is too short for the call");
  const bool repetition = wanted.sent_before + attempt->report.sent > 0;
  if (auto held = brakes_.hold_back(wanted.tenant, attempt->manifest(), repetition, clock_.steady()))
    return end_unsent(std::move(attempt), std::move(held->why), held->wait);
  base::crash_point("before_send");
  if (base::mutated(base::Mutation::record_before_calling) && wanted.effect) {
    attempt->report.end = {.kind = CallEnd::Kind::answered, .status = domain::StatusClass::success};
    ++attempt->report.sent;
    finish(std::move(attempt));
    return client_.send(std::move(rendered->call), [](const http::Outcome&) {});
  }
  sent_.add();
  const auto shared = std::make_shared<std::unique_ptr<Attempt>>(std::move(attempt));  // because std::function wants to be copied
  client_.send(std::move(rendered->call), [this, shared](const http::Outcome& outcome) { hear(std::move(*shared), outcome); });
}

void ToolCaller::end_unsent(std::unique_ptr<Attempt> attempt, std::string trouble, std::optional<milliseconds> again_after) {
  attempt->report.end = {.kind = CallEnd::Kind::not_sent, .retry_after = again_after};
  attempt->report.trouble = std::move(trouble);
  ++attempt->report.unsent;
  called_off_.add();
  finish(std::move(attempt));
}

void ToolCaller::hear(std::unique_ptr<Attempt> attempt, const http::Outcome& outcome) {
  base::crash_point("after_answer");
  CallReport& report = attempt->report;
  call_seconds_.observe(outcome.seconds);
  brakes_.hear(report.call.tenant, attempt->manifest(), target_answers(outcome), clock_.steady());
  report.trouble = outcome.error;
  report.status = outcome.status;
  if (outcome.kind == http::Outcome::Kind::not_sent) return end_unsent(std::move(attempt), outcome.error);
  ++report.sent;
  // A body that is too long was still preceded by a whole status line and headers: the status counts, the body does not.
  if (outcome.kind == http::Outcome::Kind::unknown && !outcome.body_cut) {
    report.end = {.kind = CallEnd::Kind::lost};
    return end_or_repeat(std::move(attempt));
  }
  report.end = {.kind = CallEnd::Kind::answered, .status = domain::classify_status(outcome.status, attempt->manifest().success_status)};
  if (const auto header = base::find_header(outcome.headers, "retry-after"))
    report.end.retry_after = http::parse_retry_after(*header, clock_.wall(), std::chrono::seconds{0}, longest_retry_after);
  if (report.end.status == domain::StatusClass::success) keep_result(*attempt, outcome);
  end_or_repeat(std::move(attempt));
}

void ToolCaller::keep_result(Attempt& attempt, const http::Outcome& outcome) const {
  CallReport& report = attempt.report;
  if (outcome.body_cut) {
    report.result_code = "result_too_large";
    return;
  }
  auto result = read_result(attempt.manifest().result, outcome.body, attempt.secrets);
  if (result)
    report.result = std::move(*result);
  else
    report.result_code = result.error().code;
}

// Whether to ask the tool once more under this claim: only settle() says so, and only for what a repetition cannot harm.
void ToolCaller::end_or_repeat(std::unique_ptr<Attempt> attempt) {
  CallReport& report = attempt->report;
  const auto now = clock_.steady();
  domain::CallFacts facts;
  facts.effect = report.call.effect;
  facts.idempotency = attempt->manifest().idempotency;
  facts.retry = attempt->manifest().retry;
  facts.sent_attempts = report.call.sent_before + report.sent;
  facts.unsent_attempts = report.call.unsent_before + report.unsent;
  facts.earlier_unanswered = report.earlier_unanswered;
  facts.lease_left = until(now, report.call.lease_end);
  facts.call_timeout = attempt->manifest().timeout;
  facts.random = random_bits();
  const auto settlement = domain::settle(report.end, facts);
  if (settlement.step != domain::StepState::claimed || !settlement.again_in) return finish(std::move(attempt));
  repeated_.add();
  report.earlier_unanswered = true;
  attempt->not_before = now + *settlement.again_in;
  waiting_.push_back(std::move(attempt));
}

void ToolCaller::finish(std::unique_ptr<Attempt> attempt) {
  ++ended_now_;
  std::lock_guard lock(mutex_);
  ended_.push_back(std::move(attempt->report));
}

// What waits to be sent when the process stops is certainly not sent.
void ToolCaller::end_waiting() {
  for (auto& attempt : std::exchange(waiting_, {})) end_unsent(std::move(attempt), too_late);
}

// Who claimed while we stopped hands its call on all the same.
void ToolCaller::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  refuse_taken();
}

void ToolCaller::refuse_taken() {
  for (auto& call : std::exchange(taken_, {})) {
    CallReport report;
    report.call = std::move(call);
    report.end.kind = CallEnd::Kind::not_sent;
    report.unsent = 1;
    report.trouble = too_late;
    ended_.push_back(std::move(report));
  }
}

}  // namespace countersign::executor
