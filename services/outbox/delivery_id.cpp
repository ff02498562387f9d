#include "outbox/delivery_id.hpp"

#include <algorithm>

#include "crypto/digest.hpp"

namespace countersign::outbox {

namespace {

constexpr std::size_t bytes_of_time = 6;

int version_of(const base::Uuid& id) { return id.bytes[6] >> 4; }

}  // namespace

base::Uuid delivery_id(const std::string& tenant, const std::string& endpoint, const std::string& message) {
  const std::string separator(1, '\0');  // in none of the three
  const auto digest = crypto::sha256(tenant + separator + endpoint + separator + message);
  base::Uuid id;
  std::copy_n(digest.bytes.begin(), id.bytes.size(), id.bytes.begin());
  if (const auto own = base::Uuid::parse(message); own && version_of(*own) == 7)
    std::copy_n(own->bytes.begin(), bytes_of_time, id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x80);  // version
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);  // variant
  return id;
}

}  // namespace countersign::outbox
