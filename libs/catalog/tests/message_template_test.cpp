// What becomes of values that strangers chose in texts that customers get.

#include "catalog/message_template.hpp"

#include <gtest/gtest.h>

#include "catalog/mailbox.hpp"
#include "catalog/tests/documents.hpp"

namespace countersign::catalog {
namespace {

using nlohmann::json;

MessageTemplate refund_done() { return parse_template(testing::document("template", "refund_done")).value(); }

json values() { return {{"order_id", "A-17"}, {"name", "Ada"}, {"amount", {{"minor", "2500"}, {"currency", "EUR"}}}}; }

base::Result<RenderedMessage> rendered(const json& variables) { return render(refund_done(), contracts::Json(variables)); }

std::string code_of(const json& variables) {
  const auto message = rendered(variables);
  return message ? "" : message.error().code;
}

TEST(MessageTemplateTest, PutsValuesInTheirPlaces) {
  const auto message = rendered(values());
  ASSERT_TRUE(message) << message.error().detail;
  EXPECT_EQ(message->subject, "Your refund for order A-17");
  EXPECT_EQ(message->text, "Hello Ada,\n\nwe returned 25.00 EUR to you.\n");
  EXPECT_EQ(*message->html, "<p>Hello Ada,</p><p>we returned <b>25.00 EUR</b> to you.</p>");
}

TEST(MessageTemplateTest, EscapesInHtmlOnly) {
  const auto message = rendered(testing::changed(values(), "/name", "<b onclick='x'>\"A&B\"</b>"));
  ASSERT_TRUE(message);
  EXPECT_NE(message->html->find("&lt;b onclick=&#39;x&#39;&gt;&quot;A&amp;B&quot;&lt;/b&gt;"), std::string::npos) << *message->html;
  EXPECT_NE(message->text.find("<b onclick='x'>\"A&B\"</b>"), std::string::npos);
}

TEST(MessageTemplateTest, FillsNoPlaceThatAValueBrings) {
  const auto message = rendered(testing::changed(values(), "/name", "{{amount}}"));
  ASSERT_TRUE(message);
  EXPECT_NE(message->text.find("Hello {{amount}},"), std::string::npos);
}

TEST(MessageTemplateTest, KeepsTheSubjectOneLine) {
  for (const char* value : {"A\r\nBcc: x@y.example", "A\nB", "A\rB", "A\tB",
                            "A\xc2\x85"
                            "B",
                            "A\xe2\x80\xa8"
                            "B"})
    EXPECT_EQ(code_of(testing::changed(values(), "/order_id", value)), "variable_refused") << value;
  EXPECT_EQ(code_of(testing::changed(values(), "/order_id", std::string(300, 'x'))), "variable_refused");
}

TEST(MessageTemplateTest, TakesLinesInTheTextButNoControlCharacters) {
  EXPECT_EQ(rendered(testing::changed(values(), "/name", "A\r\nB"))->text.substr(0, 9), "Hello A\nB");
  for (const std::string& value : {std::string("A\0B", 3), std::string("A\x1b[2J"), std::string("A\rB"), std::string(9'000, 'x')})
    EXPECT_EQ(code_of(testing::changed(values(), "/name", value)), "variable_refused");
}

TEST(MessageTemplateTest, WantsExactlyItsVariables) {
  auto less = values();
  less.erase("name");
  EXPECT_EQ(code_of(less), "variable_missing");
  EXPECT_EQ(code_of(testing::changed(values(), "/surname", "x")), "variable_unknown");
  EXPECT_EQ(code_of(json::array()), "variable_missing");
  for (const json& value : {json(nullptr), json(true), json::array({"a"}), json{{"minor", "25"}}, json{{"a", 1}}})
    EXPECT_EQ(code_of(testing::changed(values(), "/amount", value)), "variable_refused") << value;
  EXPECT_EQ(rendered(testing::changed(values(), "/amount", 25))->text, "Hello Ada,\n\nwe returned 25 to you.\n");
}

TEST(MessageTemplateTest, NeedsNoVariables) {
  const auto received = parse_template(testing::document("template", "received")).value();
  EXPECT_EQ(render(received, contracts::Json::object())->text, "A person will look at it.");
  EXPECT_FALSE(render(received, contracts::Json::object())->html);
}

TEST(MailAddressTest, IsOneAddressAndNothingElse) {
  for (const char* good : {"ada@acme.example", "ada.b+c@acme.example", "a@localhost", "O'Brien_1@x-y.example"})
    EXPECT_TRUE(valid_mail_address(good)) << good;
  for (const char* bad : {"", "@", "a@", "@b", "a b@c.example", "a@b c", "a@b@c", "a,b@c.example", "a@b.example,c@d.example",
                          "<a@b.example>", "a@b.example\r\nBcc: c@d.example", ".a@b.example", "a.@b.example", "a..b@c.example",
                          "a@-b.example", "a@b..example", "\"a b\"@c.example", "a@[127.0.0.1]", "ä@b.example"})
    EXPECT_FALSE(valid_mail_address(bad)) << bad;
}

}  // namespace
}  // namespace countersign::catalog
