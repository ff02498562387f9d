#include "catalog/mailbox.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/endpoint.hpp"
#include "catalog/mistakes.hpp"
#include "catalog/spelling.hpp"

namespace countersign::catalog {

namespace {

using nlohmann::json;

// Words of `fits` characters with single dots between them (RFC 5322 dot-atom).
template <typename Fits>
bool dotted(std::string_view text, Fits fits) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) { return c == '.' || fits(c); });
}

bool valid_local_part(std::string_view text) {
  const auto fits = [](char c) { return letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos; };
  return text.size() <= 64 && dotted(text, fits);
}

bool valid_domain(std::string_view text) {
  const auto fits = [](char c) { return letter_or_digit(c) || c == '-'; };
  return text.size() <= 253 && dotted(text, fits) && text.front() != '-' && text.back() != '-';
}

bool names_loopback(const std::string& host) { return host == "localhost" || host == "127.0.0.1" || host == "::1"; }

SmtpSecurity security_of(const std::string& word) {
  if (word == "none") return SmtpSecurity::none;
  return word == "tls" ? SmtpSecurity::tls : SmtpSecurity::starttls;
}

bool free_of_controls(const std::string& text) { return std::none_of(text.begin(), text.end(), control_character); }

SmtpServer read_server(const json& body, Mistakes& mistakes) {
  SmtpServer server{.host = body.at("host"),
                    .port = body.at("port"),
                    .security = security_of(body.at("security")),
                    .user = find_text(body, "user"),
                    .password_secret = find_text(body, "password_secret")};
  mistakes.check(server.security != SmtpSecurity::none || names_loopback(server.host),
                 "security none is for a mail server on loopback only");
  mistakes.check(server.user.has_value() == server.password_secret.has_value(), "user and password_secret belong together");
  mistakes.check(!server.user || free_of_controls(*server.user), "the mail server's user has control characters");
  return server;
}

}  // namespace

bool valid_mail_address(std::string_view address) noexcept {
  const auto at = address.find('@');
  return address.size() <= 254 && at != std::string_view::npos && valid_local_part(address.substr(0, at)) &&
         valid_domain(address.substr(at + 1));
}

base::Result<Mailbox> parse_mailbox(const Document& document) {
  if (auto fine = check_kind(document, "mailbox"); !fine) return tl::unexpected(fine.error());
  const auto& body = document.body.value();
  Mistakes mistakes;
  Mailbox mailbox{.tenant = document.tenant,
                  .name = document.name,
                  .version = document.version,
                  .smtp = read_server(body.at("smtp"), mistakes),
                  .from = {body.at("from").at("address"), find_text(body.at("from"), "name")},
                  .reply_to = find_text(body, "reply_to"),
                  .schedule = {},
                  .when_maybe_sent = body.at("when_maybe_sent") == "resend" ? WhenMaybeSent::resend : WhenMaybeSent::ask,
                  .enabled = body.at("enabled")};
  for (const auto& wait : body.value("schedule_ms", json::array())) mailbox.schedule.emplace_back(wait.get<std::int64_t>());
  if (mailbox.schedule.empty()) mailbox.schedule = default_schedule();
  mistakes.check(valid_mail_address(mailbox.from.address), "from.address is not one mail address");
  mistakes.check(!mailbox.from.name || free_of_controls(*mailbox.from.name), "from.name has control characters");
  mistakes.check(!mailbox.reply_to || valid_mail_address(*mailbox.reply_to), "reply_to is not one mail address");
  if (mistakes.any()) return mistakes.refusal("document_invalid");
  return mailbox;
}

}  // namespace countersign::catalog
