#include "messaging/tests/broker_conformance.hpp"

#include <gmock/gmock.h>

#include "base/errors.hpp"
#include "messaging/partitioner.hpp"

namespace countersign::messaging {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;

std::vector<std::string> values_of(const std::vector<Message>& messages) {
  std::vector<std::string> values;
  for (const auto& message : messages) values.push_back(message.value.value_or("<null>"));
  return values;
}

std::vector<Receipt> await_receipts(Producer& producer, std::size_t count) {
  std::vector<Receipt> all;
  const auto until = std::chrono::steady_clock::now() + seconds{30};
  while (all.size() < count && std::chrono::steady_clock::now() < until) {
    for (auto& receipt : producer.receipts(milliseconds{100})) all.push_back(std::move(receipt));
  }
  return all;
}

}  // namespace

void BrokerConformance::write(const std::vector<Record>& records) {
  const auto producer = lab->broker().make_producer();
  for (const auto& record : records) ASSERT_TRUE(producer->offer(record));
  const auto receipts = await_receipts(*producer, records.size());
  ASSERT_EQ(receipts.size(), records.size());
  for (const auto& receipt : receipts) ASSERT_TRUE(receipt.good) << receipt.error;
}

std::string BrokerConformance::key_for(const TopicPartition& at, std::int32_t partitions) const {
  for (int i = 0;; ++i) {
    auto key = "key-" + std::to_string(i);
    if (partition_of(key, partitions) == at.partition) return key;
  }
}

void BrokerConformance::write_numbered(const TopicPartition& at, int count) {
  std::vector<Record> records;
  for (int i = 0; i < count; ++i) records.push_back({at.topic, key_for(at, 2), std::to_string(i), {}, 0});
  write(records);
}

void BrokerConformance::await_assignment(GroupMember& member) {
  ASSERT_TRUE(step_until({&member}, [&] { return member.assignments > 0; }));
}

TEST_P(BrokerConformance, KeepsTheOrderOfEachKey) {
  lab->create_topic(topic, 4);
  std::vector<Record> records;
  for (int i = 0; i < 300; ++i) records.push_back({topic, "key-" + std::to_string(i % 7), std::to_string(i), {}, 0});
  write(records);

  auto member = join();
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 300; }));
  for (int key = 0; key < 7; ++key) {
    std::vector<std::string> expected;
    for (int i = key; i < 300; i += 7) expected.push_back(std::to_string(i));
    EXPECT_EQ(values_of(member.of_key("key-" + std::to_string(key))), expected);
  }
}

TEST_P(BrokerConformance, KeepsEveryByte) {
  lab->create_topic(topic, 1);
  const std::string binary("\0\xff\x80 a\n", 6);
  const base::Headers headers{{"ce_id", "1"}, {"empty", ""}, {"ce_id", "2"}, {"binary", binary}};
  write({{topic, binary, binary, headers, 0},
         {topic, std::nullopt, "no key", {}, 0},
         {topic, "k", std::nullopt, {}, 0},
         {topic, "", "", {}, 0}});

  auto member = join();
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 4; }));
  const auto& all = member.messages;
  EXPECT_EQ(all[0].key, binary);
  EXPECT_EQ(all[0].value, binary);
  EXPECT_EQ(all[0].headers, headers);
  EXPECT_EQ(all[1].key, std::nullopt);
  EXPECT_TRUE(all[1].headers.empty());
  EXPECT_EQ(all[2].value, std::nullopt);
  EXPECT_EQ(all[3].key, "");
  EXPECT_EQ(all[3].value, "");
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].offset, static_cast<std::int64_t>(i));
  EXPECT_GT(all[0].timestamp, base::WallTime{seconds{1'600'000'000}});
}

TEST_P(BrokerConformance, PutsEveryKeyWhereMurmur2Says) {
  lab->create_topic(topic, 12);
  std::vector<Record> records;
  for (int i = 0; i < 200; ++i)
    records.push_back({topic, std::string(static_cast<std::size_t>(i % 9), '\xe9') + std::to_string(i), "", {}, 0});
  write(records);

  auto member = join();
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 200; }));
  for (const auto& message : member.messages) EXPECT_EQ(message.at.partition, partition_of(*message.key, 12)) << *message.key;
}

