#include "cli/bench.hpp"

#include <sys/prctl.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/clock.hpp"
#include "cli/bench_generator.hpp"
#include "cli/bench_journal.hpp"
#include "cli/bench_pace.hpp"
#include "cli/bench_report.hpp"
#include "cli/bench_sink.hpp"
#include "cli/exit_codes.hpp"
#include "cli/topic_map.hpp"
#include "messaging/kafka/kafka_broker.hpp"

namespace countersign::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds head_start{200};  // so that the first ticket is not late
constexpr milliseconds between_looks{10};
constexpr milliseconds confirmation_deadline{10'000};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw BadInput("the file " + path + " cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::ofstream open_to_write(const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file) throw BadInput("the file " + path + " cannot be written");
  return file;
}

std::map<std::string, std::string> read_secrets(const std::map<std::string, std::string>& files) {
  std::map<std::string, std::string> secrets;
  for (const auto& [tenant, path] : files) {
    auto text = read_file(path);
    text.resize(text.find_last_not_of(" \t\r\n") + 1);
    secrets.emplace(tenant, text);
  }
  return secrets;
}

std::vector<std::string> tenants_of(const BenchWish& wish) {
  std::vector<std::string> tenants;
  for (const auto& [tenant, file] : wish.secret_files) tenants.push_back(tenant);
  return tenants;
}

// Threads inherit the name, by which those who measure tell what the generator costs from what the sink does.
void name_threads(const char* name) { ::prctl(PR_SET_NAME, name); }

std::int64_t ns_of(base::SteadyTime time) { return nanoseconds(time.time_since_epoch()).count(); }

class Bench {
 public:
  explicit Bench(const BenchWish& wish)
      : wish_(wish),
        times_(intended_times({wish.rate, std::chrono::duration<double>(wish.warm_up + wish.seconds), wish.seed})),
        book_(wish.label, times_.size()) {
    if (times_.empty()) throw Misused("a benchmark has at least one ticket: raise --rate or --seconds");
  }

  void run(const Reach& reach, const Console& console) {
    telemetry::Log log{"countersign", "bench", telemetry::Level::error};
    telemetry::Metrics metrics;
    const auto topic = realm_topic("tickets", wish_.realm);
    const BenchTemplate event{read_file(wish_.event_file), topic, tenants_of(wish_)};
    if (!wish_.journal.empty()) journal_.emplace(wish_.journal);

    name_threads("sink");
    BenchSink sink{book_, wish_.port, read_secrets(wish_.secret_files), wish_.expected_type, {log, metrics}};
    name_threads("generator");
    messaging::KafkaBroker broker{kafka_settings(reach), &log};
    broker.warm({topic});
    const auto producer = broker.make_producer();
    BenchGenerator generator{*producer, event, book_};
    console.say("the sink listens on port " + std::to_string(sink.port()));

    plan_from(clock_.steady() + head_start);
    generator.run();
    generator.settle(confirmation_deadline);
    wait_for_the_rest();
    window_.end = ns_of(clock_.steady());
    sink.stop();
    if (journal_) journal_->copy_effects(book_);
    confirmed_ = generator.confirmed();
    refused_ = generator.refused();
    error_ = generator.error();
    forged_ = sink.forged();
    foreign_ = sink.foreign();
    unexpected_ = sink.unexpected();
  }

  nlohmann::json document() const {
    auto found = BenchReport{book_, window_}.document();
    found["label"] = wish_.label;
    found["rate"] = wish_.rate;
    found["length_seconds"] = wish_.seconds;
    found["confirmed_by_kafka"] = confirmed_;
    found["refused_by_kafka"] = refused_;
    found["kafka_error"] = error_;
    found["forged_webhooks"] = forged_;
    found["foreign_webhooks"] = foreign_;
    found["unexpected_webhooks"] = unexpected_;
    found["foreign_effects"] = journal_ ? journal_->foreign() : 0;
    return found;
  }

  const BenchBook& book() const noexcept { return book_; }

 private:
  void plan_from(base::SteadyTime start) {
    for (std::size_t i = 0; i < times_.size(); ++i) book_.set_intended(i, ns_of(start + times_[i]));
    const std::chrono::duration<double> warm{wish_.warm_up}, all{wish_.warm_up + wish_.seconds};
    window_.begin = ns_of(start + std::chrono::duration_cast<nanoseconds>(warm));
    window_.sent = ns_of(start + std::chrono::duration_cast<nanoseconds>(all));
    window_.tool = journal_.has_value();
    while (window_.first < book_.size() && book_.tickets()[window_.first].intended < window_.begin) ++window_.first;
  }

  void wait_for_the_rest() {
    const auto until = base::SteadyTime{nanoseconds{window_.sent}} +
                       std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(wish_.patience));
    while (book_.finished() < book_.size() && clock_.steady() < until) clock_.wait({}, between_looks);
  }

  const BenchWish& wish_;
  base::SystemClock clock_;
  std::vector<nanoseconds> times_;
  BenchBook book_;
  BenchWindow window_;
  std::optional<BenchJournal> journal_;
  std::uint64_t confirmed_ = 0, refused_ = 0, forged_ = 0, foreign_ = 0, unexpected_ = 0;
  std::string error_;
};

std::string text_of(const nlohmann::json& latency, const std::string& name) {
  if (latency.is_null()) return {};
  char text[200];
  std::snprintf(text, sizeof text, "%-12s  p50 %8.1f  p90 %8.1f  p99 %8.1f  p99.9 %8.1f  max %8.1f ms", name.c_str(),
                latency["p50_ms"].get<double>(), latency["p90_ms"].get<double>(), latency["p99_ms"].get<double>(),
                latency["p99_9_ms"].get<double>(), latency["max_ms"].get<double>());
  return text;
}

void show(const nlohmann::json& found, const Console& console) {
  char text[300];
  std::snprintf(text, sizeof text, "offered %.1f/s, achieved %.1f/s; backlog %+.2f tickets/s (mean %.1f, most %lld); drained in %.1f s",
                found["offered_per_second"].get<double>(), found["achieved_per_second"].get<double>(),
                found["backlog"]["slope_per_second"].get<double>(), found["backlog"]["mean"].get<double>(),
                found["backlog"]["most"].get<long long>(), found["drain_seconds"].get<double>());
  console.say(text);
  for (const auto& [name, member] : {std::pair{"to the sink", "sink"}, {"to the tool", "tool"}, {"own lag", "generator_lag"}})
    if (const auto line = text_of(found[member], name); !line.empty()) console.say(line);
}

// Each ticket ended once, as it should; copies under the same id are what at least once means, and the receiver drops them.
bool well(const nlohmann::json& found) {
  for (const char* member : {"unfinished", "strangers", "refused_by_kafka", "forged_webhooks", "unexpected_webhooks"})
    if (found[member] != 0) return false;
  return true;
}

}  // namespace

int bench(const Reach& reach, const BenchWish& wish, const Console& console) {
  Bench run{wish};
  run.run(reach, console);
  const auto found = run.document();
  if (!wish.document_file.empty()) open_to_write(wish.document_file) << found.dump() << '\n';
  if (!wish.tickets_file.empty()) {
    auto file = open_to_write(wish.tickets_file);
    run.book().write_csv(file);
  }
  console.give(found);
  show(found, console);
  if (well(found)) return exit_well;
  for (const char* member : {"unfinished", "strangers", "refused_by_kafka", "forged_webhooks", "unexpected_webhooks"})
    if (found[member] != 0) console.warn(std::string(member) + ": " + found[member].dump());
  return exit_not_well;
}

}  // namespace countersign::cli
