#include "domain/settle.hpp"

#include <algorithm>

#include "base/mutation.hpp"
#include "domain/codes.hpp"

namespace countersign::domain {

namespace {

using std::chrono::milliseconds;

milliseconds delay_for(const CallEnd& end, const CallFacts& facts) {
  return retry_delay(facts.retry, facts.sent_attempts + facts.unsent_attempts, end.retry_after, facts.random);
}

bool unsent(const CallEnd& end) { return end.kind == CallEnd::Kind::not_sent; }

// Whether something that certainly has not happened may be tried again.
bool attempts_left(const CallEnd& end, const CallFacts& facts) {
  if (!facts.budget_left) return false;
  if (unsent(end)) return facts.unsent_attempts < most_unsent_attempts;
  if (end.kind == CallEnd::Kind::lease_ended) return facts.sent_attempts < std::max(facts.retry.attempts, most_read_leases);
  return facts.sent_attempts < facts.retry.attempts;
}

std::string_view code_for_giving_up(const CallEnd& end, const CallFacts& facts) {
  if (facts.stopping) return codes::not_done;
  return unsent(end) ? codes::tool_unreachable : codes::tool_unavailable;
}

// For what has certainly not happened, and for reads, which may happen any number of times.
Settlement try_again(const CallEnd& end, const CallFacts& facts, std::string_view code) {
  const bool again = !facts.stopping && attempts_left(end, facts);
  Settlement settlement{.step = again ? StepState::ready : StepState::failed};
  settlement.code = again ? code : code_for_giving_up(end, facts);
  if (again) settlement.again_in = delay_for(end, facts);
  if (facts.effect) settlement.effect = again ? EffectState::ready : EffectState::failed;
  return settlement;
}

Settlement succeeded(bool effect) {
  Settlement settlement{.step = StepState::succeeded};
  if (effect) settlement.effect = EffectState::succeeded;
  return settlement;
}

Settlement refused(bool effect) {
  Settlement settlement{.step = StepState::failed};
  if (effect) settlement.effect = EffectState::failed;
  settlement.code = codes::tool_refused;
  return settlement;
}

Settlement unknown(std::string_view code) {
  return {.step = StepState::unknown, .effect = EffectState::unknown, .again_in = {}, .code = code};
}

// It may have happened. Asking again under the same key tells, but only within this claim: once the lane lets go, `ready` would say that
// it certainly has not happened.
Settlement doubtful(const CallEnd& end, const CallFacts& facts) {
  const auto delay = delay_for(end, facts);
  const bool repeat = repeatable(facts.idempotency) && !facts.stopping && facts.budget_left && facts.sent_attempts < facts.retry.attempts &&
                      facts.lease_left > delay + facts.call_timeout;
  if (!repeat) return unknown(codes::answer_lost);
  return {.step = StepState::claimed, .effect = EffectState::claimed, .again_in = delay, .code = codes::answer_lost};
}

// A "no" to a repeated call may be the echo of an earlier "yes", such as 404 for what is deleted already. A tool that honours the key
// answers for the key instead.
Settlement settle_refusal(const CallFacts& facts) {
  if (facts.earlier_unanswered && facts.idempotency != Idempotency::key_header) return unknown(codes::answer_lost);
  return refused(true);
}

Settlement settle_conflict(const CallEnd& end, const CallFacts& facts) {
  const bool repeated = facts.sent_attempts > 1 || facts.earlier_unanswered;
  if (repeated && facts.idempotency == Idempotency::key_header) return doubtful(end, facts);
  return settle_refusal(facts);
}

// This attempt did nothing; an earlier one may have.
Settlement settle_undone(const CallEnd& end, const CallFacts& facts) {
  return facts.earlier_unanswered ? doubtful(end, facts) : try_again(end, facts, codes::not_done);
}

Settlement settle_answer(const CallEnd& end, const CallFacts& facts) {
  switch (end.status) {
    case StatusClass::success:
      return succeeded(true);
    case StatusClass::refused:
      return settle_refusal(facts);
    case StatusClass::conflict:
      return settle_conflict(end, facts);
    case StatusClass::throttled:
      return settle_undone(end, facts);
    case StatusClass::ambiguous:
      break;
  }
  return doubtful(end, facts);
}

Settlement settle_effect(const CallEnd& end, const CallFacts& facts) {
  switch (end.kind) {
    case CallEnd::Kind::not_sent:
      return settle_undone(end, facts);
    case CallEnd::Kind::answered:
      return settle_answer(end, facts);
    case CallEnd::Kind::lost:
      return doubtful(end, facts);
    case CallEnd::Kind::lease_ended:
      break;
  }
  if (base::mutated(base::Mutation::expired_effect_to_ready)) return try_again(end, facts, codes::lease_ended);
  return unknown(codes::lease_ended);
}

Settlement settle_read(const CallEnd& end, const CallFacts& facts) {
  if (end.kind == CallEnd::Kind::answered && end.status == StatusClass::success) return succeeded(false);
  if (end.kind == CallEnd::Kind::answered && (end.status == StatusClass::refused || end.status == StatusClass::conflict))
    return refused(false);
  return try_again(end, facts, end.kind == CallEnd::Kind::lease_ended ? codes::lease_ended : codes::tool_unavailable);
}

}  // namespace

StatusClass classify_status(int status, std::span<const int> success) {
  const bool as_wanted =
      success.empty() ? status >= 200 && status <= 299 : std::find(success.begin(), success.end(), status) != success.end();
  if (as_wanted) return StatusClass::success;
  if (status == 409) return StatusClass::conflict;
  if (status == 425 || status == 429) return StatusClass::throttled;
  return status >= 400 && status <= 499 && status != 408 ? StatusClass::refused : StatusClass::ambiguous;
}

milliseconds retry_delay(const RetryRule& rule, int failures, std::optional<milliseconds> retry_after, std::uint64_t random) {
  const int doublings = std::clamp(failures - 1, 0, 20);
  const auto ceiling = std::clamp<std::int64_t>(rule.first.count() << doublings, 0, std::max<std::int64_t>(rule.most.count(), 0));
  const milliseconds jittered{static_cast<std::int64_t>(random % (static_cast<std::uint64_t>(ceiling) + 1))};
  return std::max(jittered, std::min(retry_after.value_or(milliseconds{0}), most_retry_after));
}

Settlement settle(const CallEnd& end, const CallFacts& facts) { return facts.effect ? settle_effect(end, facts) : settle_read(end, facts); }

}  // namespace countersign::domain
