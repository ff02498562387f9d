#include "http/server.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <cctype>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/errors.hpp"
#include "http/responder.hpp"

namespace countersign::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using asio::ip::tcp;
using Error = boost::system::error_code;

constexpr std::size_t read_ahead_bytes = 4096;
constexpr std::size_t most_discarded_bytes = 256 * 1024;
constexpr auto linger_timeout = std::chrono::seconds{1};
constexpr auto accept_pause = std::chrono::milliseconds{100};

class Session;

// What the sessions of one server share. Touched by the io thread only, but for the responder and where a lock says otherwise.
struct Shared {
  ServerOptions options;
  Responder responder;
  bool draining = false;
  std::set<Session*> sessions;
  asio::thread_pool* handlers = nullptr;

  std::mutex mutex;
  std::condition_variable changed;
  std::size_t open = 0;  // sessions, under the mutex
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// A header value that a handler took from outside must not begin a new line.
bool one_line(const std::string& value) { return value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos; }

// One connection. Alive while an operation of it is pending; everything runs on the io thread but the handler.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Shared& shared, tcp::socket socket) : shared_(shared), stream_(std::move(socket)) {
    shared_.sessions.insert(this);
    std::lock_guard lock(shared_.mutex);
    ++shared_.open;
  }

  ~Session() {
    shared_.sessions.erase(this);
    std::lock_guard lock(shared_.mutex);
    --shared_.open;
    shared_.changed.notify_all();
  }

  void start() {
    Error ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    peer_ = stream_.socket().remote_endpoint(ignored).address().to_string(ignored);
    await_request(shared_.options.header_timeout);
  }

  void close_if_idle() {
    if (idle_) stream_.close();
  }
  void close() { stream_.close(); }

 private:
  using Output = wire::response<wire::string_body>;

  void await_request(std::chrono::milliseconds patience) {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.options.most_header_bytes));
    parser_->body_limit(shared_.options.most_body_bytes);
    if (buffer_.size() > 0) return read_head();
    idle_ = true;
    stream_.expires_after(patience);
    stream_.async_read_some(buffer_.prepare(read_ahead_bytes), [self = shared_from_this()](Error error, std::size_t got) {
      self->idle_ = false;
      self->buffer_.commit(got);
      if (!error) self->read_head();
    });
  }

  void read_head() {
    stream_.expires_after(shared_.options.header_timeout);
    wire::async_read_header(stream_, buffer_, *parser_, [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->refuse(error);
      if (self->parser_->is_done()) return self->answer();
      if (lower(std::string(self->parser_->get()[wire::field::expect])) == "100-continue") return self->invite_body();
      self->read_body();
    });
  }

  void invite_body() {
    auto output = std::make_shared<wire::response<wire::empty_body>>(wire::status::continue_, 11);
    stream_.expires_after(shared_.options.write_timeout);
    wire::async_write(stream_, *output, [self = shared_from_this(), output](Error error, std::size_t) {
      if (!error) self->read_body();
    });
  }

  void read_body() {
    stream_.expires_after(shared_.options.body_timeout);
    wire::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](Error error, std::size_t) {
      if (error) return self->refuse(error);
      self->answer();
    });
  }

  // What cannot be read as a request is answered where the peer may still listen, and the connection ends.
  void refuse(Error error) {
    if (error == wire::error::header_limit) return reply(problem(431, "header_too_large", "The head of the request is too large."), false);
    if (error == wire::error::body_limit) return reply(problem(413, "body_too_large", "The body of the request is too large."), false);
    const bool unreadable = error.category() == wire::make_error_code(wire::error::bad_method).category();
    if (unreadable && error != wire::error::end_of_stream && error != wire::error::partial_message) {
      reply(problem(400, "malformed_request", "This is not a well-formed HTTP request."), false);
    }
  }

  Request take_request() {
    auto& input = parser_->get();
    Request request;
    request.method = std::string(input.method_string());
    for (const auto& header : input) request.headers.emplace_back(lower(std::string(header.name_string())), std::string(header.value()));
    request.body = std::move(input.body());
    request.peer = peer_;
    return request;
  }

  void answer() {
    const bool keep = parser_->get().keep_alive();
    head_only_ = parser_->get().method() == wire::verb::head;
    stream_.expires_never();
    asio::post(*shared_.handlers,
               [self = shared_from_this(), request = take_request(), target = std::string(parser_->get().target()), keep]() mutable {
                 Response response = self->shared_.responder.respond(std::move(request), target);
                 // The session goes back with the answer, so that it always ends on the io thread.
                 auto& stream = self->stream_;
                 asio::post(stream.get_executor(), [self = std::move(self), response = std::move(response), keep]() mutable {
                   self->reply(std::move(response), keep);
                 });
               });
  }

  void reply(Response response, bool keep) {
    auto output = std::make_shared<Output>();
    output->version(11);
    output->result(static_cast<unsigned>(response.status));
    output->reason(std::string(reason_of(response.status)));
    output->set(wire::field::content_type, response.content_type);
    output->set("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : response.headers) {
      if (one_line(name) && one_line(value)) output->insert(name, value);
    }
    output->keep_alive(keep && !shared_.draining);
    const bool bodiless = response.status == 204 || response.status == 304;
    if (!bodiless) output->content_length(response.body.size());
    if (!head_only_ && !bodiless) output->body() = std::move(response.body);
    head_only_ = false;
    send(std::move(output));
  }

  void send(std::shared_ptr<Output> output) {
    stream_.expires_after(shared_.options.write_timeout);
    auto& message = *output;
    wire::async_write(stream_, message, [self = shared_from_this(), output = std::move(output)](Error error, std::size_t) {
      if (error) return;
      if (output->keep_alive() && !self->shared_.draining) return self->await_request(self->shared_.options.idle_timeout);
      self->linger();
    });
  }

  // Closing with unread bytes would reset the connection and may destroy the answer on its way.
  void linger() {
    Error ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(linger_timeout);
    discard();
  }

  void discard() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(read_ahead_bytes), [self = shared_from_this()](Error error, std::size_t got) {
      self->discarded_ += got;
      if (!error && self->discarded_ < most_discarded_bytes) self->discard();
    });
  }

  Shared& shared_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<wire::request_parser<wire::string_body>> parser_;
  std::string peer_;
  bool idle_ = false;
  bool head_only_ = false;
  std::size_t discarded_ = 0;
};

