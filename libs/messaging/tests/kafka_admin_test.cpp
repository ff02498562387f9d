#include "messaging/kafka/kafka_admin.hpp"

#include <gmock/gmock.h>

#include "base/errors.hpp"
#include "messaging/kafka/kafka_broker.hpp"
#include "messaging/testing/scratch_kafka.hpp"
#include "messaging/tests/group_member.hpp"

namespace countersign::messaging {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class KafkaAdminTest : public testing::Test {
 protected:
  KafkaAdminTest() : topic(kafka.fresh_name("topic")), group(kafka.fresh_name("group")) {}

  // The stranger's one receipt for a record on the topic.
  Receipt write_as_stranger() {
    const auto producer = stranger.make_producer();
    producer->offer({topic, "k", "v", {}, 1});
    for (const auto until = std::chrono::steady_clock::now() + seconds{30}; std::chrono::steady_clock::now() < until;) {
      const auto receipts = producer->receipts(milliseconds{100});
      if (!receipts.empty()) return receipts.front();
    }
    return {0, false, true, "no receipt came"};
  }

  ScratchKafka& kafka = ScratchKafka::shared();
  KafkaAdmin admin{kafka.settings()};
  KafkaBroker stranger{kafka.settings("stranger")};
  std::string topic;
  std::string group;
};

}  // namespace

TEST_F(KafkaAdminTest, CreatesTopicsOnceAndReportsOtherPartitionNumbers) {
  const TopicPlan plan{.name = topic, .partitions = 3, .config = {{"max.message.bytes", "2000000"}}};
  const auto first = admin.create_topics({plan});
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(first[0].created);
  EXPECT_EQ(first[0].partitions, 3);
  EXPECT_EQ(first[0].mismatch, "");

  const auto again = admin.create_topics({plan, {.name = topic + "-2", .partitions = 1}});
  EXPECT_FALSE(again[0].created);
  EXPECT_EQ(again[0].mismatch, "");
  EXPECT_TRUE(again[1].created);

  const auto other = admin.create_topics({{.name = topic, .partitions = 5}});
  EXPECT_EQ(other[0].partitions, 3);
  EXPECT_THAT(other[0].mismatch, HasSubstr("3 partitions, planned are 5"));
}

TEST_F(KafkaAdminTest, RefusesPlansThatCannotBe) {
  EXPECT_THROW(admin.create_topics({{.name = "no spaces allowed", .partitions = 1}}), base::Misconfigured);
  EXPECT_THROW(admin.create_topics({{.name = topic, .partitions = 1, .config = {{"no.such.setting", "1"}}}}), base::Misconfigured);
}

TEST_F(KafkaAdminTest, GrantsAreInForceWhenCreateReturns) {
  kafka.create_topic(topic, 1);
  for (int round = 0; round < 5; ++round) {
    topic = kafka.fresh_name("granted");
    kafka.create_topic(topic, 1);
    admin.create_grants(may_write("stranger", topic));
    const auto receipt = write_as_stranger();
    EXPECT_TRUE(receipt.good) << receipt.error;
  }
}

TEST_F(KafkaAdminTest, GrantsMayBeRepeatedAndAreListed) {
  const std::vector<Grant> wanted{{"stranger", Resource::topic, topic, true, Operation::read},
                                  {"stranger", Resource::group, group, false, Operation::read}};
  admin.create_grants(wanted);
  const auto before = admin.grants();
  admin.create_grants(wanted);
  EXPECT_EQ(admin.grants(), before);
  for (const auto& grant : wanted) EXPECT_THAT(before, testing::Contains(grant));
}

TEST_F(KafkaAdminTest, OnlyAUserWhoMayGetsAnywhere) {
  KafkaAdmin powerless(kafka.settings("stranger"));
  EXPECT_THROW(powerless.create_topics({{.name = topic, .partitions = 1}}), base::Misconfigured);
  EXPECT_THROW(powerless.create_grants(may_write("stranger", topic)), base::Misconfigured);
}

TEST_F(KafkaAdminTest, ARefusedWriteIsNoUseRetrying) {
  kafka.create_topic(topic, 1);
  const auto receipt = write_as_stranger();
  EXPECT_FALSE(receipt.good);
  EXPECT_FALSE(receipt.retry) << receipt.error;
  EXPECT_THAT(receipt.error, HasSubstr("AUTHORIZATION_FAILED"));
}

