#include "contracts/text_rules.hpp"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/uuid.hpp"
#include "contracts/message_key.hpp"

namespace countersign::contracts {

namespace {

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool code_character(char c) { return lower(c) || digit(c) || c == '_'; }
bool name_character(char c) { return code_character(c) || c == '.' || c == '-'; }

// What may stand before the @ without quotes (RFC 5322, atext and the dot).
bool address_character(char c) {
  return lower(c) || upper(c) || digit(c) || std::string_view("!#$%&'*+-./=?^_`{|}~").find(c) != std::string_view::npos;
}

template <typename Predicate>
bool identifier(std::string_view text, std::size_t most, Predicate predicate) {
  return !text.empty() && text.size() <= most && lower(text.front()) && std::all_of(text.begin(), text.end(), predicate);
}

bool digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), digit); }

// Two digits at `at`, between least and most.
bool pair_within(std::string_view text, std::size_t at, int least, int most) {
  if (at + 2 > text.size() || !digits(text.substr(at, 2))) return false;
  const int value = (text[at] - '0') * 10 + (text[at + 1] - '0');
  return value >= least && value <= most;
}

bool valid_offset(std::string_view text) {
  if (text == "Z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && pair_within(text, 1, 0, 23) && text[3] == ':' &&
         pair_within(text, 4, 0, 59);
}

// The length of the well-formed UTF-8 character at the front (Unicode 15, table 3-7), 0 when there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned lead = byte(0), second = byte(1);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && second < 0xA0, surrogate = lead == 0xED && second > 0x9F;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && second < 0x90, beyond = lead == 0xF4 && second > 0x8F;
    return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool valid_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~' && c != '/'; });
}

std::size_t ascii_length(std::string_view text) noexcept {
  constexpr std::uint64_t beyond_ascii = 0x8080808080808080;
  std::size_t at = 0;
  for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & beyond_ascii) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

std::size_t utf8_length(std::string_view text) noexcept {
  std::string_view rest = text;
  for (;;) {
    rest.remove_prefix(ascii_length(rest));
    const std::size_t length = rest.empty() ? 0 : character_length(rest);
    if (length == 0) return text.size() - rest.size();
    rest.remove_prefix(length);
  }
}

bool valid_utf8(std::string_view text) noexcept { return utf8_length(text) == text.size(); }

std::size_t code_points(std::string_view utf8) noexcept {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool valid_code(std::string_view text) noexcept { return identifier(text, 64, code_character); }
bool valid_step_name(std::string_view text) noexcept { return identifier(text, 40, code_character); }
bool valid_name(std::string_view text) noexcept { return identifier(text, 64, name_character); }

bool valid_playbook_label(std::string_view text) noexcept {
  const auto at = text.find('@');
  if (at == std::string_view::npos) return false;
  const auto version = text.substr(at + 1);
  return valid_name(text.substr(0, at)) && digits(version) && version.size() <= 9 && version.front() != '0';
}

bool valid_minor(std::string_view text) noexcept {
  if (text == "0") return true;
  if (text.starts_with('-')) text.remove_prefix(1);
  return digits(text) && text.size() <= 18 && text.front() != '0';
}

bool valid_currency(std::string_view text) noexcept {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool valid_digest(std::string_view text) noexcept {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); });
}

bool valid_nonce(std::string_view text) noexcept {
  return text.size() >= 16 && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return lower(c) || upper(c) || digit(c) || c == '_' || c == '-'; });
}

bool valid_verb(std::string_view text) noexcept { return text == "approve" || text == "deny" || text == "request_changes"; }

bool valid_one_line(std::string_view text) noexcept {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  return !text.empty() && code_points(text) <= 256 && std::none_of(text.begin(), text.end(), control);
}

bool valid_mail_address(std::string_view text) noexcept {
  const auto at = text.find('@');
  if (at == std::string_view::npos) return false;
  const auto local = text.substr(0, at), host = text.substr(at + 1);
  const auto host_character = [](char c) { return lower(c) || upper(c) || digit(c) || c == '.' || c == '-'; };
  return !local.empty() && local.size() <= 64 && std::all_of(local.begin(), local.end(), address_character) && !host.empty() &&
         host.size() <= 189 && std::all_of(host.begin(), host.end(), host_character);
}

bool valid_uuid(std::string_view text) noexcept { return base::Uuid::parse(text).has_value(); }

bool valid_time(std::string_view text) noexcept {
  if (text.size() < 20 || text.size() > 35) return false;
  if (!digits(text.substr(0, 4)) || text[0] == '0') return false;
  const bool date = text[4] == '-' && pair_within(text, 5, 1, 12) && text[7] == '-' && pair_within(text, 8, 1, 31) && text[10] == 'T';
  const bool clock =
      pair_within(text, 11, 0, 23) && text[13] == ':' && pair_within(text, 14, 0, 59) && text[16] == ':' && pair_within(text, 17, 0, 59);
  if (!date || !clock) return false;
  auto rest = text.substr(19);
  if (rest.starts_with('.')) {
    const auto end = std::find_if_not(rest.begin() + 1, rest.end(), digit);
    const auto decimals = end - rest.begin() - 1;
    if (decimals < 1 || decimals > 9) return false;
    rest.remove_prefix(static_cast<std::size_t>(decimals) + 1);
  }
  return valid_offset(rest);
}

bool exact_integer(const nlohmann::json& value) noexcept {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most_exact_integer);
  if (!value.is_number_integer()) return false;
  const auto number = value.get<std::int64_t>();
  return number >= -most_exact_integer && number <= most_exact_integer;
}

bool valid_free_json(const nlohmann::json& value, std::size_t depth) noexcept {
  if (value.is_number()) return exact_integer(value);
  if (!value.is_structured()) return true;
  if (depth == 0) return false;
  return std::all_of(value.begin(), value.end(), [depth](const auto& member) { return valid_free_json(member, depth - 1); });
}

}  // namespace countersign::contracts