tcp::acceptor bind(asio::io_context& io, const ServerOptions& options) {
  Error error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) throw base::Misconfigured("cannot listen on '" + options.address + "': it is not an IP address");
  try {
    return tcp::acceptor(io, tcp::endpoint(address, options.port));
  } catch (const boost::system::system_error& failure) {
    throw base::Misconfigured("cannot listen on " + options.address + " port " + std::to_string(options.port) + ": " +
                              failure.code().message() + "; choose another port or stop who has it");
  }
}

}  // namespace

struct Server::State {
  Shared shared;  // before io, whose end ends the sessions
  asio::io_context io{1};
  // A request whose handler runs has nothing pending here, and its answer must still find this thread.
  asio::executor_work_guard<asio::io_context::executor_type> needed{io.get_executor()};
  asio::thread_pool handlers;
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::uint16_t port;
  telemetry::Counter& turned_away;
  std::thread mover;

  State(ServerOptions options, Router router, telemetry::Telemetry telemetry)
      : shared{options, {options.name, std::move(router), telemetry}, false, {}, nullptr, {}, {}, 0},
        handlers(std::max<std::size_t>(shared.options.handler_threads, 1)),
        acceptor(bind(io, shared.options)),
        pause(io),
        port(acceptor.local_endpoint().port()),
        turned_away(telemetry.metrics.counter("http_connections_refused_total", "Connections closed at once because too many were open.",
                                              {{"server", shared.options.name}})) {
    shared.handlers = &handlers;
    accept();
    mover = std::thread([this] { io.run(); });
  }

  void accept() {
    acceptor.async_accept([this](Error error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return rest();
      if (shared.sessions.size() < shared.options.most_connections)
        std::make_shared<Session>(shared, std::move(socket))->start();
      else
        turned_away.add();
      accept();
    });
  }

  // Out of file descriptors: accepting again at once would only burn the processor.
  void rest() {
    pause.expires_after(accept_pause);
    pause.async_wait([this](Error error) {
      if (!error && acceptor.is_open()) accept();
    });
  }

  void drain() {
    shared.draining = true;
    Error ignored;
    acceptor.close(ignored);
    pause.cancel();
    for (Session* session : shared.sessions) session->close_if_idle();
  }
};

Server::Server(ServerOptions options, Router router, telemetry::Telemetry telemetry)
    : state_(std::make_unique<State>(std::move(options), std::move(router), telemetry)) {}

Server::~Server() { stop(std::chrono::seconds{1}); }

std::uint16_t Server::port() const noexcept { return state_->port; }

void Server::stop(std::chrono::milliseconds deadline) {
  if (!state_->mover.joinable()) return;
  asio::post(state_->io, [this] { state_->drain(); });
  {
    std::unique_lock lock(state_->shared.mutex);
    const bool all_ended = state_->shared.changed.wait_for(lock, deadline, [this] { return state_->shared.open == 0; });
    if (!all_ended) state_->handlers.stop();  // what waits for a thread is dropped
  }
  state_->handlers.join();
  state_->io.stop();
  state_->mover.join();
}

}  // namespace countersign::http
