#include "outbox/delivery_rules.hpp"

#include <algorithm>

namespace countersign::outbox {

namespace {

constexpr int gone = 410;
constexpr double spread = 0.1;

std::chrono::microseconds spread_out(std::chrono::milliseconds wait, double random) {
  const double factor = 1 - spread + 2 * spread * random;
  return std::chrono::microseconds{static_cast<std::int64_t>(static_cast<double>(wait.count()) * 1000 * factor)};
}

// Somebody is there and answers, whatever the answer.
bool alive(const AttemptEnd& end) { return end.status && *end.status < 500; }

void throttle(EndpointHealth& health, const AttemptEnd& end, base::WallTime now) {
  health.state = "throttled";
  health.not_before = now + std::clamp(end.retry_after.value_or(default_throttle), least_throttle, most_throttle);
  health.reason = "status " + std::to_string(*end.status);
}

void break_off(EndpointHealth& health, const AttemptEnd& end, base::WallTime now) {
  const int probes_failed = std::min(health.failures - failures_that_break, 10);
  health.state = "broken";
  health.not_before = now + std::min(first_break * (1 << probes_failed), most_break);
  health.reason = end.error;
}

void open(EndpointHealth& health) {
  health.state = "open";
  health.not_before.reset();
  health.reason.clear();
}

EndpointHealth disabled(EndpointHealth health, std::string reason) {
  health.state = "disabled";
  health.failures = 0;
  health.not_before.reset();
  health.reason = std::move(reason);
  return health;
}

}  // namespace

const char* name_of(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::delivered:
      return "delivered";
    case AttemptOutcome::refused:
      return "refused";
    case AttemptOutcome::not_sent:
      return "not_sent";
    case AttemptOutcome::unknown:
      return "unknown";
    case AttemptOutcome::lease_ended:
      return "lease_ended";
    case AttemptOutcome::called_off:
      break;
  }
  return "called_off";
}

std::string webhook_id(const base::Uuid& delivery) { return "msg_" + delivery.str(); }

bool throttles(int status) { return status == 429 || status == 502 || status == 504; }

NextStep next_step(const AttemptEnd& end, int attempts, int lapses, const std::vector<std::chrono::milliseconds>& schedule, double random) {
  if (end.outcome == AttemptOutcome::delivered) return {"delivered"};
  if (end.outcome == AttemptOutcome::called_off) return {"ready"};
  if (end.outcome == AttemptOutcome::lease_ended) return {lapses + 1 < most_lapses ? "ready" : "dead"};
  // An endpoint that is gone gets no attempts any more; what it is owed waits for people, also after the last attempt.
  if (end.status == gone) return {"ready"};
  const auto made = static_cast<std::size_t>(attempts) + 1;
  if (made >= schedule.size()) return {"dead"};
  const auto wait = spread_out(schedule[made], random);
  return {"ready", end.retry_after ? std::max<std::chrono::microseconds>(wait, *end.retry_after) : wait};
}

EndpointHealth judge_endpoint(EndpointHealth before, const AttemptEnd& end, std::int64_t version, base::WallTime now,
                              std::chrono::milliseconds patience) {
  if (end.outcome == AttemptOutcome::called_off || end.outcome == AttemptOutcome::lease_ended || version < before.version) return before;
  EndpointHealth health = before.version == version ? std::move(before) : EndpointHealth{};
  health.version = version;
  if (health.state == "disabled") return health;  // only a person opens it again
  if (end.outcome == AttemptOutcome::delivered) return {.version = version};
  ++health.fruitless;
  if (!health.failing_since) health.failing_since = now;
  if (end.status == gone) return disabled(std::move(health), "the endpoint answered 410 Gone");
  if (health.fruitless >= fruitless_that_disable && now - *health.failing_since >= patience)
    return disabled(std::move(health), "nothing was taken since " + base::to_rfc3339(*health.failing_since) + ", last: " + end.error);
  if (alive(end)) {
    health.failures = 0;
    if (throttles(*end.status))
      throttle(health, end, now);
    else
      open(health);
    return health;
  }
  // The calls that were under way when it broke say nothing new.
  if (health.state == "broken" && now < *health.not_before) return health;
  if (++health.failures >= failures_that_break)
    break_off(health, end, now);
  else if (end.status && throttles(*end.status))
    throttle(health, end, now);
  return health;
}

}  // namespace countersign::outbox
