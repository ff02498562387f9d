#include "sandbox/webhook_signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <cstdint>

namespace countersign::sandbox {
namespace {

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string out(4 * ((size + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes, static_cast<int>(size));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::optional<std::string> base64_decoded(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), in, static_cast<int>(text.size()));
  if (length < 0) return std::nullopt;
  // EVP_DecodeBlock counts the padding as zero bytes.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<std::size_t>(length) - padding);
  return out;
}

std::string expected_signature(const SignedWebhook& webhook, const std::string& key) {
  std::string content;
  content.reserve(webhook.id->size() + webhook.timestamp->size() + webhook.body.size() + 2);
  content.append(*webhook.id).append(1, '.').append(*webhook.timestamp).append(1, '.').append(webhook.body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(content.data()), content.size(),
       mac.data(), &size);
  return base64(mac.data(), size);
}

bool same(std::string_view a, std::string_view b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

bool any_v1_is(std::string_view signatures, std::string_view expected) {
  while (!signatures.empty()) {
    const auto end = signatures.find(' ');
    const auto one = signatures.substr(0, end);
    if (one.starts_with("v1,") && same(one.substr(3), expected)) return true;
    signatures = end == std::string_view::npos ? std::string_view{} : signatures.substr(end + 1);
  }
  return false;
}

base::Result<void> check_timestamp(std::string_view text, std::chrono::seconds now) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size())
    return base::refuse("bad_timestamp", "webhook-timestamp is not a whole number of seconds");
  const auto tolerance = webhook_tolerance.count();
  if (seconds < now.count() - tolerance || seconds > now.count() + tolerance)
    return base::refuse("timestamp_out_of_tolerance", "webhook-timestamp is more than 300 s away from this clock");
  return {};
}

}  // namespace

base::Result<std::string> read_webhook_secret(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  if (text.starts_with("whsec_")) text.remove_prefix(6);
  auto key = base64_decoded(text);
  if (!key || key->empty()) return base::refuse("bad_secret", "a webhook secret is whsec_ and the key in base64");
  return *std::move(key);
}

base::Result<void> verify_webhook(const SignedWebhook& webhook, const std::vector<std::string>& keys, std::chrono::seconds unix_now) {
  if (!webhook.id || webhook.id->empty() || !webhook.timestamp || !webhook.signatures)
    return base::refuse("missing_header", "webhook-id, webhook-timestamp and webhook-signature are required");
  if (auto ok = check_timestamp(*webhook.timestamp, unix_now); !ok) return ok;
  if (keys.empty()) return base::refuse("no_secret", "this tenant has no webhook secret");
  for (const auto& key : keys)
    if (any_v1_is(*webhook.signatures, expected_signature(webhook, key))) return {};
  return base::refuse("bad_signature", "no v1 signature matches");
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (unsigned int i = 0; i < size; ++i) {
    out += digits[digest[i] >> 4];
    out += digits[digest[i] & 15];
  }
  return out;
}

}  // namespace countersign::sandbox
