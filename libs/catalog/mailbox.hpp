#pragma once

// Mailbox: from where a tenant's customers are written to, and through which mail server.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/document.hpp"

namespace countersign::catalog {

enum class SmtpSecurity { starttls, tls, none };
// What becomes of a message when the connection ended after its last byte and before the server's answer.
enum class WhenMaybeSent { ask, resend };

struct SmtpServer {
  std::string host;
  int port = 0;
  SmtpSecurity security = SmtpSecurity::starttls;  // none: loopback only
  std::optional<std::string> user;
  std::optional<std::string> password_secret;  // the name of a file in the secrets directory; there exactly with a user
};

struct MailAddress {
  std::string address;
  std::optional<std::string> name;
};

struct Mailbox {
  std::string tenant;
  std::string name;
  std::int64_t version = 0;
  SmtpServer smtp;
  MailAddress from;
  std::optional<std::string> reply_to;
  std::vector<std::chrono::milliseconds> schedule;  // waits before the 1st, 2nd, … attempt; default_schedule() when the document has none
  WhenMaybeSent when_maybe_sent = WhenMaybeSent::ask;
  bool enabled = true;
};

// One mail address as documents and messages may have it: LOCAL@DOMAIN in visible ASCII, at most 254 characters, nothing that a mail header
// or a mail server could take for more than one address.
bool valid_mail_address(std::string_view address) noexcept;

// Refuses with document_invalid; the detail lists every mistake.
base::Result<Mailbox> parse_mailbox(const Document& document);

}  // namespace countersign::catalog
