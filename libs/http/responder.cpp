#include "http/responder.hpp"

#include <chrono>
#include <exception>

#include "base/errors.hpp"

namespace countersign::http {

Responder::Responder(std::string server, Router router, telemetry::Telemetry telemetry)
    : server_(std::move(server)), router_(std::move(router)), telemetry_(telemetry) {}

Response Responder::respond(Request request, const std::string& target) const {
  const auto begun = std::chrono::steady_clock::now();
  Answer answer{{}, "none"};
  try {
    answer = router_.answer(std::move(request), target);
  } catch (const base::Unavailable& error) {
    answer.response = problem(503, "unavailable", "Something this needs is not available.", "Try again shortly.");
    answer.response.headers.emplace_back("Retry-After", "1");
    telemetry_.log.warning("http_handler_unavailable", {{"server", server_}, {"error", error.what()}});
  } catch (const std::exception& error) {
    answer.response = problem(500, "internal", "The request could not be answered.");
    telemetry_.log.error("http_handler_failed", {{"server", server_}, {"error", error.what()}});
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  count(answer, took.count());
  return std::move(answer.response);
}

void Responder::count(const Answer& answer, double seconds) const {
  telemetry_.metrics
      .counter("http_requests_total", "Requests answered by our own HTTP servers.",
               {{"server", server_}, {"route", answer.route}, {"status", std::to_string(answer.response.status)}})
      .add();
  telemetry_.metrics
      .histogram("http_request_seconds", "Time a handler took.", telemetry::Metrics::seconds_buckets(),
                 {{"server", server_}, {"route", answer.route}})
      .observe(seconds);
}

}  // namespace countersign::http
