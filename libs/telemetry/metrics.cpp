#include "telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>

#include "base/invariant.hpp"

namespace countersign::telemetry {
namespace {

class PrometheusCounter final : public Counter {
 public:
  explicit PrometheusCounter(prometheus::Counter& inner) : inner_(inner) {}
  void add(double amount) override { inner_.Increment(amount); }

 private:
  prometheus::Counter& inner_;
};

class PrometheusGauge final : public Gauge {
 public:
  explicit PrometheusGauge(prometheus::Gauge& inner) : inner_(inner) {}
  void set(double value) override { inner_.Set(value); }

 private:
  prometheus::Gauge& inner_;
};

class PrometheusHistogram final : public Histogram {
 public:
  explicit PrometheusHistogram(prometheus::Histogram& inner) : inner_(inner) {}
  void observe(double value) override { inner_.Observe(value); }

 private:
  prometheus::Histogram& inner_;
};

struct Description {
  std::string type;
  std::string help;
};

template <typename Object>
using Children = std::map<std::pair<std::string, Labels>, std::unique_ptr<Object>>;

std::string prefixed(const std::string& name) { return "countersign_" + name; }

}  // namespace

struct Metrics::State {
  std::mutex mutex;
  prometheus::Registry registry;
  std::map<std::string, Description> described;
  Children<Counter> counters;
  Children<Gauge> gauges;
  Children<Histogram> histograms;
  std::vector<std::function<void()>> refreshers;

  void describe(const std::string& name, const std::string& type, const std::string& help) {
    const auto [known, added] = described.try_emplace(name, Description{type, help});
    COUNTERSIGN_INVARIANT(added || known->second.type == type, "a metric name has one type");
  }

  const std::string& help_of(const std::string& name) const { return described.at(name).help; }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  std::lock_guard lock(state_->mutex);
  auto& child = state_->counters[{name, labels}];
  if (child) return *child;
  state_->describe(name, "counter", help);
  auto& family = prometheus::BuildCounter().Name(prefixed(name)).Help(state_->help_of(name)).Register(state_->registry);
  child = std::make_unique<PrometheusCounter>(family.Add(labels));
  return *child;
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  std::lock_guard lock(state_->mutex);
  auto& child = state_->gauges[{name, labels}];
  if (child) return *child;
  state_->describe(name, "gauge", help);
  auto& family = prometheus::BuildGauge().Name(prefixed(name)).Help(state_->help_of(name)).Register(state_->registry);
  child = std::make_unique<PrometheusGauge>(family.Add(labels));
  return *child;
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets, const Labels& labels) {
  std::lock_guard lock(state_->mutex);
  auto& child = state_->histograms[{name, labels}];
  if (child) return *child;
  state_->describe(name, "histogram", help);
  auto& family = prometheus::BuildHistogram().Name(prefixed(name)).Help(state_->help_of(name)).Register(state_->registry);
  child = std::make_unique<PrometheusHistogram>(family.Add(labels, buckets));
  return *child;
}

void Metrics::before_scrape(std::function<void()> refresh) {
  std::lock_guard lock(state_->mutex);
  state_->refreshers.push_back(std::move(refresh));
}

std::string Metrics::expose() {
  std::vector<std::function<void()>> refreshers;
  {
    std::lock_guard lock(state_->mutex);
    refreshers = state_->refreshers;
  }
  // Outside the lock, because a refresher may resolve a metric.
  for (const auto& refresh : refreshers) refresh();
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

std::vector<std::vector<std::string>> Metrics::catalogue() const {
  std::lock_guard lock(state_->mutex);
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, description] : state_->described) rows.push_back({prefixed(name), description.type, description.help});
  return rows;
}

const std::vector<double>& Metrics::seconds_buckets() {
  static const std::vector<double> buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
  return buckets;
}

const std::vector<double>& Metrics::size_buckets() {
  static const std::vector<double> buckets{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096};
  return buckets;
}

}  // namespace countersign::telemetry
