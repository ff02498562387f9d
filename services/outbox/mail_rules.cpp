#include "outbox/mail_rules.hpp"

namespace countersign::outbox {

namespace {

bool in_doubt(const AttemptEnd& end) { return end.outcome == AttemptOutcome::unknown || end.outcome == AttemptOutcome::lease_ended; }

// 5xx, or a letter that cannot even be written.
bool for_good(const AttemptEnd& end) { return end.outcome == AttemptOutcome::refused && (!end.status || *end.status >= 500); }

NextStep by_schedule(AttemptEnd end, const MailStanding& standing, const std::vector<std::chrono::milliseconds>& schedule, double random) {
  end.status.reset();  // the numbers of SMTP mean nothing to the rules of webhooks
  return next_step(end, standing.attempts, standing.lapses, schedule, random);
}

}  // namespace

MailFate decide_fate(const AttemptEnd& end, const MailStanding& standing, const std::vector<std::chrono::milliseconds>& schedule,
                     bool resend, double random) {
  MailFate fate;
  fate.maybe_sent = standing.maybe_sent || in_doubt(end);
  const auto dead = [&](const char* code) {
    fate.state = "dead";
    fate.code = code;
    return fate;
  };
  if (end.outcome == AttemptOutcome::delivered) {
    fate.state = "delivered";
    return fate;
  }
  if (for_good(end)) return dead("refused");
  if (in_doubt(end) && !resend) return dead("maybe_sent");
  if (standing.withdrawn) return dead("withdrawn");
  const auto next = by_schedule(end, standing, schedule, random);
  if (next.state == "dead") return dead("gave_up");
  fate.state = next.state;
  fate.due_in = next.due_in;
  return fate;
}

}  // namespace countersign::outbox
