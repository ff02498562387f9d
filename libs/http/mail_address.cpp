#include "http/mail_address.hpp"

#include <algorithm>

namespace countersign::http {
namespace {

constexpr std::size_t longest_local = 64;
constexpr std::size_t longest_address = 254;
constexpr std::size_t longest_label = 63;

bool letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// RFC 5322, section 3.2.3.
bool atom_character(char c) { return letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos; }

bool label_character(char c) { return letter_or_digit(c) || c == '-'; }

template <typename Part>
bool all_between_dots(std::string_view text, Part good) {
  while (true) {
    const auto dot = text.find('.');
    if (!good(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool atom(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), atom_character); }

bool label(std::string_view text) {
  return !text.empty() && text.size() <= longest_label && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), label_character);
}

bool has_any_of(std::string_view text, std::string_view marks) { return text.find_first_of(marks) != std::string_view::npos; }

}  // namespace

base::Result<void> check_mail_address(std::string_view address) {
  if (address.empty() || address == "<>") return base::refuse("recipient_missing", "there is no address");
  // Before anything is quoted: a line break could begin a command or a header of its own.
  if (std::any_of(address.begin(), address.end(), control_character))
    return base::refuse("recipient_malformed", "an address has no line breaks and no other control characters");
  if (std::any_of(address.begin(), address.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return base::refuse("recipient_not_ascii", "an address is written in ASCII; spell an international domain as xn--…");
  if (has_any_of(address, ",; ")) return base::refuse("recipient_not_one", "a message goes to exactly one address");
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return base::refuse("recipient_malformed", "an address is local@domain");
  if (address.size() > longest_address || at > longest_local)
    return base::refuse("recipient_too_long", "an address has at most 64 characters before the @ and 254 in all");
  if (!all_between_dots(address.substr(0, at), atom) || !all_between_dots(address.substr(at + 1), label))
    return base::refuse("recipient_malformed", "an address is local@domain, without quotes, brackets and empty parts");
  return {};
}

std::string_view domain_of(std::string_view address) { return address.substr(address.rfind('@') + 1); }

}  // namespace countersign::http
