#include "catalog/url_template.hpp"

#include <algorithm>

#include "catalog/spelling.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::catalog {

namespace {

constexpr std::size_t most_url_value_bytes = 256;

bool unreserved(char c) { return letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~'; }

auto invalid(const std::string& why) { return base::refuse("url_template_invalid", "the URL " + why); }

// Letters, digits, dots and hyphens, or an IPv6 address in brackets; then perhaps a port.
bool valid_authority(std::string_view authority) {
  const bool bracketed = authority.starts_with('[');
  const auto end = bracketed ? authority.find(']') : authority.find(':');
  const auto host = bracketed ? authority.substr(1, end == std::string_view::npos ? 0 : end - 1) : authority.substr(0, end);
  auto rest = end == std::string_view::npos ? std::string_view{} : authority.substr(bracketed ? end + 1 : end);
  const auto fits = [bracketed](char c) {
    return bracketed ? std::string_view("0123456789abcdefABCDEF:.").find(c) != std::string_view::npos
                     : letter_or_digit(c) || c == '.' || c == '-';
  };
  if (host.empty() || !std::all_of(host.begin(), host.end(), fits)) return false;
  if (rest.empty()) return true;
  rest.remove_prefix(rest.starts_with(':') ? 1 : 0);
  return !rest.empty() && rest.size() <= 5 && std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string percent_encode(std::string_view value) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : value) {
    if (unreserved(c)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return encoded;
}

bool admissible(std::string_view value) {
  if (value.empty() || value == "." || value == ".." || value.size() > most_url_value_bytes || !contracts::valid_utf8(value)) return false;
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

base::Result<std::string> fill(const std::string& name, const std::map<std::string, std::string>& variables) {
  const auto value = variables.find(name);
  if (value == variables.end()) return base::refuse("variable_missing", "the URL needs " + name);
  if (!admissible(value->second))
    return base::refuse("variable_refused",
                        name + " cannot stand in a URL: it is empty, too long, a dot segment, or has separators or control characters");
  return percent_encode(value->second);
}

}  // namespace

base::Result<UrlTemplate::Part> UrlTemplate::parse_part(std::string_view text, bool in_query) {
  if (text.size() > 2 && text.front() == '{' && text.back() == '}') {
    const auto name = text.substr(1, text.size() - 2);
    if (!contracts::valid_code(name)) return invalid("has a variable that is not a name in snake_case");
    return Part{true, std::string(name)};
  }
  const auto literal = [in_query](char c) {
    return unreserved(c) || (c != '\0' && std::string_view(in_query ? "%:@,!*" : "%:@,!*$&'()+;=").find(c) != std::string_view::npos);
  };
  if (!std::all_of(text.begin(), text.end(), literal))
    return invalid("has a variable that fills less than a segment or a value, or a character that must be encoded");
  if (text == "." || text == "..") return invalid("has a dot segment");
  return Part{false, std::string(text)};
}

base::Result<UrlTemplate> UrlTemplate::parse(std::string_view text) {
  UrlTemplate url;
  url.text_ = text;
  const auto scheme_end = text.find("://");
  const auto scheme = text.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https"))
    return invalid("does not begin with http:// or https://");
  const auto host_at = scheme_end + 3;
  const auto path_at = std::min(text.find('/', host_at), text.size());
  if (!valid_authority(text.substr(host_at, path_at - host_at)))
    return invalid("has no plain host and port; variables and user names cannot stand there");
  url.origin_ = text.substr(0, path_at);
  const auto query_at = text.find('?', path_at);
  const auto path = text.substr(path_at, query_at == std::string_view::npos ? query_at : query_at - path_at);
  for (const auto segment : split(path.empty() ? path : path.substr(1), '/')) {
    auto part = parse_part(segment, false);
    if (!part) return tl::unexpected(part.error());
    url.segments_.push_back(std::move(*part));
  }
  if (query_at == std::string_view::npos) return url;
  for (const auto pair : split(text.substr(query_at + 1), '&')) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) return invalid("has a query that is not name=value&name=value");
    auto name = parse_part(pair.substr(0, equals), true), value = parse_part(pair.substr(equals + 1), true);
    if (!name || !value || name->variable) return invalid("has a query name or value that cannot stand there");
    url.query_.push_back({name->text, std::move(*value)});
  }
  return url;
}

base::Result<std::string> UrlTemplate::render(const std::map<std::string, std::string>& variables) const {
  std::string url = origin_;
  for (const auto& segment : segments_) {
    auto text = segment.variable ? fill(segment.text, variables) : base::Result<std::string>(segment.text);
    if (!text) return text;
    url += "/" + *text;
  }
  char separator = '?';
  for (const auto& [name, value] : query_) {
    auto text = value.variable ? fill(value.text, variables) : base::Result<std::string>(value.text);
    if (!text) return text;
    url += separator + name + "=" + *text;
    separator = '&';
  }
  return url;
}

std::vector<std::string> UrlTemplate::variables() const {
  std::vector<std::string> names;
  for (const auto& segment : segments_)
    if (segment.variable) names.push_back(segment.text);
  for (const auto& query : query_)
    if (query.value.variable) names.push_back(query.value.text);
  return names;
}

}  // namespace countersign::catalog
