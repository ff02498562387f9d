#include "http/mail.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "crypto/base64.hpp"
#include "http/mail_address.hpp"

namespace countersign::http {
namespace {

constexpr std::size_t customary_line = 76;
constexpr std::size_t word_bytes = 39;  // 52 characters of base64, so that a line with the name of its header keeps to 76

bool printable(char c) { return c >= ' ' && c <= '~'; }
bool inside_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

bool header_text(std::string_view text) { return std::none_of(text.begin(), text.end(), control_character); }

// Plain text that looks like an encoded word would be decoded by the reader.
bool plain(std::string_view text) { return std::all_of(text.begin(), text.end(), printable) && text.find("=?") == std::string_view::npos; }

// RFC 2047: as many words as it takes, each a line of its own, no character cut in two.
std::string encoded_words(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    std::size_t size = std::min(word_bytes, text.size());
    while (size > 1 && size < text.size() && inside_character(text[size])) --size;
    words += (words.empty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?") + crypto::base64_encode(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return words;
}

std::string quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string header(std::string_view name, std::string_view value) { return std::string(name) + ": " + std::string(value) + "\r\n"; }

std::string subject_header(std::string_view subject) {
  // White space at either end would be lost in a plain header.
  const bool edges = subject.empty() || (subject.front() != ' ' && subject.back() != ' ');
  const bool short_enough = subject.size() + std::string_view("Subject: ").size() <= customary_line;
  return header("Subject", plain(subject) && short_enough && edges ? std::string(subject) : encoded_words(subject));
}

std::string from_header(const Mailbox& from) {
  if (from.name.empty()) return header("From", from.address);
  const bool as_it_is = plain(from.name) && from.name.size() < customary_line / 2;
  return header("From", (as_it_is ? quoted(from.name) : encoded_words(from.name)) + "\r\n <" + from.address + ">");
}

// RFC 2045, section 6.7.
class QuotedPrintable {
 public:
  std::string encode(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
      if (c == '\r' || c == '\n')
        end_line();
      else if ((c == ' ' || c == '\t') && ends_line(text, i + 1))
        add(escape(c));
      else if (c != '=' && (printable(c) || c == '\t'))
        add(std::string(1, c));
      else
        add(escape(c));
    }
    if (column_ > 0) end_line();
    return std::move(out_);
  }

 private:
  static bool ends_line(std::string_view text, std::size_t at) { return at >= text.size() || text[at] == '\r' || text[at] == '\n'; }

  static std::string escape(char c) {
    constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    return {'=', digits[byte >> 4], digits[byte & 15]};
  }

  void add(const std::string& piece) {
    if (column_ + piece.size() > customary_line - 1) {
      out_ += '=';
      end_line();
    }
    out_ += piece;
    column_ += piece.size();
  }

  void end_line() {
    out_ += "\r\n";
    column_ = 0;
  }

  std::string out_;
  std::size_t column_ = 0;
};

std::string part(const char* type, std::string_view content) {
  return header("Content-Type", std::string(type) + "; charset=utf-8") + header("Content-Transfer-Encoding", "quoted-printable") + "\r\n" +
         QuotedPrintable().encode(content);
}

std::string body(const Letter& letter) {
  if (letter.html.empty()) return part("text/plain", letter.text);
  const std::string boundary = "=_" + letter.message_id;  // "=_" is in no quoted-printable text
  return header("Content-Type", "multipart/alternative;\r\n boundary=\"" + boundary + "\"") + "\r\n--" + boundary + "\r\n" +
         part("text/plain", letter.text) + "\r\n--" + boundary + "\r\n" + part("text/html", letter.html) + "\r\n--" + boundary + "--\r\n";
}

base::Result<void> check_content(std::string_view content) {
  if (content.size() > longest_content) return base::refuse("body_too_long", "text and HTML have at most 524288 bytes each");
  if (content.find('\0') != std::string_view::npos) return base::refuse("body_malformed", "a body has no NUL");
  return {};
}

base::Result<void> check_sender(const Letter& letter) {
  auto good = check_mail_address(letter.from.address);
  if (good && !letter.reply_to.empty()) good = check_mail_address(letter.reply_to);
  if (!good) return base::refuse("sender_malformed", "the address of the sender or for replies: " + good.error().detail);
  if (!header_text(letter.from.name) || letter.from.name.size() > longest_name)
    return base::refuse("header_malformed", "the sender's name has control characters, or more than 320 bytes");
  return {};
}

bool identifier(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

}  // namespace

std::string mail_date(base::WallTime time) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d +0000", days[std::chrono::weekday{day}.c_encoding()],
                static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

base::Result<void> check_letter(const Letter& letter) {
  if (auto to = check_mail_address(letter.to); !to) return to;
  if (!header_text(letter.subject)) return base::refuse("header_malformed", "a subject has no line breaks and no other control characters");
  if (letter.subject.size() > longest_subject) return base::refuse("subject_too_long", "a subject has at most 998 bytes");
  if (auto text = check_content(letter.text); !text) return text;
  return check_content(letter.html);
}

base::Result<std::string> compose_mail(const Letter& letter) {
  if (auto good = check_letter(letter); !good) return tl::unexpected(good.error());
  if (auto good = check_sender(letter); !good) return tl::unexpected(good.error());
  if (!identifier(letter.message_id)) return base::refuse("header_malformed", "a message id is made of letters, digits and dashes");
  std::string mail = header("Date", mail_date(letter.date)) + from_header(letter.from) + header("To", letter.to);
  if (!letter.reply_to.empty()) mail += header("Reply-To", letter.reply_to);
  mail += subject_header(letter.subject);
  mail += header("Message-ID", "<" + letter.message_id + "@" + std::string(domain_of(letter.from.address)) + ">");
  mail += header("Auto-Submitted", "auto-generated") + header("MIME-Version", "1.0");
  return mail + body(letter);
}

}  // namespace countersign::http
