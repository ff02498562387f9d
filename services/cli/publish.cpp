#include "cli/publish.hpp"

#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "cli/event_line.hpp"
#include "cli/exit_codes.hpp"
#include "cli/topic_map.hpp"
#include "messaging/kafka/kafka_broker.hpp"

namespace countersign::cli {

namespace {

using Records = std::vector<messaging::Record>;
using std::chrono::milliseconds;

constexpr std::size_t most_mistakes_shown = 20;
constexpr milliseconds between_drawings{100};
constexpr std::chrono::seconds patience_with_kafka{60};  // with events that Kafka does not confirm

std::vector<std::string> read_lines(const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    if (std::filesystem::is_directory(file))
      throw BadInput(file + " is a folder; publish takes one file of JSON lines, or - for standard input");
    opened.open(file);
    if (!opened) throw BadInput("the file " + file + " cannot be read: " + std::strerror(errno));
  }
  std::istream& in = file == "-" ? std::cin : opened;
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

bool blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

struct Checked {
  Records records;
  std::vector<std::string> mistakes;
};

Checked check(const std::vector<std::string>& lines, const EventDefaults& defaults) {
  EventLineReader reader{defaults};
  Checked checked;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (blank(lines[i])) continue;
    auto record = reader.read(lines[i]);
    if (record)
      checked.records.push_back(std::move(*record));
    else
      checked.mistakes.push_back("line " + std::to_string(i + 1) + ": " + record.error().code + ": " + record.error().detail);
  }
  return checked;
}

// Sends the records and draws how far it is. Answers to offered records come back in any order.
class Sending {
 public:
  Sending(messaging::Producer& producer, Records& records, double rate, const Console& console)
      : producer_(producer), records_(records), rate_(rate), console_(console), start_(clock_.steady()) {}

  void run() {
    for (std::size_t i = 0; i < records_.size(); ++i) {
      wait_for_turn(i);
      records_[i].token = i;
      while (!producer_.offer(records_[i])) settle(milliseconds{50});
      if (++offered_ == good_ + refused_ + 1) last_news_ = clock_.steady();  // nothing was awaited until now
      settle(milliseconds{0});
    }
    while (good_ + refused_ < records_.size()) settle(milliseconds{100});
    console_.clear_progress();
  }

  std::size_t good() const noexcept { return good_; }
  std::size_t refused() const noexcept { return refused_; }
  const std::string& error() const noexcept { return error_; }
  double seconds() const { return std::chrono::duration<double>(clock_.steady() - start_).count(); }

 private:
  void wait_for_turn(std::size_t index) {
    if (rate_ <= 0) return;
    const auto due =
        start_ + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(static_cast<double>(index) / rate_));
    for (auto now = clock_.steady(); now < due; now = clock_.steady()) {
      settle(milliseconds{0});
      clock_.wait({}, std::min(std::chrono::ceil<milliseconds>(due - now), milliseconds{50}));
    }
  }

  // A refusal that may be tried again is no news: a cluster that cannot be written to gives those for ever.
  void settle(milliseconds wait) {
    for (const auto& receipt : producer_.receipts(wait)) {
      if (receipt.retry && !receipt.good) {
        again_.push_back(receipt.token);
        error_ = receipt.error;
        continue;
      }
      ++(receipt.good ? good_ : refused_);
      if (!receipt.good) error_ = receipt.error;
      last_news_ = clock_.steady();
    }
    while (!again_.empty() && producer_.offer(records_[again_.front()])) again_.pop_front();
    if (offered_ > good_ + refused_ && clock_.steady() - last_news_ > patience_with_kafka)
      throw base::Unavailable("Kafka did not confirm " + count_of(static_cast<std::int64_t>(records_.size() - good_ - refused_), "event") +
                              (error_.empty() ? "" : ": " + error_));
    if (clock_.steady() - drawn_ < between_drawings) return;
    drawn_ = clock_.steady();
    console_.draw_progress("publishing", static_cast<std::int64_t>(good_), static_cast<std::int64_t>(records_.size()));
  }

  base::SystemClock clock_;
  messaging::Producer& producer_;
  Records& records_;
  double rate_;
  const Console& console_;
  base::SteadyTime start_;
  base::SteadyTime drawn_{};
  base::SteadyTime last_news_{};
  std::deque<std::uint64_t> again_;  // refused for the time being, in the order of their receipts
  std::size_t offered_ = 0;
  std::size_t good_ = 0;
  std::size_t refused_ = 0;
  std::string error_;
};

int list(const std::vector<std::string>& mistakes, const Console& console) {
  console.give({{"published", 0}, {"mistakes", mistakes}});
  for (std::size_t i = 0; i < std::min(mistakes.size(), most_mistakes_shown); ++i) console.warn(mistakes[i]);
  console.warn(count_of(static_cast<std::int64_t>(mistakes.size()), "line is", "lines are") + " wrong; nothing was published");
  return exit_bad_input;
}

std::string decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

}  // namespace

int publish(const Reach& reach, const PublishWish& wish, const Console& console) {
  const std::string topic = realm_topic("tickets", wish.realm);
  auto checked = check(read_lines(wish.file), {topic, wish.source, !wish.unchecked});
  if (!checked.mistakes.empty()) return list(checked.mistakes, console);
  if (checked.records.empty()) throw BadInput((wish.file == "-" ? "standard input" : wish.file) + " holds no event; nothing was published");

  messaging::KafkaBroker broker{kafka_settings(reach)};
  broker.warm({topic});
  const auto producer = broker.make_producer();
  Sending sending{*producer, checked.records, wish.rate, console};
  sending.run();
  const double seconds = sending.seconds(), rate = seconds > 0 ? static_cast<double>(sending.good()) / seconds : 0;
  console.give(
      {{"published", sending.good()}, {"refused", sending.refused()}, {"topic", topic}, {"seconds", seconds}, {"per_second", rate}});
  console.say("published " + count_of(static_cast<std::int64_t>(sending.good()), "event") + " to " + topic + " in " + decimal(seconds) +
              " s (" + decimal(rate) + "/s)");
  if (sending.refused() == 0) return exit_well;
  console.warn(count_of(static_cast<std::int64_t>(sending.refused()), "event was", "events were") + " refused: " + sending.error());
  return exit_not_well;
}

}  // namespace countersign::cli
