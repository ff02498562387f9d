#include "messaging/memory/memory_broker.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "base/errors.hpp"
#include "messaging/tests/broker_conformance.hpp"

namespace countersign::messaging {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class MemoryLab final : public BrokerLab {
 public:
  Broker& broker() override { return broker_; }
  std::string fresh_name(const std::string& beginning) override { return beginning; }
  void create_topic(const std::string& name, std::int32_t partitions) override { broker_.create_topic(name, partitions); }
  void truncate(const TopicPartition& at, std::int64_t low) override { broker_.truncate(at, low); }

 private:
  base::ManualClock clock_;
  MemoryBroker broker_{clock_};
};

std::unique_ptr<BrokerLab> make_memory_lab() { return std::make_unique<MemoryLab>(); }

class MemoryBrokerTest : public testing::Test {
 protected:
  void SetUp() override { broker.create_topic("tickets", 2); }

  base::ManualClock clock;
  MemoryBroker broker{clock};
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, BrokerConformance, testing::Values(&make_memory_lab));

TEST_F(MemoryBrokerTest, TakesEverythingFromAMemberWhoseSessionEndsAndLetsItBackIn) {
  GroupMember first(broker, {"g", {"tickets"}, {}});
  GroupMember second(broker, {"g", {"tickets"}, {}});
  ASSERT_TRUE(step_until({&first, &second}, [&] { return first.has.size() == 1 && second.has.size() == 1; }));
  broker.end_session(*second.consumer);
  ASSERT_TRUE(step_until({&first}, [&] { return first.has.size() == 2; }));
  ASSERT_TRUE(step_until({&first, &second}, [&] { return first.has.size() == 1 && second.has.size() == 1; }));
  EXPECT_EQ(second.losses, 1);
}

TEST_F(MemoryBrokerTest, HoldsARebalanceUpUntilEveryMemberGaveUpOrItsSessionEnded) {
  GroupMember silent(broker, {"g", {"tickets"}, {}});
  ASSERT_TRUE(step_until({&silent}, [&] { return silent.has.size() == 2; }));
  GroupMember waiting(broker, {"g", {"tickets"}, {}});
  for (int i = 0; i < 3; ++i) waiting.step(milliseconds{0});
  EXPECT_EQ(waiting.assignments, 0);
  broker.end_session(*silent.consumer);
  waiting.step(milliseconds{0});
  EXPECT_EQ(waiting.has.size(), 2u);
}

TEST_F(MemoryBrokerTest, GivesUpThePlaceOfANamedMemberWhenItsSessionEnds) {
  GroupMember named(broker, {"g", {"tickets"}, "planner-0"});
  GroupMember other(broker, {"g", {"tickets"}, "planner-1"});
  ASSERT_TRUE(step_until({&named, &other}, [&] { return named.has.size() == 1 && other.has.size() == 1; }));
  named.consumer->close(seconds{1});
  other.step(milliseconds{0});
  EXPECT_EQ(other.has.size(), 1u);
  broker.end_session_of("g", "planner-0");
  ASSERT_TRUE(step_until({&other}, [&] { return other.has.size() == 2; }));
}

TEST_F(MemoryBrokerTest, RefusesAndLosesWritesAsTold) {
  const auto producer = broker.make_producer();
  broker.refuse_writes("tickets", 1, false, "not allowed");
  ASSERT_TRUE(producer->offer({"tickets", "k", "refused", {}, 1}));
  broker.lose_acknowledgements("tickets", 1);
  ASSERT_TRUE(producer->offer({"tickets", "k", "lost", {}, 2}));
  ASSERT_TRUE(producer->offer({"tickets", "k", "good", {}, 3}));
  const auto receipts = producer->receipts(milliseconds{0});
  ASSERT_EQ(receipts.size(), 3u);
  EXPECT_FALSE(receipts[0].good);
  EXPECT_FALSE(receipts[0].retry);
  EXPECT_FALSE(receipts[1].good);
  EXPECT_TRUE(receipts[1].retry);
  EXPECT_TRUE(receipts[2].good);
  const auto messages = broker.messages("tickets");
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].value, "lost");
}

