#include "sandbox/request.hpp"

#include <algorithm>

#include "sandbox/render.hpp"

namespace countersign::sandbox {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string form_decoded(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percent_decoded(spaced);
}
void read_query(std::string_view query, Request& request) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    const auto equals = pair.find('=');
    const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    request.query.emplace_back(form_decoded(pair.substr(0, equals)), form_decoded(value));
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
  }
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (!escape) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return out;
}

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    segments.push_back(percent_decoded(path.substr(0, end)));
    path.remove_prefix(end);
  }
  return segments;
}

std::optional<std::string> Request::find_query(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

void read_target(std::string_view target, Request& request) {
  const auto question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string_view::npos) read_query(target.substr(question + 1), request);
  const auto start = request.path.starts_with('/') ? 1 : 0;
  const auto slash = request.path.find('/', static_cast<std::size_t>(start));
  request.tenant = request.path.substr(start, slash == std::string_view::npos ? slash : slash - start);
  request.rest = slash == std::string_view::npos ? std::string_view{} : request.path.substr(slash);
}

Answer problem(int status, const base::Refusal& why) { return {status, problem_text(status, why), "application/problem+json", {}}; }

}  // namespace countersign::sandbox
