#include "outbox/mail_rules.hpp"

#include <gtest/gtest.h>

namespace countersign::outbox {
namespace {

using namespace std::chrono_literals;

const std::vector<std::chrono::milliseconds> mail_schedule{0ms, 1000ms, 2000ms};

AttemptEnd refused(int code) { return {.outcome = AttemptOutcome::refused, .status = code, .error = "no"}; }
AttemptEnd end_of(AttemptOutcome outcome) { return {.outcome = outcome, .error = "x"}; }

MailFate fate(const AttemptEnd& end, MailStanding standing = {}, bool resend = false) {
  return decide_fate(end, standing, mail_schedule, resend, 0.5);
}

TEST(MailRulesTest, AcceptedIsDelivered) {
  EXPECT_EQ(fate(end_of(AttemptOutcome::delivered)).state, "delivered");
  EXPECT_EQ(fate(end_of(AttemptOutcome::delivered), {.withdrawn = true}).state, "delivered") << "what happened counts";
}

TEST(MailRulesTest, A5xxIsForGoodAndA4xxIsTriedAgain) {
  EXPECT_EQ(fate(refused(550)).code, "refused");
  EXPECT_EQ(fate(refused(451)).state, "ready");
  EXPECT_EQ(fate(refused(451)).due_in, 1s);
  EXPECT_EQ(fate(refused(410)).due_in, 1s) << "no number of HTTP means anything here";
  EXPECT_EQ(fate(refused(451), {.attempts = 1}).due_in, 2s);
  EXPECT_EQ(fate(refused(451), {.attempts = 2}).code, "gave_up");
}

TEST(MailRulesTest, ALetterThatCannotBeWrittenIsRefused) { EXPECT_EQ(fate(end_of(AttemptOutcome::refused)).code, "refused"); }

TEST(MailRulesTest, NotSentIsTriedAgainUntilTheScheduleIsUsedUp) {
  EXPECT_EQ(fate(end_of(AttemptOutcome::not_sent)).state, "ready");
  const auto last = fate(end_of(AttemptOutcome::not_sent), {.attempts = 2});
  EXPECT_EQ(last.code, "gave_up");
  EXPECT_FALSE(last.maybe_sent);
}

TEST(MailRulesTest, WhatMayHaveBeenSentIsAskedAboutOrSentAgain) {
  for (const auto outcome : {AttemptOutcome::unknown, AttemptOutcome::lease_ended}) {
    const auto asked = fate(end_of(outcome));
    EXPECT_EQ(asked.code, "maybe_sent");
    EXPECT_TRUE(asked.maybe_sent);
    const auto again = fate(end_of(outcome), {}, true);
    EXPECT_EQ(again.state, "ready");
    EXPECT_TRUE(again.maybe_sent);
  }
  EXPECT_EQ(fate(end_of(AttemptOutcome::unknown), {.attempts = 2}, true).code, "gave_up");
  EXPECT_EQ(fate(end_of(AttemptOutcome::lease_ended), {.lapses = most_lapses - 1}, true).code, "gave_up");
}

TEST(MailRulesTest, ADoubtIsNeverForgotten) {
  EXPECT_TRUE(fate(refused(550), {.maybe_sent = true}).maybe_sent);
  EXPECT_TRUE(fate(end_of(AttemptOutcome::not_sent), {.attempts = 2, .maybe_sent = true}).maybe_sent);
}

TEST(MailRulesTest, AWithdrawnOneIsNotTriedAgain) {
  for (const auto outcome : {AttemptOutcome::not_sent, AttemptOutcome::called_off})
    EXPECT_EQ(fate(end_of(outcome), {.withdrawn = true}).code, "withdrawn");
  EXPECT_EQ(fate(refused(451), {.withdrawn = true}).code, "withdrawn");
  EXPECT_EQ(fate(refused(551), {.withdrawn = true}).code, "refused");
  EXPECT_EQ(fate(end_of(AttemptOutcome::unknown), {.withdrawn = true}).code, "maybe_sent");
  const auto resent = fate(end_of(AttemptOutcome::unknown), {.withdrawn = true}, true);
  EXPECT_EQ(resent.code, "withdrawn");
  EXPECT_TRUE(resent.maybe_sent);
}

TEST(MailRulesTest, WhatWasCalledOffIsReadyAtOnce) {
  EXPECT_EQ(fate(end_of(AttemptOutcome::called_off)).state, "ready");
  EXPECT_EQ(fate(end_of(AttemptOutcome::called_off)).due_in, 0s);
}

}  // namespace
}  // namespace countersign::outbox
