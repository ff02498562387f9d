#include "http/address_guard.hpp"

#include <gtest/gtest.h>

namespace countersign::http {
namespace {

const AddressPolicy production;
const AddressPolicy developing{AddressScope::public_and_loopback, {{80, 80}, {443, 443}, {8000, 65535}}};

class ForbiddenAddressTest : public testing::TestWithParam<const char*> {};

TEST_P(ForbiddenAddressTest, IsForbidden) {
  const auto address = IpAddress::parse(GetParam());
  ASSERT_TRUE(address);
  EXPECT_TRUE(forbidden(*address));
  EXPECT_FALSE(permits(AddressScope::public_only, *address, false));
}

INSTANTIATE_TEST_SUITE_P(V4, ForbiddenAddressTest,
                         testing::Values("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
                                         "100.127.255.255", "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1",
                                         "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1",
                                         "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
                                         "239.255.255.250", "240.0.0.1", "255.255.255.255"));
INSTANTIATE_TEST_SUITE_P(V6, ForbiddenAddressTest,
                         testing::Values("::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8",
                                         "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "100::1", "2001::1",
                                         "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
                                         "2002:7f00:1::", "2002:a9fe:a9fe::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1",
                                         "fe80::1", "fec0::1", "ff02::1", "4000::1"));

class PublicAddressTest : public testing::TestWithParam<const char*> {};

TEST_P(PublicAddressTest, MayBeCalled) {
  const auto address = IpAddress::parse(GetParam());
  ASSERT_TRUE(address);
  EXPECT_FALSE(forbidden(*address));
  EXPECT_TRUE(permits(AddressScope::public_only, *address, false));
  EXPECT_FALSE(permits(AddressScope::public_and_loopback, *address, true)) << "plain http leaves the machine";
}

INSTANTIATE_TEST_SUITE_P(All, PublicAddressTest,
                         testing::Values("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.0.0.1",
                                         "128.0.0.1", "169.253.0.1", "172.15.0.1", "172.32.0.1", "192.167.0.1", "198.17.0.1", "198.20.0.1",
                                         "223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1", "2001:200::1"));

TEST(AddressScopeTest, LoopbackIsForDevelopmentOnly) {
  for (const char* text : {"127.0.0.1", "127.9.9.9", "::1"}) {
    const auto address = IpAddress::parse(text);
    EXPECT_TRUE(permits(AddressScope::public_and_loopback, *address, true));
    EXPECT_FALSE(permits(AddressScope::public_only, *address, false));
  }
  EXPECT_FALSE(permits(AddressScope::public_and_loopback, *IpAddress::parse("10.0.0.1"), false));
  EXPECT_TRUE(permits(AddressScope::any, *IpAddress::parse("10.0.0.1"), true));
}

struct RefusedUrl {
  std::string url;
  std::string code;
};

class RefusedUrlTest : public testing::TestWithParam<RefusedUrl> {};

TEST_P(RefusedUrlTest, IsRefusedInProduction) {
  const auto checked = check_url(production, GetParam().url);
  ASSERT_FALSE(checked) << checked->host;
  EXPECT_EQ(checked.error().code, GetParam().code) << checked.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedUrlTest,
    testing::Values(RefusedUrl{"https://2130706433/", "url_address"}, RefusedUrl{"https://0x7f.1/", "url_address"},
                    RefusedUrl{"https://127.1/", "url_address"}, RefusedUrl{"https://0177.0.0.1/", "url_address"},
                    RefusedUrl{"https://[::ffff:169.254.169.254]/", "url_address"}, RefusedUrl{"https://[64:ff9b::7f00:1]/", "url_address"},
                    RefusedUrl{"https://[::1]/", "url_address"}, RefusedUrl{"https://169.254.169.254/latest/meta-data", "url_address"},
                    RefusedUrl{"http://example.com/", "url_scheme"}, RefusedUrl{"file:///etc/passwd", "url_scheme"},
                    RefusedUrl{"gopher://example.com/", "url_scheme"}, RefusedUrl{"ftp://example.com/", "url_scheme"},
                    RefusedUrl{"javascript:alert(1)", "url_malformed"}, RefusedUrl{"https://user:pass@example.com/", "url_userinfo"},
                    RefusedUrl{"https://user@example.com/", "url_userinfo"},
                    RefusedUrl{"https://example.com\\@127.0.0.1/", "url_malformed"}, RefusedUrl{"https://example.com:0/", "url_port"},
                    RefusedUrl{"https://example.com:22/", "url_port"}, RefusedUrl{"https://example.com:25/", "url_port"},
                    RefusedUrl{"https://example.com:6379/", "url_port"}, RefusedUrl{"https://example.com:99999/", "url_malformed"},
                    RefusedUrl{"https://①②⑦.0.0.1/", "url_malformed"}, RefusedUrl{"https://exämple.com/", "url_malformed"},
                    RefusedUrl{"https://example.com/a b", "url_malformed"}, RefusedUrl{"https://example.com/\r\nX: y", "url_malformed"},
                    RefusedUrl{"https://127%2e1/", "url_malformed"}, RefusedUrl{"https://%32130706433/", "url_malformed"},
                    RefusedUrl{"https:///path", "url_malformed"}, RefusedUrl{"/path", "url_malformed"}, RefusedUrl{"", "url_malformed"},
                    RefusedUrl{"https://example.com/" + std::string(5000, 'a'), "url_malformed"}));

TEST(CheckUrlTest, TellsWhereACallWouldGo) {
  const auto checked = check_url(production, "https://Hooks.Example.com:8443/a?b=c#d");
  ASSERT_TRUE(checked) << checked.error().detail;
  EXPECT_EQ(checked->host, "hooks.example.com");
  EXPECT_EQ(checked->port, 8443);
}

// Names are judged when the socket is opened, so these pass here.
TEST(CheckUrlTest, LeavesNamesToTheSocket) {
  for (const char* url : {"https://localhost/", "https://localhost./", "https://127.0.0.1.nip.io/", "https://xn--80ak6aa92e.com/"}) {
    EXPECT_TRUE(check_url(production, url)) << url;
  }
}

TEST(CheckUrlTest, PlainHttpReachesLoopbackLiteralsInDevelopment) {
  EXPECT_TRUE(check_url(developing, "http://127.0.0.1:8080/"));
  EXPECT_TRUE(check_url(developing, "http://[::1]:8080/"));
  EXPECT_FALSE(check_url(developing, "http://8.8.8.8:8080/"));
  EXPECT_FALSE(check_url(developing, "http://169.254.169.254/"));
}

}  // namespace
}  // namespace countersign::http
