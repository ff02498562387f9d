#include "crypto/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "base/hex.hpp"
#include "base/invariant.hpp"

namespace countersign::crypto {

std::string Digest::hex() const {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) base::append_hex(byte, text);
  return text;
}

std::string Digest::raw() const { return {bytes.begin(), bytes.end()}; }

std::optional<Digest> Digest::from_hex(std::string_view text) {
  Digest digest;
  if (text.size() != 2 * digest.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    const auto byte = base::read_hex(text[2 * i], text[2 * i + 1]);
    if (!byte) return std::nullopt;
    digest.bytes[i] = *byte;
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