TEST_P(BrokerConformance, BeginsWhereItIsTold) {
  lab->create_topic(topic, 2);
  write_numbered({topic, 0}, 5);
  write_numbered({topic, 1}, 5);
  auto member = join();
  member.starts = {{{topic, 0}, 3}, {{topic, 1}, 5}};
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 2; }));
  EXPECT_THAT(values_of(member.messages), ElementsAre("3", "4"));
}

TEST_P(BrokerConformance, SharesPartitionsWithWhoeverJoinsAndTakesThemOverFromWhoeverLeaves) {
  lab->create_topic(topic, 2);
  auto first = join();
  ASSERT_TRUE(step_until({&first}, [&] { return first.has.size() == 2; }));
  auto second = join();
  ASSERT_TRUE(step_until({&first, &second}, [&] { return first.has.size() == 1 && second.has.size() == 1; }));
  EXPECT_NE(*first.has.begin(), *second.has.begin());
  EXPECT_EQ(first.revocations, 1);
  EXPECT_EQ(second.revocations, 0);

  write_numbered({topic, 0}, 3);
  write_numbered({topic, 1}, 3);
  ASSERT_TRUE(step_until({&first, &second}, [&] { return first.messages.size() == 3 && second.messages.size() == 3; }));
  second.consumer->close(seconds{5});
  ASSERT_TRUE(step_until({&first}, [&] { return first.has.size() == 2; }));
  ASSERT_TRUE(step_until({&first}, [&] { return first.messages.size() == 6; }));
  EXPECT_EQ(first.losses, 0);
}

TEST_P(BrokerConformance, TellsAMemberForWhomNothingIsLeft) {
  lab->create_topic(topic, 1);
  auto first = join();
  await_assignment(first);
  auto second = join();
  const auto settled = [&] { return second.assignments > 0 && first.has.size() + second.has.size() == 1; };
  ASSERT_TRUE(step_until({&first, &second}, settled));
  // Whoever is left over takes over when the other goes.
  auto& holder = first.has.empty() ? second : first;
  auto& spare = first.has.empty() ? first : second;
  holder.consumer->close(seconds{5});
  ASSERT_TRUE(step_until({&spare}, [&] { return spare.has.size() == 1; }));
}

TEST_P(BrokerConformance, SeeksBackAndForth) {
  lab->create_topic(topic, 2);
  write_numbered({topic, 0}, 6);
  auto member = join();
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 6; }));
  member.messages.clear();
  member.consumer->seek({{topic, 0}, 1});
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 5; }));
  EXPECT_THAT(values_of(member.messages), ElementsAre("1", "2", "3", "4", "5"));
  member.messages.clear();
  member.consumer->seek({{topic, 0}, 0});
  member.consumer->seek({{topic, 0}, 5});
  ASSERT_TRUE(step_until({&member}, [&] { return !member.messages.empty(); }));
  EXPECT_THAT(values_of(member.messages), ElementsAre("5"));
}

TEST_P(BrokerConformance, BearsManyChangesOfMindInARow) {
  lab->create_topic(topic, 2);
  write_numbered({topic, 0}, 6);
  auto member = join();
  await_assignment(member);
  for (int i = 0; i < 300; ++i) {
    member.consumer->seek({{topic, 0}, i % 6});
    member.consumer->end({{topic, 1}});
    member.consumer->begin({{{topic, 1}, 0}});
    if (i % 50 == 0) member.step(milliseconds{1});
  }
  member.consumer->seek({{topic, 0}, 4});
  member.messages.clear();
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 2; }));
  EXPECT_THAT(values_of(member.messages), ElementsAre("4", "5"));
}

