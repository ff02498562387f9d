#include "crypto/random.hpp"

#include <sodium.h>

#include "base/invariant.hpp"
#include "crypto/sodium.hpp"

namespace countersign::crypto {

void ensure_sodium() {
  static const bool ready = sodium_init() >= 0;
  COUNTERSIGN_INVARIANT(ready, "libsodium finds a source of randomness");
}

std::string random_bytes(std::size_t count) {
  ensure_sodium();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace countersign::crypto
