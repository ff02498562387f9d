#include "http/address_guard.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>

namespace countersign::http {
namespace {

constexpr std::size_t most_url_bytes = 4096;

struct Block {
  std::array<std::uint8_t, 16> prefix;
  int bits;
};

constexpr Block forbidden_v4[] = {
    {{0}, 8},                  // "this network", unspecified
    {{10}, 8},                 // private
    {{100, 64}, 10},           // shared address space, CGNAT; some metadata services
    {{127}, 8},                // loopback
    {{168, 63, 129, 16}, 32},  // Azure's host services on a public address
    {{169, 254}, 16},          // link-local, metadata
    {{172, 16}, 12},           // private
    {{192, 0, 0}, 24},         // protocol assignments
    {{192, 0, 2}, 24},         // documentation
    {{192, 88, 99}, 24},       // 6to4 relays
    {{192, 168}, 16},          // private
    {{198, 18}, 15},           // benchmarking
    {{198, 51, 100}, 24},      // documentation
    {{203, 0, 113}, 24},       // documentation
    {{224}, 4},                // multicast
    {{240}, 4},                // reserved, broadcast
};

// Of IPv6 only 2000::/3 is global unicast today; mapped addresses, NAT64, unique local, link-local and multicast all lie outside.
constexpr Block global_v6{{0x20}, 3};
constexpr Block forbidden_v6[] = {
    {{0x20, 0x01, 0x00}, 23},        // protocol assignments: Teredo, ORCHID, benchmarking
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4
    {{0x3f, 0xff, 0x00}, 20},        // documentation
};

bool inside(const Block& block, std::span<const std::uint8_t> bytes) {
  const int whole = block.bits / 8;
  if (!std::equal(bytes.begin(), bytes.begin() + whole, block.prefix.begin())) return false;
  const int rest = block.bits % 8;
  if (rest == 0) return true;
  const int mask = 0xff << (8 - rest);
  return ((bytes[static_cast<std::size_t>(whole)] ^ block.prefix[static_cast<std::size_t>(whole)]) & mask) == 0;
}

bool inside_any(std::span<const Block> blocks, const IpAddress& address) {
  return std::any_of(blocks.begin(), blocks.end(), [&](const Block& block) { return inside(block, address.bytes); });
}

using Parts = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part(const Parts& parts, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(parts.get(), which, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

// Spaces and control characters hide things; letters outside ASCII may be folded into digits or dots by whoever resolves the name.
bool plain_characters(const std::string& url) {
  return std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
}

// The same text must mean the same host to everyone who reads it. curl forgives one slash or three; and a number with an escaped digit or
// dot is a name to its parser, and an address again to whoever resolves that.
bool has_plain_authority(const std::string& url) {
  const auto slashes = url.find("://");
  if (slashes == std::string::npos) return false;
  const std::string_view behind = std::string_view(url).substr(slashes + 3);
  const auto authority = behind.substr(0, behind.find_first_of("/?#"));
  return !authority.empty() && authority.find('%') == std::string_view::npos;
}

bool port_allowed(const AddressPolicy& policy, int port) {
  return std::any_of(policy.ports.begin(), policy.ports.end(), [&](PortRange range) { return range.first <= port && port <= range.last; });
}

std::optional<IpAddress> literal(std::string host) {
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return IpAddress::parse(host);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy(text);
  IpAddress address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) return address;
  address.v6 = true;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from(const sockaddr& address) {
  IpAddress read;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    std::memcpy(read.bytes.data(), &v4.sin_addr, 4);
    return read;
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    read.v6 = true;
    std::memcpy(read.bytes.data(), &v6.sin6_addr, 16);
    return read;
  }
  return std::nullopt;
}

std::string IpAddress::str() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
  return text;
}

bool operator==(const AddressPolicy& left, const AddressPolicy& right) {
  return left.scope == right.scope && std::equal(left.ports.begin(), left.ports.end(), right.ports.begin(), right.ports.end(),
                                                 [](PortRange a, PortRange b) { return a.first == b.first && a.last == b.last; });
}

bool loopback(const IpAddress& address) {
  if (!address.v6) return address.bytes[0] == 127;
  return inside(Block{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128}, address.bytes);
}

bool forbidden(const IpAddress& address) {
  if (address.v6) return !inside(global_v6, address.bytes) || inside_any(forbidden_v6, address);
  return inside_any(forbidden_v4, address);
}

bool permits(AddressScope scope, const IpAddress& address, bool plain_http) {
  if (scope == AddressScope::any) return true;
  if (scope == AddressScope::public_and_loopback && loopback(address)) return true;
  return !plain_http && !forbidden(address);
}

base::Result<CheckedUrl> check_url(const AddressPolicy& policy, const std::string& url) {
  if (url.size() > most_url_bytes || !plain_characters(url)) {
    return base::refuse("url_malformed", "a URL has at most 4096 printable ASCII characters, no spaces and no backslash");
  }
  const Parts parts(curl_url(), &curl_url_cleanup);
  const bool file = url.starts_with("file:");  // has no authority, and is better refused for its scheme
  if (curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
      (!file && !has_plain_authority(url))) {
    return base::refuse("url_malformed", "this is not an absolute URL whose host is written without escapes");
  }
  CheckedUrl checked{part(parts, CURLUPART_SCHEME), part(parts, CURLUPART_HOST), 0};
  const bool plain_http = checked.scheme == "http";
  if (!plain_http && checked.scheme != "https") return base::refuse("url_scheme", "only https is called");
  if (plain_http && policy.scope == AddressScope::public_only)
    return base::refuse("url_scheme", "only https is called; http is for development");
  if (!part(parts, CURLUPART_USER).empty() || !part(parts, CURLUPART_PASSWORD).empty()) {
    return base::refuse("url_userinfo", "a URL must not carry a user or a password; use a header with a secret");
  }
  std::transform(checked.host.begin(), checked.host.end(), checked.host.begin(),
                 [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
  const int port = std::atoi(part(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT).c_str());
  if (port <= 0 || port > 65535 || !port_allowed(policy, port))
    return base::refuse("url_port", "this port is not on the list of allowed ports");
  checked.port = static_cast<std::uint16_t>(port);
  if (const auto address = literal(checked.host); address && !permits(policy.scope, *address, plain_http)) {
    return base::refuse("url_address", "the address " + address->str() + " is not a public one");
  }
  return checked;
}

}  // namespace countersign::http