TEST_F(MemoryBrokerTest, WritesWhatWasOfferedWhileUnreachableOnceItIsBack) {
  const auto producer = broker.make_producer();
  const auto consumer = broker.make_consumer({"g", {"tickets"}, {}});
  consumer->poll(milliseconds{0});
  consumer->begin({{{"tickets", 0}, 0}, {{"tickets", 1}, 0}});
  broker.set_reachable(false);
  ASSERT_TRUE(producer->offer({"tickets", "k", "v", {}, 1}));
  EXPECT_TRUE(producer->receipts(milliseconds{0}).empty());
  EXPECT_FALSE(producer->flush(milliseconds{0}));
  EXPECT_TRUE(std::holds_alternative<Trouble>(consumer->poll(milliseconds{0})));
  EXPECT_THROW(consumer->watermarks({"tickets", 0}), base::Unavailable);
  EXPECT_THROW(broker.warm({"tickets"}), base::Unavailable);
  broker.set_reachable(true);
  EXPECT_TRUE(producer->flush(milliseconds{0}));
  EXPECT_TRUE(std::holds_alternative<Message>(consumer->poll(milliseconds{0})));
}

TEST_F(MemoryBrokerTest, KeepsMessagesBackWhileNotDelivering) {
  GroupMember member(broker, {"g", {"tickets"}, {}});
  member.step(milliseconds{0});
  broker.set_delivering(false);
  broker.append({"tickets", "k", "v", {}, 0});
  member.step(milliseconds{0});
  EXPECT_TRUE(member.messages.empty());
  broker.set_delivering(true);
  member.step(milliseconds{0});
  EXPECT_EQ(member.messages.size(), 1u);
}

TEST_F(MemoryBrokerTest, NoticesThatATopicWasMadeAnew) {
  for (int i = 0; i < 3; ++i) broker.append({"tickets", "k", "v", {}, 0});
  const auto at = broker.messages("tickets").front().at;
  GroupMember member(broker, {"g", {"tickets"}, {}});
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 3; }));
  broker.create_topic("tickets", 2);
  member.step(milliseconds{0});
  ASSERT_EQ(member.troubles.size(), 1u);
  EXPECT_TRUE(member.troubles[0].out_of_range);
  EXPECT_EQ(member.troubles[0].at, at);
}

TEST_F(MemoryBrokerTest, PassesOnTroubleAndProgress) {
  const auto consumer = broker.make_consumer({"g", {"tickets"}, {}});
  consumer->poll(milliseconds{0});
  broker.give_trouble(*consumer, {"broken", true, false, std::nullopt});
  const auto event = consumer->poll(milliseconds{0});
  ASSERT_TRUE(std::holds_alternative<Trouble>(event));
  EXPECT_TRUE(std::get<Trouble>(event).fatal);
  EXPECT_EQ(broker.progress("g", {"tickets", 0}), std::nullopt);
  consumer->note_progress({{{"tickets", 0}, 5}});
  EXPECT_EQ(broker.progress("g", {"tickets", 0}), 5);
}

TEST_F(MemoryBrokerTest, WakesAPollWhenAMessageComes) {
  GroupMember member(broker, {"g", {"tickets"}, {}});
  member.step(milliseconds{0});
  std::jthread writer([&] { broker.append({"tickets", "k", "v", {}, 0}); });
  member.step(seconds{30});
  EXPECT_EQ(member.messages.size(), 1u);
}

TEST_F(MemoryBrokerTest, ServesManyThreads) {
  constexpr int writers = 3;
  constexpr int each = 200;
  std::vector<std::jthread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      const auto producer = broker.make_producer();
      for (int i = 0; i < each; ++i) producer->offer({"tickets", std::to_string(writer), std::to_string(i), {}, 0});
      producer->flush(seconds{5});
    });
  }
  GroupMember member(broker, {"g", {"tickets"}, {}});
  EXPECT_TRUE(step_until({&member}, [&] { return member.messages.size() == writers * each; }));
  for (int writer = 0; writer < writers; ++writer) {
    const auto own = member.of_key(std::to_string(writer));
    for (int i = 0; i < each; ++i) EXPECT_EQ(own[static_cast<std::size_t>(i)].value, std::to_string(i));
  }
}

}  // namespace countersign::messaging
