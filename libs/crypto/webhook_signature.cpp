#include "crypto/webhook_signature.hpp"

#include <charconv>

#include "base/invariant.hpp"
#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"

namespace countersign::crypto {

namespace {

constexpr std::size_t most_signatures = 32;  // in one header; each costs a verification

std::string signed_content(std::string_view id, std::string_view timestamp, std::string_view body) {
  std::string content;
  content.reserve(id.size() + timestamp.size() + body.size() + 2);
  content.append(id).append(".").append(timestamp).append(".").append(body);
  return content;
}

bool strip_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

base::Result<base::WallTime> parse_timestamp(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size() || seconds < 0 || seconds > 253'402'300'799)  // end of year 9999
    return base::refuse("timestamp_invalid", "webhook-timestamp is not a number of seconds since 1970");
  return base::WallTime{std::chrono::seconds{seconds}};
}

bool fits_symmetric(const WebhookKeys& keys, std::string_view content, std::string_view signature) {
  bool fits = false;
  for (const auto& secret : keys.symmetric()) fits |= constant_time_equal(hmac_sha256(secret.reveal(), content).raw(), signature);
  return fits;
}

bool fits_asymmetric(const WebhookKeys& keys, std::string_view content, std::string_view signature) {
  bool fits = false;
  for (const auto& key : keys.verifying()) fits |= verify_ed25519(key, content, signature);
  return fits;
}

bool fits(const WebhookKeys& keys, std::string_view content, std::string_view versioned) {
  const bool asymmetric = versioned.starts_with("v1a,");
  if (!asymmetric && !versioned.starts_with("v1,")) return false;
  const auto signature = base64_decode(versioned.substr(asymmetric ? 4 : 3));
  if (!signature) return false;
  return asymmetric ? fits_asymmetric(keys, content, *signature) : fits_symmetric(keys, content, *signature);
}

bool any_fits(const WebhookKeys& keys, std::string_view content, std::string_view header) {
  for (std::size_t tried = 0; !header.empty() && tried < most_signatures; ++tried) {
    const auto space = header.find(' ');
    if (fits(keys, content, header.substr(0, space))) return true;
    header = space == std::string_view::npos ? std::string_view{} : header.substr(space + 1);
  }
  return false;
}

}  // namespace

base::Result<WebhookKeys> WebhookKeys::parse(const std::vector<base::Secret>& secrets) {
  WebhookKeys keys;
  std::string mistakes;
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    const auto added = keys.add(secrets[i].reveal());
    if (!added) mistakes += (mistakes.empty() ? "secret " : "; secret ") + std::to_string(i + 1) + ": " + added.error().detail;
  }
  if (secrets.empty()) mistakes = "at least one secret is needed";
  if (!mistakes.empty()) return base::refuse("secret_invalid", mistakes);
  return keys;
}

base::Result<void> WebhookKeys::add(const std::string& given) {
  std::string_view text = given;
  const bool private_key = strip_prefix(text, "whsk_");
  const bool public_key = !private_key && strip_prefix(text, "whpk_");
  if (!private_key && !public_key) strip_prefix(text, "whsec_");
  auto bytes = base64_decode(text);
  if (!bytes) return base::refuse("secret_invalid", "not standard base64 after its prefix");
  if (private_key) {
    auto pair = load_ed25519_key_pair(base::Secret(*bytes));
    if (!pair) return tl::unexpected(pair.error());
    verifying_.push_back(pair->public_key);
    signing_.push_back(std::move(*pair));
  } else if (public_key) {
    if (bytes->size() != 32) return base::refuse("secret_invalid", "a public key has 32 bytes");
    verifying_.push_back(std::move(*bytes));
  } else {
    if (bytes->size() < 24 || bytes->size() > 64) return base::refuse("secret_invalid", "a whsec_ secret has 24 to 64 bytes");
    symmetric_.emplace_back(std::move(*bytes));
  }
  return {};
}

std::string WebhookSigner::sign(std::string_view id, std::chrono::seconds unix_time, std::string_view body) const {
  COUNTERSIGN_INVARIANT(id.find('.') == std::string_view::npos, "a webhook id has no dot");
  const std::string content = signed_content(id, std::to_string(unix_time.count()), body);
  std::string header;
  const auto append = [&header](std::string_view version, std::string_view signature) {
    if (!header.empty()) header += ' ';
    header.append(version).append(",").append(base64_encode(signature));
  };
  for (const auto& secret : keys_.symmetric()) append("v1", hmac_sha256(secret.reveal(), content).raw());
  for (const auto& key : keys_.signing()) append("v1a", sign_ed25519(key, content));
  return header;
}

base::Headers WebhookSigner::headers(std::string_view id, std::chrono::seconds unix_time, std::string_view body) const {
  return {{std::string(webhook_id_header), std::string(id)},
          {std::string(webhook_timestamp_header), std::to_string(unix_time.count())},
          {std::string(webhook_signature_header), sign(id, unix_time, body)}};
}

base::Result<void> WebhookVerifier::verify(const base::Headers& headers, std::string_view body, base::WallTime now) const {
  const auto id = base::find_header(headers, webhook_id_header);
  const auto timestamp = base::find_header(headers, webhook_timestamp_header);
  const auto signature = base::find_header(headers, webhook_signature_header);
  if (!id || id->empty() || !timestamp || !signature)
    return base::refuse("header_missing", "webhook-id, webhook-timestamp and webhook-signature are needed");
  const auto made = parse_timestamp(*timestamp);
  if (!made) return tl::unexpected(made.error());
  if (!any_fits(keys_, signed_content(*id, *timestamp, body), *signature))
    return base::refuse("signature_invalid", "no signature fits any secret");
  if (*made < now - tolerance_ || *made > now + tolerance_)
    return base::refuse("timestamp_out_of_tolerance", "webhook-timestamp is too far from this machine's clock");
  return {};
}

}  // namespace countersign::crypto
