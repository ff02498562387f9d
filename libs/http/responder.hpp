#pragma once

// Responder: has each request answered by the handler that the Router finds, and counts the answers. Private to http/server.cpp.
//
// Threads    Any, at the same time.
// Ownership  Keeps the router; borrows telemetry.
// Failure    What a handler throws becomes an answer: 503 for base::Unavailable, 500 for any other std::exception, of which only
//            the log gets the text.

#include <string>

#include "http/router.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::http {

class Responder {
 public:
  // `server` is the label of its metrics.
  Responder(std::string server, Router router, telemetry::Telemetry telemetry);

  // `target` is the path and query as sent.
  Response respond(Request request, const std::string& target) const;

 private:
  void count(const Answer& answer, double seconds) const;

  std::string server_;
  Router router_;
  telemetry::Telemetry telemetry_;
};

}  // namespace countersign::http
