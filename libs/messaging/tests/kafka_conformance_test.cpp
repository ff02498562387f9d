#include "messaging/tests/broker_conformance.hpp"
#include "messaging/tests/kafka_lab.hpp"

namespace countersign::messaging {

namespace {
std::unique_ptr<BrokerLab> make_kafka_lab() { return std::make_unique<KafkaLab>(); }
}  // namespace

INSTANTIATE_TEST_SUITE_P(Kafka, BrokerConformance, testing::Values(&make_kafka_lab));

}  // namespace countersign::messaging
