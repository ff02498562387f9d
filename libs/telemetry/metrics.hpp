#pragma once

// Metrics: counters, gauges and histograms under the prefix countersign_, resolved once and kept as references by who counts.
//
// Promise    A label is never an id.
// Threads    Every function may be called from any thread; counting is lock-free.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "telemetry/log.hpp"

namespace countersign::telemetry {

using Labels = std::map<std::string, std::string>;

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void add(double amount = 1) = 0;
};
class Gauge {
 public:
  virtual ~Gauge() = default;
  virtual void set(double value) = 0;
};
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  // `name` without prefix, with unit and _total as Prometheus wants. The same name and labels give the same object, which lives as long as
  // the registry.
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& buckets, const Labels& labels = {});
  // Called before every scrape, on the scraping thread: for values that are read rather than counted.
  void before_scrape(std::function<void()> refresh);
  std::string expose();  // Prometheus text format
  // Name, type and help of everything registered, for docs/telemetry.md.
  std::vector<std::vector<std::string>> catalogue() const;

  static const std::vector<double>& seconds_buckets();  // 0.5 ms … 60 s
  static const std::vector<double>& size_buckets();     // 1 … 4096

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct Telemetry {
  Log& log;
  Metrics& metrics;
};

}  // namespace countersign::telemetry
