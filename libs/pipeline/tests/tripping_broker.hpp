#pragma once

// TrippingBroker: another broker whose consumers stumble where a test wants it.
//
// `before` is called with the name of a consumer's function before it is passed on; what it throws is what the function throws. `troubles`
// are what polls give before anything else.

#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "messaging/broker.hpp"

namespace countersign::pipeline::testing {

class TrippingBroker final : public messaging::Broker {
 public:
  explicit TrippingBroker(messaging::Broker& real) : real_(real) {}

  std::function<void(const std::string& function)> before = [](const std::string&) {};
  std::deque<messaging::Trouble> troubles;
  std::size_t delivered = 0;  // messages

  std::unique_ptr<messaging::Consumer> make_consumer(const messaging::ConsumerOptions& options) override;
  std::unique_ptr<messaging::Producer> make_producer() override { return real_.make_producer(); }
  void warm(const std::vector<std::string>& topics) override { real_.warm(topics); }
  std::vector<std::string> list_topics(const std::string& prefix) override { return real_.list_topics(prefix); }

 private:
  messaging::Broker& real_;
};

class TrippingConsumer final : public messaging::Consumer {
 public:
  TrippingConsumer(TrippingBroker& broker, std::unique_ptr<messaging::Consumer> real) : broker_(broker), real_(std::move(real)) {}

  messaging::Event poll(std::chrono::milliseconds wait) override {
    broker_.before("poll");
    if (!broker_.troubles.empty()) {
      auto trouble = std::move(broker_.troubles.front());
      broker_.troubles.pop_front();
      return trouble;
    }
    auto event = real_->poll(wait);
    broker_.delivered += std::holds_alternative<messaging::Message>(event) ? 1 : 0;
    return event;
  }
  void begin(const std::vector<messaging::Position>& positions) override {
    broker_.before("begin");
    real_->begin(positions);
  }
  void end(const std::vector<messaging::TopicPartition>& partitions) override { real_->end(partitions); }
  void seek(const messaging::Position& position) override { real_->seek(position); }
  messaging::Watermarks watermarks(const messaging::TopicPartition& partition) override {
    broker_.before("watermarks");
    return real_->watermarks(partition);
  }
  std::optional<messaging::Message> find_message(const messaging::TopicPartition& partition, std::int64_t offset) override {
    broker_.before("find_message");
    return real_->find_message(partition, offset);
  }
  void note_progress(const std::vector<messaging::Position>& positions) override { real_->note_progress(positions); }
  void close(std::chrono::milliseconds deadline) override { real_->close(deadline); }

 private:
  TrippingBroker& broker_;
  std::unique_ptr<messaging::Consumer> real_;
};

inline std::unique_ptr<messaging::Consumer> TrippingBroker::make_consumer(const messaging::ConsumerOptions& options) {
  return std::make_unique<TrippingConsumer>(*this, real_.make_consumer(options));
}

}  // namespace countersign::pipeline::testing
