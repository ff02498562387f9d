#include "http/router.hpp"

#include <algorithm>
#include <set>

namespace countersign::http {
namespace {

bool is_parameter(const std::string& segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);  // the leading slash
  while (true) {
    const auto slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool read_query(std::string_view text, std::map<std::string, std::string>& into) {
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decode_percent(pair.substr(0, equals), true);
    auto value = decode_percent(equals < pair.size() ? pair.substr(equals + 1) : std::string_view{}, true);
    if (!name || !value) return false;
    if (!name->empty()) into[*std::move(name)] = *std::move(value);
  }
  return true;
}

Answer malformed() { return {problem(400, "malformed_target", "The path or the query is not well formed."), "none"}; }

Answer wrong_method(const std::set<std::string>& allowed, const std::string& route) {
  std::string list;
  for (const auto& method : allowed) list += (list.empty() ? "" : ", ") + method;
  Response response = problem(405, "method_not_allowed", "This path does not know the method.", "Use one of: " + list);
  response.headers.emplace_back("Allow", list);
  return {std::move(response), route};
}

}  // namespace

Router& Router::on(std::string method, std::string pattern, Handler handler) {
  auto segments = split(pattern);
  const auto parameters = std::count_if(segments.begin(), segments.end(), is_parameter);
  const std::size_t literals = segments.size() - static_cast<std::size_t>(parameters);
  routes_.push_back({std::move(method), std::move(pattern), std::move(segments), literals, std::move(handler)});
  return *this;
}

bool Router::matches(const Route& route, const std::vector<std::string>& segments) {
  return std::equal(
      segments.begin(), segments.end(), route.segments.begin(), route.segments.end(),
      [](const std::string& sent, const std::string& wanted) { return is_parameter(wanted) ? !sent.empty() : sent == wanted; });
}

Answer Router::answer(Request request, std::string_view target) const {
  const auto question = std::min(target.find('?'), target.size());
  request.path = target.substr(0, question);
  if (!request.path.starts_with('/')) return malformed();
  if (question < target.size() && !read_query(target.substr(question + 1), request.query)) return malformed();

  std::vector<std::string> segments;
  for (const auto& segment : split(request.path)) {
    auto decoded = decode_percent(segment);
    if (!decoded) return malformed();
    segments.push_back(*std::move(decoded));
  }
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  const Route* best = nullptr;
  const Route* other_method = nullptr;
  std::set<std::string> allowed;
  for (const Route& route : routes_) {
    if (!matches(route, segments)) continue;
    allowed.insert(route.method);
    if (route.method != method)
      other_method = &route;
    else if (best == nullptr || route.literals > best->literals)
      best = &route;
  }
  if (best == nullptr && other_method != nullptr) return wrong_method(allowed, other_method->pattern);
  if (best == nullptr) return {problem(404, "not_found", "There is nothing at this path."), "none"};
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto& wanted = best->segments[i];
    if (is_parameter(wanted)) request.parameters[wanted.substr(1, wanted.size() - 2)] = segments[i];
  }
  return {best->handler(request), best->pattern};
}

}  // namespace countersign::http