TEST_P(BrokerConformance, LeavesAPartitionAloneFromItsEndToItsNextBegin) {
  lab->create_topic(topic, 2);
  auto member = join();
  await_assignment(member);
  member.consumer->end({{topic, 0}});
  write_numbered({topic, 0}, 2);
  write_numbered({topic, 1}, 2);
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 2; }));
  for (const auto& message : member.messages) EXPECT_EQ(message.at.partition, 1);
  member.messages.clear();
  member.consumer->begin({{{topic, 0}, 1}});
  ASSERT_TRUE(step_until({&member}, [&] { return !member.messages.empty(); }));
  EXPECT_EQ(member.messages[0].at.partition, 0);
  EXPECT_EQ(member.messages[0].offset, 1);
  EXPECT_EQ(member.assignments, 1);
}

TEST_P(BrokerConformance, DoesNotWaitForAPartitionThatCannotBeBegunYet) {
  lab->create_topic(topic, 2);
  write_numbered({topic, 0}, 1);
  const auto consumer = lab->broker().make_consumer({group, {topic}, {}});
  bool assigned = false;
  const auto until = std::chrono::steady_clock::now() + seconds{30};
  while (!assigned && std::chrono::steady_clock::now() < until) {
    assigned = std::holds_alternative<Assigned>(consumer->poll(milliseconds{50}));
  }
  ASSERT_TRUE(assigned);
  EXPECT_TRUE(std::holds_alternative<Quiet>(consumer->poll(milliseconds{50})));
  consumer->begin({{{topic, 0}, 0}});
  Event event;
  while (!std::holds_alternative<Message>(event) && std::chrono::steady_clock::now() < until) event = consumer->poll(milliseconds{50});
  EXPECT_TRUE(std::holds_alternative<Message>(event));
}

TEST_P(BrokerConformance, TellsTheWatermarks) {
  lab->create_topic(topic, 2);
  auto member = join();
  const TopicPartition at{topic, 0};
  EXPECT_EQ(member.consumer->watermarks(at).high, 0);
  write_numbered(at, 5);
  EXPECT_EQ(member.consumer->watermarks(at).low, 0);
  EXPECT_EQ(member.consumer->watermarks(at).high, 5);
  lab->truncate(at, 2);
  EXPECT_EQ(member.consumer->watermarks(at).low, 2);
  EXPECT_EQ(member.consumer->watermarks(at).high, 5);
}

TEST_P(BrokerConformance, FindsOneMessageWithoutDisturbingTheOthers) {
  lab->create_topic(topic, 2);
  const TopicPartition at{topic, 1};
  write_numbered(at, 4);
  auto member = join();
  member.starts[at] = 1;
  await_assignment(member);
  const auto found = member.consumer->find_message(at, 2);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->offset, 2);
  EXPECT_EQ(found->value, "2");
  EXPECT_FALSE(member.consumer->find_message(at, 4).has_value());
  EXPECT_FALSE(member.consumer->find_message({topic, 0}, 0).has_value());
  EXPECT_EQ(member.consumer->find_message(at, 0)->value, "0");
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 3; }));
  EXPECT_THAT(values_of(member.messages), ElementsAre("1", "2", "3"));

  lab->truncate(at, 3);
  EXPECT_FALSE(member.consumer->find_message(at, 2).has_value());
  EXPECT_TRUE(member.consumer->find_message(at, 3).has_value());
}

TEST_P(BrokerConformance, ResumesANamedMemberWithoutDisturbingTheOthers) {
  lab->create_topic(topic, 2);
  auto stays = join("a");
  await_assignment(stays);
  auto restarts = join("b");
  ASSERT_TRUE(step_until({&stays, &restarts}, [&] { return stays.has.size() == 1 && restarts.has.size() == 1; }));
  const auto had = restarts.has;
  restarts.consumer->close(seconds{5});
  auto back = join("b");
  ASSERT_TRUE(step_until({&stays, &back}, [&] { return back.assignments > 0; }));
  EXPECT_EQ(back.has, had);
  EXPECT_EQ(stays.revocations, 1) << "only the one for the first joining";
  write_numbered(*had.begin(), 2);
  ASSERT_TRUE(step_until({&stays, &back}, [&] { return back.messages.size() == 2; }));
}

