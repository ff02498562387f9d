#include "cli/log_reader.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "base/errors.hpp"
#include "base/uuid.hpp"
#include "pipeline/territory.hpp"

namespace countersign::cli {

namespace {

using messaging::TopicPartition;

constexpr std::chrono::milliseconds patience_with_silence{30'000};  // without any news
constexpr std::chrono::milliseconds one_poll{200};

std::string own_group() {
  base::SystemClock clock;
  return "countersign." + base::UuidV7Source(clock).next().str();
}

}  // namespace

LogReader::LogReader(const messaging::KafkaSettings& settings, const std::vector<std::string>& topics) : broker_(settings) {
  broker_.warm(topics);
  consumer_ = broker_.make_consumer({own_group(), topics, {}});
  await_partitions();
}

void LogReader::await_partitions() {
  const auto until = std::chrono::steady_clock::now() + patience_with_silence;
  std::string trouble = "no answer";
  while (partitions_.empty()) {
    if (std::chrono::steady_clock::now() > until) throw base::Unavailable("Kafka gave out no partitions: " + trouble);
    const auto event = consumer_->poll(one_poll);
    if (const auto* assigned = std::get_if<messaging::Assigned>(&event)) {
      partitions_ = assigned->partitions;
      std::sort(partitions_.begin(), partitions_.end());
      consumer_->begin({});
    }
    if (const auto* seen = std::get_if<messaging::Trouble>(&event)) trouble = seen->what;
  }
}

void LogReader::read(const std::map<TopicPartition, Stretch>& stretches, const std::function<void(const messaging::Message&)>& each) {
  std::vector<messaging::Position> positions;
  std::map<TopicPartition, std::int64_t> ends;
  for (const auto& [at, stretch] : stretches) {
    if (stretch.first >= stretch.second) continue;
    positions.push_back({at, stretch.first});
    ends[at] = stretch.second;
  }
  consumer_->begin(positions);
  auto last_news = std::chrono::steady_clock::now();
  while (!ends.empty()) {
    const auto event = consumer_->poll(one_poll);
    if (const auto* message = std::get_if<messaging::Message>(&event)) {
      last_news = std::chrono::steady_clock::now();
      const auto end = ends.find(message->at);
      if (end == ends.end() || message->offset >= end->second) continue;
      each(*message);
      if (message->offset + 1 < end->second) continue;
      consumer_->end({message->at});
      ends.erase(end);
    } else if (const auto* trouble = std::get_if<messaging::Trouble>(&event);
               trouble != nullptr && (trouble->fatal || trouble->out_of_range)) {
      throw base::Unavailable("the log changed while it was read: " + trouble->what);
    } else if (std::chrono::steady_clock::now() - last_news > patience_with_silence) {
      throw base::Unavailable("Kafka stopped answering while the log was read");
    }
  }
}

std::vector<std::string> topics_of_all_realms(const messaging::KafkaSettings& settings, const std::string& topic) {
  messaging::KafkaBroker broker{settings};
  std::vector<std::string> found;
  for (const auto& name : broker.list_topics(topic))
    if (pipeline::without_realm(name) == topic) found.push_back(name);
  if (found.empty()) throw base::Misconfigured("there is no topic " + topic + ". Hint: countersign topics create");
  return found;
}

}  // namespace countersign::cli
