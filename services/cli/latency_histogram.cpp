#include "cli/latency_histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace countersign::cli {

namespace {

constexpr unsigned parts_bits = 7;
constexpr std::size_t parts = std::size_t{1} << parts_bits;  // of each power of two
constexpr std::size_t exact = 2 * parts;                     // so many microseconds have a bucket each

}  // namespace

LatencyHistogram::LatencyHistogram() : counts_(place_of(static_cast<std::uint64_t>(longest().count())) + 1) {}

std::size_t LatencyHistogram::place_of(std::uint64_t micros) {
  if (micros < exact) return static_cast<std::size_t>(micros);
  const auto shift = static_cast<unsigned>(std::bit_width(micros)) - (parts_bits + 1);
  return exact + (shift - 1) * parts + static_cast<std::size_t>(micros >> shift) - parts;
}

std::uint64_t LatencyHistogram::upper_edge(std::size_t place) {
  if (place < exact) return place;
  const std::size_t shift = (place - exact) / parts + 1, part = (place - exact) % parts + parts;
  return ((part + 1) << shift) - 1;
}

void LatencyHistogram::record(std::chrono::nanoseconds latency) {
  const auto micros = std::clamp(std::chrono::ceil<std::chrono::microseconds>(latency), std::chrono::microseconds{0}, longest()).count();
  ++counts_[place_of(static_cast<std::uint64_t>(micros))];
  ++count_;
  longest_ = std::max(longest_, micros);
}

std::chrono::microseconds LatencyHistogram::percentile(double percent) const {
  const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(percent / 100 * static_cast<double>(count_) - 1e-9)));
  std::uint64_t passed = 0;
  for (std::size_t place = 0; place < counts_.size(); ++place) {
    passed += counts_[place];
    if (passed >= wanted) return std::chrono::microseconds{std::min<std::int64_t>(static_cast<std::int64_t>(upper_edge(place)), longest_)};
  }
  return std::chrono::microseconds{0};
}

std::vector<LatencyHistogram::Bucket> LatencyHistogram::buckets() const {
  std::vector<Bucket> found;
  for (std::size_t place = 0; place < counts_.size(); ++place) {
    if (counts_[place] > 0) found.push_back({std::chrono::microseconds{upper_edge(place)}, counts_[place]});
  }
  return found;
}

}  // namespace countersign::cli
