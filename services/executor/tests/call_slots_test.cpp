#include "executor/call_slots.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace countersign::executor {

TEST(CallSlotsTest, NeverGivesMoreThanTheMostWhoeverAsks) {
  CallSlots slots(100, 30);
  std::atomic<int> all = 0, one = 0;
  const auto ask = [&] {
    for (int i = 0; i < 50; ++i) {
      if (slots.take("acme/refund")) ++all, ++one;
      if (slots.take("acme/other-" + std::to_string(i))) ++all;
    }
  };
  std::thread a(ask), b(ask);
  a.join();
  b.join();
  EXPECT_EQ(one, 30);
  EXPECT_EQ(all, 100);
}

TEST(CallSlotsTest, TakesBackWhatWasHeldForNothing) {
  CallSlots slots(2, 2);
  {
    SlotHold hold(slots);
    EXPECT_TRUE(hold.take("acme/refund"));
    EXPECT_TRUE(hold.take("acme/refund"));
    EXPECT_FALSE(hold.take("acme/refund"));
    hold.pass_on("acme/refund");
  }
  EXPECT_EQ(slots.look().free, 1U);
  slots.give_back("acme/refund");
  EXPECT_EQ(slots.look().free, 2U);
}

TEST(CallSlotsTest, RemembersThatSomebodyWasTurnedAway) {
  CallSlots slots(2, 1);
  EXPECT_TRUE(slots.take("acme/refund"));
  EXPECT_FALSE(slots.was_wanted());
  EXPECT_FALSE(slots.take("acme/refund"));
  EXPECT_TRUE(slots.was_wanted());
  EXPECT_FALSE(slots.was_wanted());
  EXPECT_EQ(slots.look().full, std::vector<std::string>{"acme/refund"});
  EXPECT_TRUE(slots.was_wanted());
}

TEST(CallSlotsTest, LetsNobodyPassThoseWhoWait) {
  CallSlots slots(3, 1);
  EXPECT_TRUE(slots.take_as_newcomer("acme/refund"));
  EXPECT_FALSE(slots.take_as_newcomer("acme/refund"));  // and waits
  slots.give_back("acme/refund");
  EXPECT_FALSE(slots.take_as_newcomer("acme/refund"));
  EXPECT_TRUE(slots.take_as_newcomer("acme/order"));
  EXPECT_TRUE(slots.was_wanted());

  const auto room = slots.look();
  EXPECT_TRUE(slots.take("acme/refund"));
  slots.note_round(room, true);
  slots.give_back("acme/refund");
  EXPECT_TRUE(slots.take_as_newcomer("acme/refund"));
}

TEST(CallSlotsTest, HoldsNewcomersBackWhileARoundCannotTakeAll) {
  CallSlots slots(3, 3);
  slots.note_round(slots.look(), false);
  EXPECT_FALSE(slots.take_as_newcomer("acme/refund"));
  slots.note_round(slots.look(), true);
  EXPECT_TRUE(slots.take_as_newcomer("acme/refund"));
}

TEST(CallSlotsTest, HoldsNewcomersOfAFullToolBack) {
  CallSlots slots(3, 1);
  EXPECT_TRUE(slots.take("acme/refund"));
  slots.note_round(slots.look(), true);  // steps of the full tool were not looked for
  slots.give_back("acme/refund");
  EXPECT_FALSE(slots.take_as_newcomer("acme/refund"));
}

TEST(CallSlotsTest, GivesNoneOnceTheLaneStops) {
  CallSlots slots(2, 2);
  slots.close();
  EXPECT_FALSE(slots.take("acme/refund"));
  EXPECT_EQ(slots.look().free, 0U);
}

}  // namespace countersign::executor
