#include "catalog/http_request.hpp"

#include <gtest/gtest.h>

#include "catalog/tests/documents.hpp"

namespace countersign::catalog {
namespace {

using nlohmann::json;

const CallContext context{"acme", "T-1", "key-1"};

TEST(UrlTemplate, RefusesWhatWouldLetAValueChooseTheTarget) {
  for (const char* text : {"",
                           "ftp://x/",
                           "https://",
                           "https:///x",
                           "https://{tenant}/x",
                           "https://a.{tenant}.com/",
                           "https://user@x.com/",
                           "https://u:p@x.com/",
                           "https://x.com/a{b}c",
                           "https://x.com/{a}{b}",
                           "https://x.com/{A}",
                           "https://x.com/{}",
                           "https://x.com/../a",
                           "https://x.com/./a",
                           "https://x.com/a b",
                           "https://x.com/?a",
                           "https://x.com/?={b}",
                           "https://x.com/?{a}=b",
                           "https://x.com/?a={b}c",
                           "https://x.com/#f",
                           "https://x.com:99999999/",
                           "https://x.com:/",
                           "https://x.com\\@y.com/",
                           "https://x.com?a=b",
                           "https://[::1/x"}) {
    const auto url = UrlTemplate::parse(text);
    EXPECT_FALSE(url) << text;
    if (!url) {
      EXPECT_EQ(url.error().code, "url_template_invalid");
    }
  }
}

TEST(UrlTemplate, KeepsItsOriginAndShapeWhateverTheValues) {
  const auto url = UrlTemplate::parse("https://api.example.com:8443/v1/{a}/items?q={b}&fixed=1").value();
  EXPECT_EQ(url.origin(), "https://api.example.com:8443");
  EXPECT_EQ(url.variables(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(url.render({{"a", "x y"}, {"b", "ä&=?#%"}}).value(),
            "https://api.example.com:8443/v1/x%20y/items?q=%C3%A4%26%3D%3F%23%25&fixed=1");
  EXPECT_EQ(url.render({{"a", "..x"}, {"b", "@"}}).value(), "https://api.example.com:8443/v1/..x/items?q=%40&fixed=1");
}

TEST(UrlTemplate, RefusesValuesThatCouldLeaveTheirPlace) {
  using namespace std::string_literals;
  const auto url = UrlTemplate::parse("https://x.com/{a}").value();
  for (const auto& value : {""s, "."s, ".."s, "a/b"s, "../x"s, "a\\b"s, "a\r\nb"s, "a\0b"s, "\x7f"s, "\xff"s, std::string(257, 'a')})
    EXPECT_EQ(url.render({{"a", value}}).error().code, "variable_refused") << value;
  EXPECT_EQ(url.render({}).error().code, "variable_missing");
  EXPECT_EQ(url.render({{"a", "%2e%2e"}}).value(), "https://x.com/%252e%252e");
}

TEST(HttpRequest, IsTheManifestFilledIn) {
  const auto manifest = parse_tool_manifest(testing::document("tool", "issue_refund")).value();
  const contracts::Json arguments(json{{"order_id", "47 11"}, {"amount", {{"minor", "100"}, {"currency", "EUR"}}}, {"reason", "late"}});
  const auto request = render_request(manifest, arguments, context).value();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://127.0.0.1:8090/acme/orders/47%2011/refunds");
  EXPECT_EQ(*request.body, R"({"amount":{"currency":"EUR","minor":"100"},"reason":"late"})");
  ASSERT_EQ(request.headers.size(), 3U);
  EXPECT_EQ(request.headers[0].secret, "payments-token");
  EXPECT_EQ(request.headers[1].literal, "key-1");
  EXPECT_TRUE(request.allow_loopback);
  EXPECT_EQ(render_reconcile(manifest, arguments, context)->url, "http://127.0.0.1:8090/acme/refunds?key=key-1");
}

TEST(HttpRequest, RefusesArgumentsThatDoNotFit) {
  const auto manifest = parse_tool_manifest(testing::document("tool", "issue_refund")).value();
  EXPECT_EQ(render_request(manifest, contracts::Json(json{{"order_id", "../../admin"}}), context).error().code, "variable_refused");
  EXPECT_EQ(render_request(manifest, contracts::Json(json{{"order_id", 5}}), context).error().code, "variable_missing");
  EXPECT_EQ(render_request(manifest, contracts::Json(json{{"order_id", "1"}}), context).error().code, "argument_missing");
  EXPECT_EQ(render_request(manifest, contracts::Json(json::array()), context).error().code, "argument_missing");
}

TEST(HttpRequest, TakesNoTenantFromTheArguments) {
  const auto manifest = parse_tool_manifest(testing::document("tool", "lookup_order")).value();
  const auto request = render_request(manifest, contracts::Json(json{{"order_id", "1"}, {"tenant", "globex"}}), context).value();
  EXPECT_EQ(request.url, "https://orders.example.com/acme/orders/1");
}

TEST(HttpRequest, OfAPreviewCarriesNoKey) {
  const auto manifest = parse_tool_manifest(testing::document("tool", "refund_with_preview")).value();
  const contracts::Json arguments(json{{"order_id", "A-1"}, {"amount", {{"minor", "1"}, {"currency", "EUR"}}}, {"reason", "late"}});
  const auto preview = render_preview(manifest, arguments, context);
  ASSERT_TRUE(preview) << preview.error().detail;
  EXPECT_EQ(preview->method, "GET");
  EXPECT_EQ(preview->url, "http://127.0.0.1:8090/acme/orders/A-1/refund-preview");
  EXPECT_FALSE(preview->body);
  ASSERT_EQ(preview->headers.size(), 1U);
  EXPECT_EQ(preview->headers[0].name, "Authorization");
  EXPECT_EQ(render_preview(manifest, contracts::Json(json{{"order_id", "../x"}}), context).error().code, "variable_refused");
}

}  // namespace
}  // namespace countersign::catalog
