#pragma once

// Server: answers HTTP/1.1 on one address with the handlers of a Router. TLS is ended in front of it.
//
// Promise    What one client does (slow headers, no headers, endless bodies, thousands of connections) costs at most the stated
//            limits and never keeps others from being answered.
// Threads    One thread moves bytes; `handler_threads` run handlers, so a handler may block. stop() and the destructor from the thread
//            that made it.
// Ownership  Keeps the router; borrows telemetry, and whatever the handlers borrow.
// Failure    The constructor throws base::Misconfigured when the address cannot be bound. A handler that throws base::Unavailable is
//            answered 503, anything else 500 without its text, which goes to the log.
// Time       header_timeout bounds the whole head of a request from its first byte, however slowly it trickles.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "http/router.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::http {

struct ServerOptions {
  std::string name = "admin";  // label of its metrics
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0 takes a free one
  std::size_t most_header_bytes = 16 * 1024;
  std::size_t most_body_bytes = 256 * 1024;
  std::size_t most_connections = 1024;  // one more is closed at once
  std::size_t handler_threads = 2;
  std::chrono::milliseconds header_timeout{5'000};
  std::chrono::milliseconds body_timeout{10'000};
  std::chrono::milliseconds write_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};
};

class Server {
 public:
  Server(ServerOptions options, Router router, telemetry::Telemetry telemetry);
  ~Server();  // stop() with a deadline of one second
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const noexcept;
  // Accepts nothing more, lets requests that were begun end within `deadline`, then closes what is left. Waits for handlers that run.
  void stop(std::chrono::milliseconds deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace countersign::http
