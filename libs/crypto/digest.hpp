#pragma once

// Digest: 32 bytes of SHA-256. Sha256: the same over a text that comes in pieces.

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::crypto {

struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  std::string hex() const;  // 64 characters, lower case
  std::string raw() const;  // 32 bytes
  static std::optional<Digest> from_hex(std::string_view text);
  static std::optional<Digest> from_raw(std::string_view bytes);
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

Digest sha256(std::string_view text);

// Threads    One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& update(std::string_view piece);
  Digest finish();  // afterwards the hasher is as new

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace countersign::crypto
