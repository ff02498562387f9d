#pragma once

// compose_mail: a message as it travels: headers and body of RFC 5322 and MIME, in 7-bit ASCII, with CRLF at every line's end.
//
//     text alone                                text/plain; quoted-printable
//     text and HTML          multipart/alternative, text first; both quoted-printable
//
// Promise    The same letter makes the same bytes. Only a long address makes a line longer than 78 characters, and none comes near 998.
//            Nothing of what is given can begin a header or a line of its own: what has CR, LF, NUL or another control character in a
//            header is refused, in a body every kind of line break becomes CRLF. Auto-Submitted says that no person wrote it by hand, so
//            that no other robot answers; there are no List headers.
// Not ours   Dots at the beginning of a line: the transport doubles them (smtp_client.hpp).
// Source     RFC 5322, 2045, 2047, 3834.

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace countersign::http {

struct Mailbox {
  std::string address;
  std::string name;  // for people; may be empty
};

struct Letter {
  Mailbox from;
  std::string reply_to;  // an address; may be empty
  std::string to;        // an address
  std::string subject;
  std::string text;
  std::string html;        // may be empty
  std::string message_id;  // left of its @; the domain of the sender follows
  base::WallTime date;
};

inline constexpr std::size_t longest_subject = 998;         // bytes, as given
inline constexpr std::size_t longest_name = 320;            // bytes, as given
inline constexpr std::size_t longest_content = 512 * 1024;  // bytes, of text and of HTML each

// Refusals: those of check_mail_address for `to`; sender_malformed, header_malformed, subject_too_long, body_too_long, body_malformed.
base::Result<std::string> compose_mail(const Letter& letter);
// The refusals that do not depend on the sender.
base::Result<void> check_letter(const Letter& letter);

// Fri, 21 Nov 2026 11:25:40 +0000
std::string mail_date(base::WallTime time);

}  // namespace countersign::http
