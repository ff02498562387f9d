#pragma once

// Where an outgoing call may go: the rules for URLs, and for the addresses that their names turn out to have.
//
// A name can resolve to anything, and to something else a second later, so the address is judged again when the socket is opened
// (http/client.hpp). The check of the URL comes earlier and serves the person who enters it. Everything here is pure.
//
// Source     IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 6890, 6052, 3056, 4380.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

struct sockaddr;

namespace countersign::http {

// Network byte order; of an IPv4 address only the first four bytes count.
struct IpAddress {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};

  // The canonical spelling only, as inet_pton reads it; without brackets.
  static std::optional<IpAddress> parse(std::string_view text);
  static std::optional<IpAddress> from(const sockaddr& address);
  std::string str() const;
};

enum class AddressScope {
  public_only,          // globally reachable unicast, https
  public_and_loopback,  // and this machine, to which plain http is allowed too: for development
  any,                  // every address, http and https: for peers that an operator names
};

struct PortRange {
  std::uint16_t first;
  std::uint16_t last;
};

struct AddressPolicy {
  AddressScope scope = AddressScope::public_only;
  std::vector<PortRange> ports{{80, 80}, {443, 443}, {8000, 65535}};
};

bool operator==(const AddressPolicy& left, const AddressPolicy& right);

// True for 127.0.0.0/8 and ::1.
bool loopback(const IpAddress& address);

// True for what is not globally reachable unicast: private, loopback, link-local, shared (CGNAT), multicast, reserved, documentation,
// benchmarking, unspecified, every IPv6 form that carries an IPv4 address (mapped, NAT64, 6to4, Teredo), and the metadata services.
bool forbidden(const IpAddress& address);

// True when a socket to `address` may be opened for a URL with this scheme.
bool permits(AddressScope scope, const IpAddress& address, bool plain_http);

struct CheckedUrl {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, numeric IPv4 spellings made canonical
  std::uint16_t port;
};

// Refusals: url_malformed, url_scheme, url_userinfo, url_port, url_address (a literal address that the policy forbids).
base::Result<CheckedUrl> check_url(const AddressPolicy& policy, const std::string& url);

}  // namespace countersign::http
