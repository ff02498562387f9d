#include "domain/reconcile.hpp"

#include "domain/codes.hpp"

namespace countersign::domain {

namespace {

using Next = LookVerdict::Next;

LookVerdict wait_or_ask(bool past_limit) {
  if (!past_limit) return {.next = Next::look_again};
  return {.next = Next::ask_person, .step = StepState::unknown, .effect = EffectState::unknown, .code = codes::effect_unknown};
}

LookVerdict judge_absence(const LookFacts& facts) {
  if (!facts.settled) return wait_or_ask(facts.past_limit);
  if (!repeatable(facts.idempotency)) return wait_or_ask(true);
  if (facts.stopping || !facts.attempts_left)
    return {.next = Next::settle, .step = StepState::failed, .effect = EffectState::failed, .code = codes::not_done};
  return {.next = Next::settle, .step = StepState::ready, .effect = EffectState::ready, .code = codes::not_done};
}

}  // namespace

LookVerdict judge_look(const LookFacts& facts) {
  if (facts.look == Look::found) return {.next = Next::settle, .step = StepState::succeeded, .effect = EffectState::succeeded};
  return facts.look == Look::not_found ? judge_absence(facts) : wait_or_ask(facts.past_limit);
}

LookVerdict judge_without_look(bool past_limit) { return wait_or_ask(past_limit); }

}  // namespace countersign::domain