TEST_P(BrokerConformance, EndsTheOlderOfTwoMembersWithOneName) {
  lab->create_topic(topic, 2);
  auto older = join("a");
  await_assignment(older);
  auto newer = join("a");
  ASSERT_TRUE(
      step_until({&older, &newer}, [&] { return newer.has.size() == 2 && !older.troubles.empty() && older.troubles.back().fatal; }));
}

TEST_P(BrokerConformance, ReportsAPositionOffTheLogAndRestsUntilSought) {
  lab->create_topic(topic, 2);
  const TopicPartition at{topic, 0};
  write_numbered(at, 5);
  lab->truncate(at, 3);
  auto member = join();
  member.starts[at] = 1;
  const auto out_of_range = [&] { return !member.troubles.empty() && member.troubles.back().out_of_range; };
  ASSERT_TRUE(step_until({&member}, out_of_range));
  EXPECT_EQ(member.troubles.back().at, at);
  EXPECT_FALSE(member.troubles.back().fatal);
  EXPECT_TRUE(member.messages.empty());
  member.consumer->seek({at, 3});
  ASSERT_TRUE(step_until({&member}, [&] { return member.messages.size() == 2; }));

  member.troubles.clear();
  member.consumer->seek({at, 9});
  ASSERT_TRUE(step_until({&member}, out_of_range));
  EXPECT_EQ(member.messages.size(), 2u);
}

TEST_P(BrokerConformance, AnswersEveryRecordByItsToken) {
  lab->create_topic(topic, 2);
  lab->broker().warm({topic});
  const auto producer = lab->broker().make_producer();
  EXPECT_TRUE(producer->receipts(milliseconds{0}).empty());
  std::set<std::uint64_t> tokens;
  for (std::uint64_t token = 100; token < 200; ++token) {
    ASSERT_TRUE(producer->offer({topic, "k", "v", {}, token}));
    tokens.insert(token);
  }
  EXPECT_TRUE(producer->flush(seconds{20}));
  std::set<std::uint64_t> answered;
  for (const auto& receipt : producer->receipts(milliseconds{0})) {
    EXPECT_TRUE(receipt.good) << receipt.error;
    EXPECT_TRUE(answered.insert(receipt.token).second);
  }
  EXPECT_EQ(answered, tokens);
}

TEST_P(BrokerConformance, SaysThatATopicThatDoesNotExistIsNoUse) {
  const auto producer = lab->broker().make_producer();
  ASSERT_TRUE(producer->offer({topic, "k", "v", {}, 7}));
  const auto receipts = await_receipts(*producer, 1);
  ASSERT_EQ(receipts.size(), 1u);
  EXPECT_EQ(receipts[0].token, 7u);
  EXPECT_FALSE(receipts[0].good);
  EXPECT_FALSE(receipts[0].retry);
  EXPECT_THAT(receipts[0].error, testing::HasSubstr(topic));
  EXPECT_THROW(lab->broker().warm({topic}), base::Misconfigured);
}

TEST_P(BrokerConformance, ListsTopicsByTheirBeginning) {
  lab->create_topic(topic, 1);
  lab->create_topic(topic + ".realm", 1);
  EXPECT_THAT(lab->broker().list_topics(topic), ElementsAre(topic, topic + ".realm"));
  EXPECT_THAT(lab->broker().list_topics(topic + "."), ElementsAre(topic + ".realm"));
}

TEST_P(BrokerConformance, ClosesWithinItsDeadlineWhateverItWasDoing) {
  lab->create_topic(topic, 2);
  write_numbered({topic, 0}, 3);
  auto member = join();
  ASSERT_TRUE(step_until({&member}, [&] { return !member.messages.empty(); }));
  member.consumer->note_progress({{{topic, 0}, 1}});
  auto never_polled = join();
  const auto before = std::chrono::steady_clock::now();
  member.consumer->close(seconds{5});
  never_polled.consumer->close(seconds{5});
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds{11});
}

}  // namespace countersign::messaging
