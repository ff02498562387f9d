#include "base/uuid.hpp"

#include <algorithm>
#include <cstring>

#include "base/hex.hpp"

namespace countersign::base {

namespace {

constexpr std::uint32_t counter_limit = 1U << 26;

}  // namespace

std::string Uuid::str() const {
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    append_hex(bytes[i], text);
  }
  return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      if (text[at++] != '-') return std::nullopt;
    }
    const auto byte = read_hex(text[at], text[at + 1]);
    if (!byte) return std::nullopt;
    id.bytes[i] = *byte;
    at += 2;
  }
  return id;
}

UuidV7Source::UuidV7Source(const Clock& clock) : clock_(clock) {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
  random_.seed(seed);
}

UuidV7Source::UuidV7Source(const Clock& clock, std::uint64_t seed) : clock_(clock), random_(seed) {}

Uuid UuidV7Source::next() {
  std::lock_guard lock(mutex_);
  const auto millis =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall().time_since_epoch()).count());
  if (millis > last_millis_) {
    last_millis_ = millis;
    counter_ = static_cast<std::uint32_t>(random_() & 0xffff);  // leaves room to count up within the millisecond
  } else if (++counter_ == counter_limit) {
    ++last_millis_;  // RFC 9562, 6.2: a counter that overflows borrows from the next millisecond
    counter_ = 0;
  }
  // 48 bits time, 12 + 14 bits counter, 48 bits random: RFC 9562, 6.2, method 1.
  const std::uint64_t tail = random_();
  Uuid id;
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(last_millis_ >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (counter_ >> 22));
  id.bytes[7] = static_cast<std::uint8_t>(counter_ >> 14);
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | ((counter_ >> 8) & 0x3f));
  id.bytes[9] = static_cast<std::uint8_t>(counter_);
  for (std::size_t i = 0; i < 6; ++i) id.bytes[10 + i] = static_cast<std::uint8_t>(tail >> (8 * i));
  return id;
}

}  // namespace countersign::base

std::size_t std::hash<countersign::base::Uuid>::operator()(const countersign::base::Uuid& id) const noexcept {
  std::uint64_t high = 0, low = 0;
  std::memcpy(&high, id.bytes.data(), 8);
  std::memcpy(&low, id.bytes.data() + 8, 8);
  return static_cast<std::size_t>(high * 0x9e3779b97f4a7c15ULL ^ low);
}
