#include "sandbox/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>

#include "base/errors.hpp"

namespace countersign::sandbox {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

struct Parts {
  Sandbox& sandbox;
  ControlPlane& control;
  Misbehaviours& misbehaviours;
  Journal& journal;
};

std::string_view view(boost::string_view text) { return {text.data(), text.size()}; }

std::optional<std::string_view> header(const Parser& parser, std::string_view name) {
  const auto found = parser.get().find(boost::string_view(name.data(), name.size()));
  return found == parser.get().end() ? std::nullopt : std::optional(view(found->value()));
}

Request read_request(const Parser& parser) {
  Request request;
  request.method = view(parser.get().method_string());
  read_target(view(parser.get().target()), request);
  request.body = parser.get().body();
  request.idempotency_key = header(parser, "Idempotency-Key");
  request.run = header(parser, "Countersign-Run");
  request.actor = header(parser, "Countersign-Actor");
  request.webhook_id = header(parser, "webhook-id");
  request.webhook_timestamp = header(parser, "webhook-timestamp");
  request.webhook_signature = header(parser, "webhook-signature");
  return request;
}

std::string head_of(const Answer& answer, bool keep_alive) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(answer.status));
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string(view(reason)) + "\r\n";
  if (answer.status != 204) text += "Content-Type: " + answer.content_type + "\r\n";
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
  if (!keep_alive) text += "Connection: close\r\n";
  return text;
}

std::string response_text(const Answer& answer, bool keep_alive) {
  std::string text = head_of(answer, keep_alive);
  if (answer.status != 204) text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  return text + "\r\n" + answer.body;
}

Answer refused_by(const Misbehaviour& rule) {
  auto answer = problem(rule.status, {"misbehaviour", "this answer was ordered through the control plane"});
  if (!rule.retry_after.empty()) answer.headers.emplace_back("Retry-After", rule.retry_after);
  if (rule.fault == Fault::redirect) answer.headers.emplace_back("Location", rule.location);
  return answer;
}

// One connection, for its whole life. Every coroutine returns whether the connection can carry another request.
class Connection {
 public:
  Connection(tcp::socket socket, Parts parts) : socket_(std::move(socket)), timer_(socket_.get_executor()), parts_(parts) {}

  asio::awaitable<void> run() {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    for (bool open = true; open; reused_ = true) open = co_await serve_one();
  }