TEST_F(KafkaAdminTest, AWriterRefusedOnOneTopicStillWritesToAnother) {
  const auto allowed = kafka.fresh_name("allowed");
  kafka.create_topic(topic, 1);
  kafka.create_topic(allowed, 1);
  admin.create_grants(may_write("stranger", allowed));
  admin.create_grants({{"stranger", Resource::topic, topic, false, Operation::describe}});
  const auto producer = stranger.make_producer();
  std::map<std::uint64_t, Receipt> receipts;
  for (std::uint64_t token = 0; token < 20; ++token) {
    ASSERT_TRUE(producer->offer({token % 2 == 0 ? topic : allowed, "k", "v", {}, token}));
  }
  for (const auto until = std::chrono::steady_clock::now() + seconds{30};
       receipts.size() < 20 && std::chrono::steady_clock::now() < until;) {
    for (const auto& receipt : producer->receipts(milliseconds{100})) {
      // What a refusal tore down with it is offered again, as the pipeline does.
      if (!receipt.good && receipt.retry) {
        ASSERT_TRUE(producer->offer({receipt.token % 2 == 0 ? topic : allowed, "k", "v", {}, receipt.token}));
      } else {
        receipts[receipt.token] = receipt;
      }
    }
  }
  ASSERT_EQ(receipts.size(), 20u);
  for (const auto& [token, receipt] : receipts) {
    EXPECT_EQ(receipt.good, token % 2 == 1) << token << ": " << receipt.error;
    EXPECT_EQ(receipt.error.find("TOPIC_AUTHORIZATION_FAILED") != std::string::npos, token % 2 == 0) << receipt.error;
  }
}

TEST_F(KafkaAdminTest, ARefusedReaderIsToldWhatItLacks) {
  kafka.create_topic(topic, 1);
  GroupMember member(stranger, {group, {topic}, {}});
  const auto told = [&](const char* lack) {
    return std::any_of(member.troubles.begin(), member.troubles.end(),
                       [&](const auto& trouble) { return trouble.what.find(lack) != std::string::npos; });
  };
  ASSERT_TRUE(step_until({&member}, [&] { return told("GROUP_AUTHORIZATION_FAILED"); }));
  EXPECT_TRUE(member.messages.empty());

  admin.create_grants(may_join("stranger", group));
  GroupMember joiner(stranger, {group, {topic}, {}});
  ASSERT_TRUE(step_until({&joiner}, [&] { return !joiner.troubles.empty(); }));
  EXPECT_THAT(joiner.troubles[0].what, HasSubstr("TOPIC_AUTHORIZATION_FAILED"));

  admin.create_grants(may_read("stranger", topic));
  const auto producer = KafkaBroker(kafka.settings()).make_producer();
  producer->offer({topic, "k", "v", {}, 1});
  ASSERT_TRUE(producer->flush(seconds{20}));
  GroupMember reader(stranger, {group, {topic}, {}});
  ASSERT_TRUE(step_until({&reader}, [&] { return reader.messages.size() == 1; }));
}

TEST_F(KafkaAdminTest, WarmAndListShowOnlyWhatTheUserMayDescribe) {
  kafka.create_topic(topic, 1);
  EXPECT_THROW(stranger.warm({topic}), base::Misconfigured);
  EXPECT_TRUE(stranger.list_topics(topic).empty());
  admin.create_grants(may_read("stranger", topic));
  stranger.warm({topic});
  EXPECT_EQ(stranger.list_topics(topic).size(), 1u);
}

TEST_F(KafkaAdminTest, AWrongPasswordIsUnavailableWithAHint) {
  auto settings = kafka.settings("stranger");
  settings.extra["sasl.password"] = "wrong";
  settings.request_deadline = seconds{2};
  KafkaBroker broker(settings);
  try {
    broker.list_topics("");
    FAIL() << "answered a user with a wrong password";
  } catch (const base::Unavailable& error) {
    EXPECT_THAT(error.what(), HasSubstr("password"));
  }
}

}  // namespace countersign::messaging
