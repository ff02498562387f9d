#include "crypto/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "base/invariant.hpp"

namespace countersign::crypto {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Digest::hex() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

std::string Digest::raw() const { return {bytes.begin(), bytes.end()}; }

std::optional<Digest> Digest::from_hex(std::string_view text) {
  Digest digest;
  if (text.size() != 2 * digest.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    const int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

std::optional<Digest> Digest::from_raw(std::string_view bytes) {
  Digest digest;
  if (bytes.size() != digest.bytes.size()) return std::nullopt;
  std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
  return digest;
}

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();

  State() { restart(); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  void restart() {
    COUNTERSIGN_INVARIANT(context != nullptr && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1, "OpenSSL offers SHA-256");
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::string_view piece) {
  COUNTERSIGN_INVARIANT(EVP_DigestUpdate(state_->context, piece.data(), piece.size()) == 1, "hashing memory cannot fail");
  return *this;
}

Digest Sha256::finish() {
  Digest digest;
  COUNTERSIGN_INVARIANT(EVP_DigestFinal_ex(state_->context, digest.bytes.data(), nullptr) == 1, "hashing memory cannot fail");
  state_->restart();
  return digest;
}

Digest sha256(std::string_view text) {
  thread_local Sha256 hasher;  // a context costs more than hashing a short text
  return hasher.update(text).finish();
}

}  // namespace countersign::crypto
