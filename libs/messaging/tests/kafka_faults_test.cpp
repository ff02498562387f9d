// What only a misbehaving broker shows. librdkafka's mock cluster plays it; what it cannot play (groups, ACLs) is in the other files.

#include "messaging/kafka/handles.hpp"

// After rdkafka.h, which it needs and does not include.
#include <gmock/gmock.h>
#include <librdkafka/rdkafka_mock.h>

#include "base/errors.hpp"
#include "messaging/kafka/kafka_broker.hpp"

namespace countersign::messaging {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::int16_t produce_api = 0;

class MockKafka {
 public:
  MockKafka() : host_(RD_KAFKA_PRODUCER, kafka::Conf(rd_kafka_conf_new())), cluster_(rd_kafka_mock_cluster_new(host_.get(), 1)) {
    rd_kafka_mock_topic_create(cluster_, "tickets", 1, 1);
  }
  ~MockKafka() { rd_kafka_mock_cluster_destroy(cluster_); }

  KafkaSettings settings() const { return {.bootstrap = rd_kafka_mock_cluster_bootstraps(cluster_), .request_deadline = seconds{2}}; }
  void fail_next_write(rd_kafka_resp_err_t error) { rd_kafka_mock_push_request_errors(cluster_, produce_api, 1, error); }
  void set_down(bool down) { down ? rd_kafka_mock_broker_set_down(cluster_, 1) : rd_kafka_mock_broker_set_up(cluster_, 1); }

 private:
  kafka::Client host_;
  rd_kafka_mock_cluster_t* cluster_;
};

std::vector<Receipt> collect_receipts(Producer& producer, std::size_t count) {
  std::vector<Receipt> all;
  for (const auto until = steady_clock::now() + seconds{20}; all.size() < count && steady_clock::now() < until;) {
    for (auto& receipt : producer.receipts(milliseconds{50})) all.push_back(std::move(receipt));
  }
  return all;
}

class KafkaFaultsTest : public testing::Test {
 protected:
  MockKafka mock;
  KafkaBroker broker{mock.settings()};
};

}  // namespace

TEST_F(KafkaFaultsTest, AFatalProducerAnswersAllAndGoesOnInANewSession) {
  const auto producer = broker.make_producer();
  ASSERT_TRUE(producer->offer({"tickets", "k", "first", {}, 0}));
  ASSERT_EQ(collect_receipts(*producer, 1).size(), 1u);
  mock.fail_next_write(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  for (std::uint64_t token = 1; token <= 5; ++token) ASSERT_TRUE(producer->offer({"tickets", "k", "v", {}, token}));
  const auto receipts = collect_receipts(*producer, 5);
  ASSERT_EQ(receipts.size(), 5u);
  // Which words each gets depends on whether its own report, the purge behind it or the end of the session comes first.
  for (const auto& receipt : receipts) {
    EXPECT_FALSE(receipt.good);
    EXPECT_TRUE(receipt.retry) << receipt.error;
  }

  // The reports may all come before the client declares itself failed; then one more record goes down with the session.
  std::vector<Receipt> after;
  for (int attempt = 0; attempt < 2 && (after.empty() || !after[0].good); ++attempt) {
    ASSERT_TRUE(producer->offer({"tickets", "k", "again", {}, 6}));
    after = collect_receipts(*producer, 1);
    ASSERT_EQ(after.size(), 1u);
  }
  EXPECT_TRUE(after[0].good) << after[0].error;
}

TEST_F(KafkaFaultsTest, ATooLargeRecordIsNoUseRetrying) {
  const auto producer = broker.make_producer();
  ASSERT_TRUE(producer->offer({"tickets", "k", std::string(2'200'000, 'x'), {}, 1}));
  ASSERT_TRUE(producer->offer({"tickets", "k", "v", {}, 2}));
  const auto receipts = collect_receipts(*producer, 2);
  ASSERT_EQ(receipts.size(), 2u);
  EXPECT_EQ(receipts[0].token, 1u);
  EXPECT_FALSE(receipts[0].retry);
  EXPECT_TRUE(receipts[1].good) << receipts[1].error;
}

TEST_F(KafkaFaultsTest, ACopyOfTheLargestMessageFits) {
  const auto producer = broker.make_producer();
  ASSERT_TRUE(producer->offer({"tickets", "k", std::string(1'048'588, 'x'), {{"countersign-reason", "json_too_large"}}, 1}));
  const auto receipts = collect_receipts(*producer, 1);
  ASSERT_EQ(receipts.size(), 1u);
  EXPECT_TRUE(receipts[0].good) << receipts[0].error;
}

TEST_F(KafkaFaultsTest, AProducerKeepsWhatItWasOfferedUntilTheBrokerIsBack) {
  const auto producer = broker.make_producer();
  mock.set_down(true);
  ASSERT_TRUE(producer->offer({"tickets", "k", "v", {}, 1}));
  EXPECT_FALSE(producer->flush(milliseconds{200}));
  mock.set_down(false);
  EXPECT_TRUE(producer->flush(seconds{20}));
  const auto receipts = producer->receipts(milliseconds{0});
  ASSERT_EQ(receipts.size(), 1u);
  EXPECT_TRUE(receipts[0].good) << receipts[0].error;
}

TEST_F(KafkaFaultsTest, AFullQueueIsSaidAtOnce) {
  auto settings = mock.settings();
  settings.extra["queue.buffering.max.messages"] = "10";
  KafkaBroker small(settings);
  const auto producer = small.make_producer();
  mock.set_down(true);
  for (std::uint64_t token = 0; token < 10; ++token) ASSERT_TRUE(producer->offer({"tickets", "k", "v", {}, token}));
  EXPECT_FALSE(producer->offer({"tickets", "k", "v", {}, 10}));
  mock.set_down(false);
  EXPECT_EQ(collect_receipts(*producer, 10).size(), 10u);
  EXPECT_TRUE(producer->offer({"tickets", "k", "v", {}, 10}));
}

TEST_F(KafkaFaultsTest, EverythingThatAsksGivesUpInTimeWhenNobodyAnswers) {
  const auto consumer = broker.make_consumer({"group", {"tickets"}, {}});
  mock.set_down(true);
  const auto before = steady_clock::now();
  EXPECT_THROW(consumer->watermarks({"tickets", 0}), base::Unavailable);
  EXPECT_THROW(consumer->find_message({"tickets", 0}, 0), base::Unavailable);
  EXPECT_THROW(broker.list_topics(""), base::Unavailable);
  EXPECT_THROW(broker.warm({"tickets"}), base::Unavailable);
  consumer->close(seconds{1});
  EXPECT_LT(steady_clock::now() - before, seconds{15});
}

}  // namespace countersign::messaging
