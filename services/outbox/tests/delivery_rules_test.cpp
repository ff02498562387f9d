#include "outbox/delivery_rules.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "outbox/delivery_id.hpp"
#include "outbox/due_bell.hpp"

namespace countersign::outbox {
namespace {

using namespace std::chrono_literals;

const base::WallTime now{1'700'000'000s};
const std::vector<std::chrono::milliseconds> schedule{0s, 5s, 300s};

AttemptEnd answered(int status, std::optional<std::chrono::seconds> retry_after = {}) {
  AttemptEnd end;
  end.outcome = status / 100 == 2 ? AttemptOutcome::delivered : AttemptOutcome::refused;
  end.status = status;
  end.retry_after = retry_after;
  return end;
}

AttemptEnd lost(AttemptOutcome outcome = AttemptOutcome::unknown) {
  AttemptEnd end;
  end.outcome = outcome;
  return end;
}

TEST(NextStep, FollowsTheScheduleWithATenthOfSpread) {
  EXPECT_EQ(next_step(answered(500), 0, 0, schedule, 0.0).due_in, 4500ms);
  EXPECT_EQ(next_step(answered(500), 0, 0, schedule, 0.5).due_in, 5000ms);
  EXPECT_EQ(next_step(lost(), 1, 0, schedule, 0.5).due_in, 300s);
  EXPECT_EQ(next_step(lost(), 1, 0, schedule, 0.5).state, "ready");
}

TEST(NextStep, IsDeadAfterTheLastAttemptUnlessItWasDelivered) {
  EXPECT_EQ(next_step(lost(AttemptOutcome::not_sent), 2, 0, schedule, 0.5).state, "dead");
  EXPECT_EQ(next_step(answered(404), 2, 0, schedule, 0.5).state, "dead");
  EXPECT_EQ(next_step(answered(204), 2, 0, schedule, 0.5).state, "delivered");
}

TEST(NextStep, KeepsWhatIsOwedToAnEndpointThatIsGone) { EXPECT_EQ(next_step(answered(410), 2, 0, schedule, 0.5).state, "ready"); }

TEST(NextStep, WaitsAtLeastAsLongAsTheEndpointAsks) {
  EXPECT_EQ(next_step(answered(429, 60s), 0, 0, schedule, 0.5).due_in, 60s);
  EXPECT_EQ(next_step(answered(429, 60s), 1, 0, schedule, 0.5).due_in, 300s);
}

TEST(NextStep, TriesAgainAtOnceWhenTheLaneFellSilentButNotForEver) {
  EXPECT_EQ(next_step(lost(AttemptOutcome::lease_ended), 2, 0, schedule, 0.5).state, "ready");
  EXPECT_EQ(next_step(lost(AttemptOutcome::lease_ended), 0, 0, schedule, 0.5).due_in, 0s);
  EXPECT_EQ(next_step(lost(AttemptOutcome::lease_ended), 0, most_lapses - 1, schedule, 0.5).state, "dead");
}

TEST(EndpointHealthTest, BreaksAfterFiveFailuresInARowAndProbesLessAndLessOften) {
  EndpointHealth health;
  for (int failure = 1; failure < failures_that_break; ++failure) {
    health = judge_endpoint(health, lost(), 1, now);
    EXPECT_EQ(health.state, "open");
  }
  health = judge_endpoint(health, lost(), 1, now);
  EXPECT_EQ(health.state, "broken");
  EXPECT_EQ(health.not_before, now + first_break);
  EXPECT_EQ(judge_endpoint(health, lost(), 1, now).not_before, health.not_before) << "calls that were under way say nothing new";
  auto probed = judge_endpoint(health, lost(), 1, now + first_break);
  EXPECT_EQ(probed.not_before, now + first_break + 2 * first_break);
  for (int probe = 0; probe < 40; ++probe) probed = judge_endpoint(probed, lost(), 1, *probed.not_before);
  EXPECT_EQ(judge_endpoint(probed, lost(), 1, *probed.not_before).not_before, *probed.not_before + most_break);
}

TEST(EndpointHealthTest, OpensWithAnyAnswerThatShowsLife) {
  const EndpointHealth broken{1, "broken", 7, now, "timeout"};
  EXPECT_EQ(judge_endpoint(broken, answered(200), 1, now + 1s), (EndpointHealth{.version = 1}));
  EXPECT_EQ(judge_endpoint(broken, answered(404), 1, now + 1s).state, "open");
  EXPECT_EQ(judge_endpoint(broken, answered(500), 1, now + 1s).state, "broken");
}

TEST(EndpointHealthTest, ThrottlesABrokenEndpointThatAsksForTime) {
  const auto health = judge_endpoint({.version = 1, .state = "broken", .failures = 7, .not_before = now}, answered(429, 600s), 1, now + 1s);
  EXPECT_EQ(health.state, "throttled");
  EXPECT_EQ(health.not_before, now + 601s);
  EXPECT_EQ(health.failures, 0);
}

TEST(EndpointHealthTest, IsDisabledAfterDaysInWhichItTookNothingWhateverItAnswered) {
  EndpointHealth health;
  for (int attempt = 0; attempt < 3 * fruitless_that_disable; ++attempt) {
    health = judge_endpoint(health, attempt % 2 == 0 ? answered(404) : lost(), 1, now + attempt * 1h, 48h);
    EXPECT_EQ(health.state == "disabled", attempt >= 48) << attempt;
  }
  EXPECT_EQ(health.failing_since, now);
  health = judge_endpoint(health, answered(404), 1, now + 48h, 48h);
  EXPECT_EQ(health.state, "disabled");
  EXPECT_NE(health.reason.find("2023-11-14T22:13:20"), std::string::npos) << health.reason;
  EXPECT_EQ(judge_endpoint(health, lost(), 2, now + 49h, 48h).state, "open") << "a new version of the document starts anew";
}

TEST(EndpointHealthTest, StartsTheDaysAnewWithEveryDeliveryThatIsTaken) {
  EndpointHealth health{.version = 1, .fruitless = 50, .failing_since = now};
  health = judge_endpoint(health, answered(200), 1, now + 47h, 48h);
  EXPECT_EQ(health, (EndpointHealth{.version = 1}));
  EXPECT_EQ(judge_endpoint(health, answered(404), 1, now + 49h, 48h).failing_since, now + 49h);
}

TEST(EndpointHealthTest, IsNotDisabledForTwoFailuresThatLieDaysApart) {
  auto health = judge_endpoint({}, answered(404), 1, now, 48h);
  health = judge_endpoint(health, answered(404), 1, now + 240h, 48h);
  EXPECT_EQ(health.state, "open");
}

TEST(EndpointHealthTest, ThrottlesWithinBounds) {
  EXPECT_EQ(judge_endpoint({}, answered(429, 7s), 1, now).not_before, now + 7s);
  EXPECT_EQ(judge_endpoint({}, answered(429), 1, now).not_before, now + default_throttle);
  EXPECT_EQ(judge_endpoint({}, answered(502, 48h), 1, now).not_before, now + most_throttle);
  EXPECT_EQ(judge_endpoint({}, answered(503, 7s), 1, now).state, "open");
}

TEST(EndpointHealthTest, StaysDisabledUntilANewVersionOfTheDocument) {
  const auto disabled = judge_endpoint({}, answered(410), 3, now);
  EXPECT_EQ(disabled.state, "disabled");
  EXPECT_EQ(judge_endpoint(disabled, answered(200), 3, now), disabled);
  EXPECT_EQ(judge_endpoint(disabled, answered(200), 2, now), disabled);
  EXPECT_EQ(judge_endpoint(disabled, answered(200), 4, now).state, "open");
}

TEST(EndpointHealthTest, LearnsNothingFromWhatWasNotTried) {
  const EndpointHealth before{1, "open", 3, {}, ""};
  EXPECT_EQ(judge_endpoint(before, lost(AttemptOutcome::called_off), 1, now), before);
  EXPECT_EQ(judge_endpoint(before, lost(AttemptOutcome::lease_ended), 1, now), before);
}

TEST(DeliveryIdTest, FollowsFromWhatIsDeliveredToWhom) {
  const std::string message = "018f0000-0000-7000-8000-000000000001";
  const auto id = delivery_id("acme", "hook", message);
  EXPECT_EQ(delivery_id("acme", "hook", message), id);
  EXPECT_EQ(id.str().substr(0, 15), "018f0000-0000-8") << "its time, version 8";
  for (const auto& other : {delivery_id("bolt", "hook", message), delivery_id("acme", "hook2", message),
                            delivery_id("acmeh", "ook", message), delivery_id("acme", "hook", "018f0000-0000-7000-8000-000000000002")})
    EXPECT_NE(other, id);
}

TEST(DeliveryIdTest, TakesAnyIdOfAMessage) {
  EXPECT_NE(delivery_id("acme", "hook", "message-1"), delivery_id("acme", "hook", "message-2"));
  EXPECT_EQ(delivery_id("acme", "hook", "message-1").str()[14], '8');
}

TEST(DueBellTest, RingsForFreeSlotsOnlyAWhileAfterSomethingWasLeft) {
  base::ManualClock clock;
  DueBell due(clock);
  const auto rang = [&due] { return due.bell().wait({}, 0ms); };
  due.ring_for_who_waits();
  EXPECT_FALSE(rang()) << "nobody can be waiting";
  due.ring();
  EXPECT_TRUE(rang());
  clock.advance(29s);
  due.ring_for_who_waits();
  EXPECT_TRUE(rang());
  clock.advance(2s);
  due.ring_for_who_waits();
  EXPECT_FALSE(rang());
}

}  // namespace
}  // namespace countersign::outbox
