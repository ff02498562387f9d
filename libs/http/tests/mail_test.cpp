#include "http/mail.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/mail_address.hpp"

namespace countersign::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Letter letter() {
  return {{"desk@shop.example", "Shop"},
          "",
          "ann@customer.example",
          "Your refund",
          "Hello\n",
          "",
          "018f6e1c-0000-7000-8000-000000000001",
          base::WallTime{std::chrono::seconds{1'795'260'340}}};
}

std::string refusal_of(const Letter& given) {
  const auto mail = compose_mail(given);
  return mail ? "" : mail.error().code;
}

std::string code_of(std::string_view address) {
  const auto good = check_mail_address(address);
  return good ? "" : good.error().code;
}

TEST(MailTest, AShortLetterIsPlainToTheEye) {
  EXPECT_EQ(*compose_mail(letter()),
            "Date: Sat, 21 Nov 2026 11:25:40 +0000\r\n"
            "From: \"Shop\"\r\n <desk@shop.example>\r\n"
            "To: ann@customer.example\r\n"
            "Subject: Your refund\r\n"
            "Message-ID: <018f6e1c-0000-7000-8000-000000000001@shop.example>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "Hello\r\n");
}

TEST(MailTest, TheSameLetterMakesTheSameBytes) { EXPECT_EQ(*compose_mail(letter()), *compose_mail(letter())); }

TEST(MailTest, IsNoList) { EXPECT_THAT(*compose_mail(letter()), Not(HasSubstr("List-"))); }

TEST(MailTest, TextComesBeforeHtml) {
  auto both = letter();
  both.html = "<p>Hello</p>";
  const auto mail = *compose_mail(both);
  EXPECT_THAT(mail, HasSubstr("multipart/alternative"));
  EXPECT_LT(mail.find("text/plain"), mail.find("text/html"));
  EXPECT_THAT(mail, HasSubstr("\r\n--=_018f6e1c-0000-7000-8000-000000000001--\r\n"));
}

TEST(MailTest, NoLineIsLongAndEveryOneEndsWithCrlf) {
  auto wild = letter();
  wild.subject = std::string(990, 'x');
  wild.from.name = std::string(300, '"');
  wild.text = std::string(20'000, 'w') + "\r" + std::string(2000, '.') + "\n\n" + std::string(999, '\xe2') + " ";
  wild.html = std::string(5000, '=');
  const auto mail = *compose_mail(wild);
  std::size_t begin = 0;
  while (begin < mail.size()) {
    const auto end = mail.find("\r\n", begin);
    ASSERT_NE(end, std::string::npos);
    const auto line = mail.substr(begin, end - begin);
    EXPECT_LE(line.size(), 78U) << line;
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos);
    begin = end + 2;
  }
}

TEST(MailTest, EveryKindOfLineBreakBecomesCrlf) {
  auto mixed = letter();
  mixed.text = "a\nb\rc\r\nd";
  EXPECT_THAT(*compose_mail(mixed), HasSubstr("\r\n\r\na\r\nb\r\nc\r\nd\r\n"));
}

TEST(MailTest, WhatLooksEncodedIsEncoded) {
  auto tricky = letter();
  tricky.subject = "=?utf-8?B?ZXZpbA==?=";
  const auto mail = *compose_mail(tricky);
  EXPECT_THAT(mail, Not(HasSubstr(tricky.subject)));
}

TEST(MailTest, NoCharacterIsCutInTwo) {
  auto wide = letter();
  for (int i = 0; i < 40; ++i) wide.subject += "€";
  const auto mail = *compose_mail(wide);
  // A word that began or ended inside of the three bytes of a euro sign would have other base64 around the cut.
  EXPECT_THAT(mail, Not(HasSubstr("?B?rA")));
  EXPECT_THAT(mail, Not(HasSubstr("?B?gqz")));
}

TEST(MailTest, NothingGivenBeginsAHeader) {
  const std::vector<std::string> breaks{"\r\nBcc: eve@x.example", "\nBcc: eve@x.example", "\rBcc: eve@x.example", std::string("\0", 1),
                                        "\x0b"};
  for (const auto& bad : breaks) {
    auto wrong = letter();
    wrong.subject += bad;
    EXPECT_EQ(refusal_of(wrong), "header_malformed");
    wrong = letter();
    wrong.from.name += bad;
    EXPECT_EQ(refusal_of(wrong), "header_malformed");
    wrong = letter();
    wrong.to += bad;
    EXPECT_EQ(refusal_of(wrong), "recipient_malformed");
    wrong = letter();
    wrong.from.address += bad;
    EXPECT_EQ(refusal_of(wrong), "sender_malformed");
    wrong = letter();
    wrong.reply_to = "a@b.example" + bad;
    EXPECT_EQ(refusal_of(wrong), "sender_malformed");
    wrong = letter();
    wrong.message_id += bad;
    EXPECT_EQ(refusal_of(wrong), "header_malformed");
  }
}

TEST(MailTest, LengthsAreLimited) {
  auto wrong = letter();
  wrong.subject = std::string(longest_subject + 1, 's');
  EXPECT_EQ(refusal_of(wrong), "subject_too_long");
  wrong = letter();
  wrong.text = std::string(longest_content + 1, 't');
  EXPECT_EQ(refusal_of(wrong), "body_too_long");
  wrong = letter();
  wrong.html = std::string("a\0b", 3);
  EXPECT_EQ(refusal_of(wrong), "body_malformed");
}

TEST(MailAddressTest, OnePlainAddress) {
  for (const auto* good : {"a@b", "ann.lee+refund@mail.customer.example", "o'neil_{x}@a-b.example", "1@2.3"})
    EXPECT_EQ(code_of(good), "") << good;
}

TEST(MailAddressTest, RefusesEverythingElseWithACode) {
  std::string crowd = "a1@x.example";
  for (int i = 2; i <= 10'000; ++i) crowd += ",a" + std::to_string(i) + "@x.example";
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "recipient_missing"},
      {"<>", "recipient_missing"},
      {crowd, "recipient_not_one"},
      {"a@x.example;b@x.example", "recipient_not_one"},
      {"a@x.example b@x.example", "recipient_not_one"},
      {"Ann <a@x.example>", "recipient_not_one"},
      {"j\xc3\xbcrgen@x.example", "recipient_not_ascii"},
      {"a@m\xc3\xbcnchen.example", "recipient_not_ascii"},
      {"a\r\n@x.example", "recipient_malformed"},
      {"a@x.example\n", "recipient_malformed"},
      {std::string("a\0@x.example", 12), "recipient_malformed"},
      {"<a@x.example>", "recipient_malformed"},
      {"ann", "recipient_malformed"},
      {"@x.example", "recipient_malformed"},
      {"a@", "recipient_malformed"},
      {"a@b@x.example", "recipient_malformed"},
      {"a..b@x.example", "recipient_malformed"},
      {".a@x.example", "recipient_malformed"},
      {"a@x..example", "recipient_malformed"},
      {"a@x.example.", "recipient_malformed"},
      {"a@-x.example", "recipient_malformed"},
      {"a@[127.0.0.1]", "recipient_malformed"},
      {"\"a\"@x.example", "recipient_malformed"},
      {"@relay.example:a@x.example", "recipient_malformed"},
      {std::string(65, 'a') + "@x.example", "recipient_too_long"},
      {"a@" + std::string(64, 'x') + ".example", "recipient_malformed"},
      {"a@" + std::string(260, 'x'), "recipient_too_long"},
  };
  for (const auto& [address, code] : table) EXPECT_EQ(code_of(address), code) << address.substr(0, 60);
}

}  // namespace
}  // namespace countersign::http
