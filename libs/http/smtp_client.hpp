#pragma once

// SmtpClient: hands one message to a mail server and says with certainty what can be said.
//
//     connect ─ TLS ─ sign in ─ MAIL ─ RCPT ─ DATA ─ message ─▶ final dot ─▶ answer
//     └────────────── not_sent ──────────────────────────────┘└─ maybe_sent ┘└─ accepted, refused_…
//
// A server owns a message from the moment it has read the final dot; before that it must forget it (RFC 5321, 4.1.1.4). So whatever goes
// wrong earlier leaves nothing behind, and a silence after it can mean either.
//
// Promise    One call is at most one message: nothing is repeated and no connection is kept. With `starttls` and `tls` nothing but the
//            greeting travels in the clear, and the certificate must be the host's. Without TLS only this machine is talked to.
//            A refusal that comes before MAIL is about the mailbox, not about the message, and is reported as not_sent.
// Threads    send() blocks; it may be called from any number of threads. That is why mail has threads of its own: curl waits for the
//            answer to the final dot without giving way to other transfers, so one slow server would hold up all.
// Failure    Throws base::Misconfigured from the constructor when the CA file cannot be read. Never from send().
// Time       The total timeout covers everything up to the answer; parting adds at most two seconds.

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "base/secret.hpp"
#include "http/address_guard.hpp"

namespace countersign::http {

enum class SmtpSecurity { starttls, tls, none };

struct SmtpServer {
  std::string host;
  std::uint16_t port = 587;
  SmtpSecurity security = SmtpSecurity::starttls;
  std::string user;  // empty: without signing in
  base::Secret password;
};

struct Posting {
  std::string sender;  // checked addresses: http/mail_address.hpp
  std::string recipient;
  std::string mail;  // as compose_mail makes it
};

struct SmtpOutcome {
  enum class Kind {
    accepted,           // the server owns the message
    refused_permanent,  // 5xx about this message
    refused_temporary,  // 4xx about this message
    not_sent,           // certainly not accepted, and nothing was said about this message
    maybe_sent,         // the final dot is out and no answer came
  };
  Kind kind = Kind::not_sent;
  int code = 0;        // of the server's last answer; 0: none
  std::string answer;  // the server's last line, printable, at most 300 characters
  std::string error;   // for people; empty when accepted
  double seconds = 0;
};

struct SmtpOptions {
  AddressPolicy address_policy{AddressScope::public_only, {{25, 25}, {465, 465}, {587, 587}, {2525, 2525}}};
  std::string ca_file;     // PEM; empty for the system's
  std::string hello_name;  // how we introduce ourselves; empty: the name of this machine
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds total_timeout{60'000};
};

class SmtpClient {
 public:
  explicit SmtpClient(SmtpOptions options = {});

  // A stop that is asked for breaks off within a second, wherever the transfer is.
  SmtpOutcome send(const SmtpServer& server, const Posting& posting, std::stop_token stop = {}) const;

 private:
  SmtpOptions options_;
};

}  // namespace countersign::http