 private:
  asio::awaitable<bool> serve_one() {
    Parser parser;
    parser.header_limit(64 * 1024);
    parser.body_limit(1024 * 1024);
    error_code error;
    co_await http::async_read_header(socket_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    if (!error && header(parser, "Expect")) {
      const bool sent = co_await send("HTTP/1.1 100 Continue\r\n\r\n");
      if (!sent) co_return false;
    }
    if (!error && !parser.is_done()) co_await http::async_read(socket_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return co_await refuse_unreadable(error);
    const bool open = co_await respond(read_request(parser), parser.keep_alive());
    co_return open;
  }

  asio::awaitable<bool> refuse_unreadable(error_code error) {
    const bool gone = error == http::error::end_of_stream || error.category() == asio::error::get_system_category();
    if (!gone) {
      const std::string text = response_text(problem(400, {"malformed_request", error.message()}), false);
      co_await send(text);
    }
    co_return false;
  }

  asio::awaitable<bool> respond(Request request, bool keep_alive) {
    if (ControlPlane::owns(request)) {
      const Answer answer = parts_.control.answer(request);
      co_return co_await answer_with(answer, keep_alive);
    }
    const auto rule = parts_.misbehaviours.choose(request, reused_);
    if (rule) co_return co_await misbehave(*rule, request, keep_alive);
    const Answer answer = parts_.sandbox.answer(request);
    co_return co_await answer_with(answer, keep_alive);
  }

  asio::awaitable<bool> misbehave(Misbehaviour rule, Request request, bool keep_alive) {
    Answer answer;
    if (rule.work == Work::first) answer = parts_.sandbox.answer(request);
    switch (rule.fault) {
      case Fault::delay:
        co_await wait(rule.delay);
        if (rule.work == Work::last) answer = parts_.sandbox.answer(request);
        co_return co_await answer_with(answer, keep_alive);
      case Fault::fail:
      case Fault::status:
      case Fault::redirect:
        answer = refused_by(rule);
        co_return co_await answer_with(answer, keep_alive);
      case Fault::hang:
        co_return co_await hang(rule.delay);
      case Fault::slow_body:
        co_return co_await send_slowly(answer, rule.delay);
      case Fault::endless_body:
        co_return co_await send_without_end(answer);
      case Fault::do_then_drop:
        parts_.journal.flush();
        co_return false;
      case Fault::reset:
      case Fault::reset_reused:
        parts_.journal.flush();
        reset();
        co_return false;
    }
    co_return false;
  }

  asio::awaitable<bool> answer_with(const Answer& answer, bool keep_alive) {
    const std::string text = response_text(answer, keep_alive);
    const bool sent = co_await send(text);
    co_return sent&& keep_alive;
  }

  // Says nothing: for as long as told, or until the caller has had enough.
  asio::awaitable<bool> hang(std::chrono::milliseconds length) {
    if (length.count() > 0) {
      co_await wait(length);
      co_return false;
    }
    error_code error;
    std::array<char, 4096> unheard{};
    while (!error) co_await socket_.async_read_some(asio::buffer(unheard), asio::redirect_error(asio::use_awaitable, error));
    co_return false;
  }

  asio::awaitable<bool> send_slowly(const Answer& answer, std::chrono::milliseconds pause) {
    std::string head = head_of(answer, false);
    head += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
    bool sent = co_await send(head);
    for (std::size_t i = 0; sent && i < answer.body.size(); ++i) {
      co_await wait(pause.count() > 0 ? pause : std::chrono::seconds{1});
      sent = co_await send(std::string_view(answer.body).substr(i, 1));
    }
    co_return false;
  }

  asio::awaitable<bool> send_without_end(const Answer& answer) {
    const std::string block(64 * 1024, 'x');
    const std::string head = head_of(answer, false) + "\r\n";
    bool sent = co_await send(head);
    while (sent) sent = co_await send(block);
    co_return false;
  }

  // Closing with SO_LINGER 0 sends RST.
  void reset() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

  asio::awaitable<bool> send(std::string_view text) {
    error_code error;
    co_await asio::async_write(socket_, asio::buffer(text.data(), text.size()), asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  asio::awaitable<void> wait(std::chrono::milliseconds length) {
    timer_.expires_after(length);
    co_await timer_.async_wait(asio::use_awaitable);
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  Parts parts_;
  boost::beast::flat_buffer buffer_;
  bool reused_ = false;
};

asio::awaitable<void> keep(tcp::socket socket, Parts parts) {
  Connection connection(std::move(socket), parts);
  co_await connection.run();
}

// A stand-in that can no longer journal would lie to the checker, so what a connection throws ends the whole loop.
void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> accept_all(tcp::acceptor& acceptor, Parts parts) {
  for (;;) {
    error_code error;
    tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) co_return;
    if (!error) asio::co_spawn(acceptor.get_executor(), keep(std::move(socket), parts), rethrow);
  }
}

tcp::acceptor listen(asio::io_context& loop, const Endpoint& endpoint) {
  try {
    return {loop, tcp::endpoint(asio::ip::make_address(endpoint.address), endpoint.port)};
  } catch (const boost::system::system_error& refused) {
    throw base::Misconfigured("cannot listen on " + endpoint.address + ":" + std::to_string(endpoint.port) + ": " + refused.what());
  }
}

// Renamed into place, so that a reader never sees half a number.
void write_port_file(const std::string& path, std::uint16_t port) {
  if (path.empty()) return;
  const std::string draft = path + ".new";
  std::ofstream(draft) << port << '\n';
  if (std::rename(draft.c_str(), path.c_str()) != 0) throw base::Misconfigured("cannot write the port file " + path);
}

// The line on standard output is for a parent that waits on a pipe, the file for everybody else.
void tell_port(const Endpoint& endpoint, std::uint16_t port) {
  write_port_file(endpoint.port_file, port);
  std::printf("listening on %s:%u\n", endpoint.address.c_str(), static_cast<unsigned>(port));
  std::fflush(stdout);
}

}  // namespace

void run(const Endpoint& endpoint, Sandbox& sandbox, ControlPlane& control, Misbehaviours& misbehaviours, Journal& journal) {
  asio::io_context loop(1);
  asio::signal_set signals(loop, SIGTERM, SIGINT);
  signals.async_wait([&loop](const error_code&, int) { loop.stop(); });
  tcp::acceptor acceptor = listen(loop, endpoint);
  // Posted work runs after the handlers that are ready now: one write for all that this turn appends.
  journal.on_first_append([&loop, &journal] { asio::post(loop, [&journal] { journal.flush(); }); });
  asio::co_spawn(loop, accept_all(acceptor, Parts{sandbox, control, misbehaviours, journal}), rethrow);
  tell_port(endpoint, acceptor.local_endpoint().port());
  loop.run();
  journal.on_first_append(nullptr);
  journal.flush();
}

}  // namespace countersign::sandbox
