#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "fuzz/targets.hpp"
#include "http/address_guard.hpp"
#include "http/mail_address.hpp"
#include "http/retry_after.hpp"

namespace countersign::fuzz {

namespace {

using http::AddressPolicy;
using http::AddressScope;
using http::IpAddress;

const AddressPolicy production;
const AddressPolicy developing{AddressScope::public_and_loopback, production.ports};

// The address that a resolver would see in this text without asking anybody; it is kinder to spellings than we are.
std::optional<IpAddress> spelt_address(std::string host) {
  if (host.size() > 2 && host.front() == '[') return IpAddress::parse(std::string_view(host).substr(1, host.size() - 2));
  in_addr v4{};
  if (inet_aton(host.c_str(), &v4) == 0) return std::nullopt;
  IpAddress address;
  std::memcpy(address.bytes.data(), &v4, sizeof v4);
  return address;
}

void url(const AddressPolicy& policy, const std::string& text) {
  const auto checked = http::check_url(policy, text);
  promise(checked || !checked.error().code.empty(), "a refusal has a code");
  if (!checked) return;
  const bool plain = checked->scheme == "http";
  promise(checked->scheme == "https" || (plain && policy.scope != AddressScope::public_only), "production calls nothing but https");
  promise(!checked->host.empty() && checked->host.find_first_of("@/\\ \r\n\t") == std::string::npos, "a host is a host and nothing else");
  promise(std::any_of(policy.ports.begin(), policy.ports.end(),
                      [&](http::PortRange range) { return range.first <= checked->port && checked->port <= range.last; }),
          "only ports on the list are called");
  if (const auto address = spelt_address(checked->host))
    promise(http::permits(policy.scope, *address, plain), "no spelling of an address gets by: " + checked->host + " is " + address->str());
}

// The input as the bytes of an address.
void address(std::string_view bytes) {
  IpAddress one;
  one.v6 = bytes.size() >= one.bytes.size();
  if (!one.v6 && bytes.size() < 4) return;
  std::copy_n(bytes.begin(), one.v6 ? 16 : 4, one.bytes.begin());
  const auto again = IpAddress::parse(one.str());
  promise(again && again->v6 == one.v6 && again->bytes == one.bytes, "an address that is written is read as the same");
  promise(!http::loopback(one) || http::forbidden(one), "this machine is not the public");
  promise(!http::permits(AddressScope::public_only, one, true), "plain http leaves no machine");
  promise(http::permits(AddressScope::public_only, one, false) != http::forbidden(one), "what is not forbidden may be called");
}

void retry_after(std::string_view text) {
  using std::chrono::seconds;
  const auto wait = http::parse_retry_after(text, base::WallTime{seconds{1'700'000'000}}, seconds{1}, seconds{3600});
  promise(!wait || (*wait >= seconds{1} && *wait <= seconds{3600}), "nobody makes us wait longer than we allow");
}

void recipient(std::string_view text) {
  const auto checked = http::check_mail_address(text);
  promise(checked || !checked.error().code.empty(), "a refusal has a code");
  if (!checked) return;
  promise(std::count(text.begin(), text.end(), '@') == 1 && text.size() <= 254, "one address");
  promise(std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"' && c != ','; }),
          "and nothing around it");
  promise(!http::domain_of(text).empty(), "with a domain");
}

}  // namespace

void outgoing(std::string_view input) {
  url(production, std::string(input));
  url(developing, std::string(input));
  address(input);
  retry_after(input);
  recipient(input);
}

}  // namespace countersign::fuzz
