#pragma once

// Uuid: 128 bits. UuidSource makes version 7 (RFC 9562), which sort by the millisecond they were made in.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace countersign::base {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  bool nil() const noexcept { return *this == Uuid{}; }
  std::string str() const;  // 36 characters, lower case
  static std::optional<Uuid> parse(std::string_view text);
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

class UuidSource {
 public:
  virtual ~UuidSource() = default;
  virtual Uuid next() = 0;  // strictly greater than every earlier one of this source
};

// Threads    next() may be called from any thread.
class UuidV7Source final : public UuidSource {
 public:
  explicit UuidV7Source(const Clock& clock);  // random bits from the system
  UuidV7Source(const Clock& clock, std::uint64_t seed);
  Uuid next() override;

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::mt19937_64 random_;
  std::uint64_t last_millis_ = 0;
  std::uint32_t counter_ = 0;
};

}  // namespace countersign::base

template <>
struct std::hash<countersign::base::Uuid> {
  std::size_t operator()(const countersign::base::Uuid& id) const noexcept;
};
