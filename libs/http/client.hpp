#pragma once

// Client: calls other systems over HTTP, hundreds at a time on one thread, and says with certainty what can be said.
//
//     client.send(call, [](const Outcome& outcome) { … });
//     while (!stop.stop_requested()) client.run_once(1s);     // wake() from any thread ends the wait
//
// Promise    Every sent call ends in exactly one `done`, within its total timeout. An effect is put on the wire at most once.
//            `not_sent` is said only when no byte of the request can have reached the peer; whatever else ends without a complete
//            answer is `unknown`. Nothing is redirected, proxied, or read from the environment.
// Not ours   Retrying, breakers, and whether an answer means success: the lane that calls.
// Threads    send(), run_once() and the destructor belong to one thread; wake() may be called from any.
// Ownership  `done` runs on the thread of run_once(), may call send() and must not throw. Calls still in flight at destruction end
//            without `done`.
// Failure    Throws base::Misconfigured from the constructor when the CA file cannot be read. Never from send() or run_once().
// Time       Timeouts are curl's own, on the monotonic clock.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/headers.hpp"
#include "http/address_guard.hpp"

namespace countersign::http {

struct Call {
  std::string method = "GET";
  std::string url;
  base::Headers headers;  // not Host, Content-Length, Transfer-Encoding, Connection or Expect: the client writes those
  std::string body;
  std::chrono::milliseconds connect_timeout{2'000};  // name, connection and TLS handshake
  std::chrono::milliseconds total_timeout{10'000};
  std::size_t max_response_bytes = 64 * 1024;
  // The call changes something. curl sends a request again when a kept connection closes without an answer; an effect is never sent
  // twice: with a body, the second reading of the body fails (and the outcome is unknown); without, it gets a new connection.
  bool effect = false;
  // Where the call may go, when it differs from the client's policy. Such a call gets a connection of its own: a kept one was judged
  // by another policy.
  std::optional<AddressPolicy> address_policy;
};

struct Outcome {
  enum class Kind { answered, not_sent, unknown };
  Kind kind = Kind::unknown;
  int status = 0;         // also of an unknown outcome, when a status line was read before it broke off
  base::Headers headers;  // names in lower case
  std::string body;       // at most max_response_bytes
  bool body_cut = false;  // the answer was longer than max_response_bytes; the outcome is unknown, and status says what is known
  std::string error;      // for people; empty when answered
  double seconds = 0;
  bool connection_reused = false;
};

struct ClientOptions {
  AddressPolicy address_policy;
  std::string ca_file;  // PEM; empty for the system's
  std::size_t most_kept_connections = 64;
  std::chrono::seconds keep_idle_for{30};
  std::string user_agent = "countersign/0.1";
};

class Client {
 public:
  using Done = std::function<void(Outcome)>;

  explicit Client(ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // A call that can be refused without the network (URL, headers) is answered in the next run_once().
  void send(Call call, Done done);
  // Moves all calls forward; waits up to `wait` for something to happen. Returns the number of calls that ended.
  std::size_t run_once(std::chrono::milliseconds wait);
  // Ends the wait of run_once().
  void wake() noexcept;
  std::size_t in_flight() const noexcept;

  // send() and run_once() until it is done: for a single call outside a lane.
  Outcome call(Call call);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace countersign::http
