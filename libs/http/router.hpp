#pragma once

// Router: finds the handler of a request by method and path.
//
//     Router router;
//     router.on("GET", "/v1/runs/{id}", [&](const Request& request) { return show_run(request.parameters.at("id")); });
//
// A segment in braces matches any one segment; where several patterns match, the one with more literal segments wins. HEAD is
// answered by the handler of GET.
//
// Threads    on() before the server starts; answer() from any thread.
// Failure    answer() throws what the handler throws.

#include <functional>
#include <string>
#include <vector>

#include "http/message.hpp"

namespace countersign::http {

using Handler = std::function<Response(const Request&)>;

struct Answer {
  Response response;
  std::string route;  // the pattern that matched, for metrics; "none" when none did
};

class Router {
 public:
  Router& on(std::string method, std::string pattern, Handler handler);
  // `target` is the path and query as sent; fills path, parameters and query of `request`.
  Answer answer(Request request, std::string_view target) const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    std::size_t literals;
    Handler handler;
  };
  static bool matches(const Route& route, const std::vector<std::string>& segments);

  std::vector<Route> routes_;
};

}  // namespace countersign::http
