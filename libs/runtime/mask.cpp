#include <algorithm>
#include <cctype>

#include "runtime/settings.hpp"

namespace countersign::runtime {
namespace {

constexpr std::string_view masked = "********";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// Where the value that starts at `at` ends: libpq's quotes are honoured, otherwise a space, `&` or `;` ends it.
std::size_t end_of_value(const std::string& text, std::size_t at) {
  if (at < text.size() && text[at] == '\'') {
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (text[i] == '\\')
        ++i;
      else if (text[i] == '\'')
        return i + 1;
    }
    return text.size();
  }
  return std::min(text.find_first_of(" &;", at), text.size());
}

bool names_a_secret(const std::string& name) {
  if (name.ends_with("file")) return false;  // sslpassword is a secret, passfile is a path
  return name.find("password") != std::string::npos || name.find("secret") != std::string::npos ||
         name.find("token") != std::string::npos || name.find("jaas") != std::string::npos;
}

std::string mask_assignments(const std::string& text) {
  std::string result = text;
  for (std::size_t equals = result.find('='); equals != std::string::npos; equals = result.find('=', equals + 1)) {
    std::size_t begin = equals;
    while (begin > 0 && result[begin - 1] == ' ') --begin;
    const std::size_t end = begin;
    while (begin > 0 && std::string_view(" &;?'").find(result[begin - 1]) == std::string_view::npos) --begin;
    if (!names_a_secret(lower(result.substr(begin, end - begin)))) continue;
    const std::size_t value = std::min(result.find_first_not_of(' ', equals + 1), result.size());
    result.replace(value, end_of_value(result, value) - value, masked);
  }
  return result;
}

std::string mask_urls(const std::string& text) {
  std::string result = text;
  for (std::size_t scheme = result.find("://"); scheme != std::string::npos; scheme = result.find("://", scheme + 3)) {
    const std::size_t end = std::min(result.find_first_of("/ ", scheme + 3), result.size());
    const std::size_t at = result.rfind('@', end);
    const std::size_t colon = result.find(':', scheme + 3);
    if (at != std::string::npos && at > scheme && colon < at) result.replace(colon + 1, at - colon - 1, masked);
  }
  return result;
}

}  // namespace

std::string mask_secrets(const std::string& text) { return mask_urls(mask_assignments(text)); }

bool carries_secret(const std::string& text) { return mask_secrets(text) != text; }

}  // namespace countersign::runtime
