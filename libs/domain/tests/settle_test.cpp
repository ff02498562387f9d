#include "domain/settle.hpp"

#include <gtest/gtest.h>

#include <random>

#include "domain/reconcile.hpp"

namespace countersign::domain {
namespace {

using namespace std::chrono_literals;
using EndKind = CallEnd::Kind;

constexpr CallEnd answered(StatusClass status) { return {.kind = EndKind::answered, .status = status}; }
constexpr CallEnd not_sent{.kind = EndKind::not_sent};
constexpr CallEnd lost{.kind = EndKind::lost};
constexpr CallEnd lease_over{.kind = EndKind::lease_ended};

CallFacts effect(Idempotency idempotency, int sent = 1, int of = 3) {
  return {.idempotency = idempotency, .retry = {of, 100ms, 10s}, .sent_attempts = sent, .lease_left = 1s, .call_timeout = 500ms};
}
CallFacts read(int sent = 1, int of = 3) { return {.effect = false, .retry = {of, 100ms, 10s}, .sent_attempts = sent}; }

TEST(StatusTest, SaysWhetherSomethingMayHaveHappened) {
  const auto status = [](int code) { return classify_status(code, {}); };
  EXPECT_EQ(status(200), StatusClass::success);
  EXPECT_EQ(status(299), StatusClass::success);
  for (const int code : {100, 300, 302, 303, 304, 408, 500, 502, 503, 504, 599, 0, 1000})
    EXPECT_EQ(status(code), StatusClass::ambiguous) << code;
  for (const int code : {400, 401, 403, 404, 410, 422, 451}) EXPECT_EQ(status(code), StatusClass::refused) << code;
  EXPECT_EQ(status(409), StatusClass::conflict);
  EXPECT_EQ(status(429), StatusClass::throttled);
  EXPECT_EQ(status(425), StatusClass::throttled);
}

TEST(StatusTest, ASuccessThatTheManifestDoesNotListIsNoSuccess) {
  constexpr std::array listed{201, 404};
  EXPECT_EQ(classify_status(201, listed), StatusClass::success);
  EXPECT_EQ(classify_status(404, listed), StatusClass::success);
  EXPECT_EQ(classify_status(200, listed), StatusClass::ambiguous);
}

TEST(SettleTest, AnAnswerThatTellsSettles) {
  for (const auto idempotency : {Idempotency::key_header, Idempotency::natural, Idempotency::none}) {
    EXPECT_EQ(settle(answered(StatusClass::success), effect(idempotency)),
              (Settlement{StepState::succeeded, EffectState::succeeded, {}, ""}));
    EXPECT_EQ(settle(answered(StatusClass::refused), effect(idempotency)),
              (Settlement{StepState::failed, EffectState::failed, {}, "tool_refused"}));
    EXPECT_EQ(settle(answered(StatusClass::conflict), effect(idempotency)),
              (Settlement{StepState::failed, EffectState::failed, {}, "tool_refused"}));
  }
}

TEST(SettleTest, WhatWasNotSentIsTriedAgain) {
  for (const auto idempotency : {Idempotency::key_header, Idempotency::natural, Idempotency::none}) {
    auto facts = effect(idempotency, 0);
    facts.unsent_attempts = 1;
    EXPECT_EQ(settle(not_sent, facts), (Settlement{StepState::ready, EffectState::ready, 0ms, "not_done"}));
    facts.unsent_attempts = most_unsent_attempts;
    EXPECT_EQ(settle(not_sent, facts), (Settlement{StepState::failed, EffectState::failed, {}, "tool_unreachable"}));
  }
}

TEST(SettleTest, WhatTheToolPutOffIsTriedAgainAsOftenAsTheManifestSays) {
  CallEnd throttled = answered(StatusClass::throttled);
  throttled.retry_after = 2s;
  EXPECT_EQ(settle(throttled, effect(Idempotency::none, 2)), (Settlement{StepState::ready, EffectState::ready, 2000ms, "not_done"}));
  EXPECT_EQ(settle(throttled, effect(Idempotency::none, 3)), (Settlement{StepState::failed, EffectState::failed, {}, "tool_unavailable"}));
}

TEST(SettleTest, AnEffectWithoutAnAnswerIsUnknown) {
  for (const auto& end : {lost, answered(StatusClass::ambiguous)})
    EXPECT_EQ(settle(end, effect(Idempotency::none)), (Settlement{StepState::unknown, EffectState::unknown, {}, "answer_lost"}));
}

TEST(SettleTest, OnlyAHarmlessCallIsRepeatedAndOnlyWithinItsClaim) {
  for (const auto idempotency : {Idempotency::key_header, Idempotency::natural}) {
    EXPECT_EQ(settle(lost, effect(idempotency)), (Settlement{StepState::claimed, EffectState::claimed, 0ms, "answer_lost"}));
    auto short_lease = effect(idempotency);
    short_lease.lease_left = short_lease.call_timeout;
    EXPECT_EQ(settle(lost, short_lease).effect, EffectState::unknown);
    EXPECT_EQ(settle(lost, effect(idempotency, 3, 3)).effect, EffectState::unknown);
    auto stopping = effect(idempotency);
    stopping.stopping = true;
    EXPECT_EQ(settle(lost, stopping).effect, EffectState::unknown);
    auto spent = effect(idempotency);
    spent.budget_left = false;
    EXPECT_EQ(settle(lost, spent).effect, EffectState::unknown);
  }
}

TEST(SettleTest, AnEndedLeaseMakesAnEffectUnknownWhateverTheTool) {
  for (const auto idempotency : {Idempotency::key_header, Idempotency::natural, Idempotency::none})
    EXPECT_EQ(settle(lease_over, effect(idempotency)), (Settlement{StepState::unknown, EffectState::unknown, {}, "lease_ended"}));
}

TEST(SettleTest, WhatWasNotDoneNowMayHaveBeenDoneBefore) {
  auto facts = effect(Idempotency::natural, 2);
  facts.earlier_unanswered = true;
  facts.lease_left = 0ms;
  EXPECT_EQ(settle(not_sent, facts).effect, EffectState::unknown);
  EXPECT_EQ(settle(answered(StatusClass::throttled), facts).effect, EffectState::unknown);
  EXPECT_EQ(settle(answered(StatusClass::refused), facts).effect, EffectState::unknown);
  facts.idempotency = Idempotency::key_header;
  EXPECT_EQ(settle(answered(StatusClass::refused), facts).effect, EffectState::failed);
  EXPECT_EQ(settle(answered(StatusClass::conflict), facts).effect, EffectState::unknown);
  EXPECT_EQ(settle(answered(StatusClass::success), facts).effect, EffectState::succeeded);
}

TEST(SettleTest, InAStoppingRunNothingIsTriedAgain) {
  auto facts = effect(Idempotency::key_header);
  facts.stopping = true;
  EXPECT_EQ(settle(not_sent, facts), (Settlement{StepState::failed, EffectState::failed, {}, "not_done"}));
  EXPECT_EQ(settle(answered(StatusClass::throttled), facts), (Settlement{StepState::failed, EffectState::failed, {}, "not_done"}));
  EXPECT_EQ(settle(answered(StatusClass::success), facts).effect, EffectState::succeeded);
}

TEST(SettleTest, AReadIsRepeatedUntilItsAttemptsAreSpent) {
  for (const auto& end : {lost, answered(StatusClass::ambiguous), answered(StatusClass::throttled)}) {
    EXPECT_EQ(settle(end, read()), (Settlement{StepState::ready, {}, 0ms, "tool_unavailable"}));
    EXPECT_EQ(settle(end, read(3)), (Settlement{StepState::failed, {}, {}, "tool_unavailable"}));
  }
  EXPECT_EQ(settle(answered(StatusClass::success), read()), (Settlement{StepState::succeeded, {}, {}, ""}));
  EXPECT_EQ(settle(answered(StatusClass::refused), read()), (Settlement{StepState::failed, {}, {}, "tool_refused"}));
  EXPECT_EQ(settle(lease_over, read(1, 1)).step, StepState::ready);
  EXPECT_EQ(settle(lease_over, read(most_read_leases, 1)).step, StepState::failed);
}

TEST(SettleTest, ReadyIsSaidOnlyOfWhatCertainlyDidNotHappen) {
  std::mt19937 random{99};
  for (int i = 0; i < 50'000; ++i) {
    CallEnd end{.kind = static_cast<EndKind>(random() % 4), .status = static_cast<StatusClass>(random() % 5)};
    CallFacts facts{.effect = random() % 4 != 0,
                    .idempotency = static_cast<Idempotency>(random() % 3),
                    .retry = {static_cast<int>(random() % 4), 100ms, 1s}};
    facts.sent_attempts = static_cast<int>(random() % 5);
    facts.unsent_attempts = static_cast<int>(random() % 25);
    facts.earlier_unanswered = random() % 2;
    facts.budget_left = random() % 2;
    facts.stopping = random() % 2;
    facts.lease_left = std::chrono::milliseconds(random() % 3000);
    facts.call_timeout = std::chrono::milliseconds(random() % 2000);
    facts.random = random();
    const auto settlement = settle(end, facts);
    EXPECT_EQ(settlement.effect.has_value(), facts.effect);
    if (settlement.effect) {
      EXPECT_EQ(name_of(*settlement.effect), name_of(settlement.step));
    }
    if (settlement.step == StepState::succeeded) {
      EXPECT_TRUE(end.kind == EndKind::answered && end.status == StatusClass::success);
    }
    EXPECT_EQ(settlement.again_in.has_value(), settlement.step == StepState::ready || settlement.step == StepState::claimed);
    EXPECT_EQ(settlement.code.empty(), settlement.step == StepState::succeeded);
    if (settlement.again_in) {
      EXPECT_FALSE(facts.stopping);
    }
    if (!facts.effect) {
      EXPECT_NE(settlement.step, StepState::unknown);
    }
    const bool undone = end.kind == EndKind::not_sent || (end.kind == EndKind::answered && end.status == StatusClass::throttled);
    if (facts.effect && settlement.step == StepState::ready) {
      EXPECT_TRUE(undone && !facts.earlier_unanswered);
    }
    if (settlement.step == StepState::claimed) {
      EXPECT_NE(facts.idempotency, Idempotency::none);
    }
    if (settlement.step != StepState::claimed) {
      bool reachable = false;
      for (const auto& row : step_transitions) reachable |= row.from == StepState::claimed && row.to == settlement.step;
      EXPECT_TRUE(reachable);
    }
  }
}

TEST(RetryDelayTest, GrowsToItsBoundAndBelievesTheToolWithinReason) {
  const RetryRule rule{5, 100ms, 1s};
  constexpr auto random = std::uint64_t{0} - 1;
  for (int failures = 1; failures < 100; ++failures)
    for (std::uint64_t r = 0; r < 1500; r += 77)
      EXPECT_LE(retry_delay(rule, failures, {}, r), std::min(1000ms, 100ms * (1 << std::min(failures - 1, 10))));
  EXPECT_EQ(retry_delay(rule, 1, {}, 100), 100ms);
  EXPECT_EQ(retry_delay(rule, 3, {}, 400), 400ms);
  EXPECT_EQ(retry_delay(rule, 99, {}, 1000), 1000ms);
  EXPECT_EQ(retry_delay(rule, 1, 5s, 0), 5s);
  EXPECT_EQ(retry_delay(rule, 1, std::chrono::hours(999'999), random), most_retry_after);
  EXPECT_EQ(retry_delay(rule, 1, -5s, 7), 7ms);
  EXPECT_EQ(retry_delay({1, 0ms, 0ms}, 1, {}, random), 0ms);
}

LookVerdict verdict(LookFacts facts) { return judge_look(facts); }
using Next = LookVerdict::Next;

TEST(ReconcileTest, FindingItSettlesAtAnyTime) {
  for (const bool settled : {false, true})
    EXPECT_EQ(verdict({.look = Look::found, .settled = settled}),
              (LookVerdict{Next::settle, StepState::succeeded, EffectState::succeeded, ""}));
}

TEST(ReconcileTest, NotFindingItTooEarlySaysNothing) {
  for (const auto idempotency : {Idempotency::key_header, Idempotency::natural, Idempotency::none}) {
    EXPECT_EQ(verdict({.look = Look::not_found, .idempotency = idempotency}).next, Next::look_again);
    EXPECT_EQ(verdict({.look = Look::not_found, .past_limit = true, .idempotency = idempotency}).next, Next::ask_person);
  }
}

TEST(ReconcileTest, OnlyAToolThatStandsARepeatIsTriedAgain) {
  for (const auto idempotency : {Idempotency::key_header, Idempotency::natural})
    EXPECT_EQ(verdict({.look = Look::not_found, .settled = true, .idempotency = idempotency}),
              (LookVerdict{Next::settle, StepState::ready, EffectState::ready, "not_done"}));
  EXPECT_EQ(verdict({.look = Look::not_found, .settled = true, .idempotency = Idempotency::none}),
            (LookVerdict{Next::ask_person, StepState::unknown, EffectState::unknown, "effect_unknown"}));
}

TEST(ReconcileTest, InAStoppingRunOrWithoutAttemptsItEndsNotDone) {
  const LookVerdict failed{Next::settle, StepState::failed, EffectState::failed, "not_done"};
  EXPECT_EQ(verdict({.look = Look::not_found, .settled = true, .stopping = true, .idempotency = Idempotency::key_header}), failed);
  EXPECT_EQ(verdict({.look = Look::not_found, .settled = true, .idempotency = Idempotency::key_header, .attempts_left = false}), failed);
}

TEST(ReconcileTest, WhatCannotBeReadGoesToAPersonInTheEnd) {
  EXPECT_EQ(verdict({.look = Look::failed, .settled = true}).next, Next::look_again);
  EXPECT_EQ(verdict({.look = Look::failed, .settled = true, .past_limit = true}).next, Next::ask_person);
  EXPECT_EQ(judge_without_look(false).next, Next::look_again);
  EXPECT_EQ(judge_without_look(true).code, "effect_unknown");
}

}  // namespace
}  // namespace countersign::domain
