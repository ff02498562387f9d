#include "postgres/testing/cutting_proxy.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <vector>

#include "postgres/settings.hpp"

namespace countersign::postgres::testing {

namespace {

constexpr std::size_t most_buffered = 256 * 1024;
const std::string ready_for_query{"Z\0\0\0\5", 5};

// Bytes on their way to one side.
struct Pending {
  std::string bytes;
  bool full() const { return bytes.size() >= most_buffered; }
};

bool drain(int socket, Pending& pending) {
  const ssize_t sent = send(socket, pending.bytes.data(), pending.bytes.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  pending.bytes.erase(0, static_cast<std::size_t>(sent));
  return true;
}

// False at the end of the connection.
bool fill(int socket, std::string& bytes) {
  char buffer[65536];
  const ssize_t got = recv(socket, buffer, sizeof buffer, 0);
  if (got > 0) bytes.assign(buffer, static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

int connect_to(const std::string& host, int port) {
  addrinfo wanted{}, *found = nullptr;
  wanted.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return -1;
  int connected = -1;
  for (const addrinfo* each = found; each != nullptr && connected < 0; each = each->ai_next) {
    connected = socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, 0);
    if (connected >= 0 && connect(connected, each->ai_addr, each->ai_addrlen) != 0) {
      close(connected);
      connected = -1;
    }
  }
  freeaddrinfo(found);
  return connected;
}

// Closes with a reset, as a cable that is pulled and a firewall that forgets look to the client.
void reset(int socket) {
  const linger at_once{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket);
}

void make_nonblocking(int socket) { fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK); }

}  // namespace

struct CuttingProxy::Link {
  int client;
  int server;
  Pending to_client{};
  Pending to_server{};
  std::string tail{};       // of what the client sent, in case the text is split
  bool swallowing = false;  // the server's answer is awaited but not passed on
  std::string swallowed{};
  bool server_spoke = true;
  bool cut = false;  // ends with a reset rather than an orderly close
  short client_events = 0;
  short server_events = 0;

  Link(int client_, int server_) : client(client_), server(server_) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() {
    cut ? reset(client) : static_cast<void>(close(client));
    close(server);
  }
};

CuttingProxy::CuttingProxy(std::string host, int port) : host_(std::move(host)), server_port_(port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool fine = bind(listener_, generic, size) == 0 && listen(listener_, 64) == 0 && getsockname(listener_, generic, &size) == 0;
  if (!fine || pipe2(waker_, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("the proxy cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

CuttingProxy::~CuttingProxy() {
  give(Order::stop);
  thread_.join();
  links_.clear();
  close(listener_);
  close(waker_[0]);
  close(waker_[1]);
}

std::string CuttingProxy::through(const std::string& conninfo) const {
  std::string text = with_option(conninfo, "host", "127.0.0.1");
  text = with_option(text, "port", std::to_string(port_));
  return with_option(with_option(text, "sslmode", "disable"), "gssencmode", "disable");
}

void CuttingProxy::cut_at(std::string text, Cut cut) {
  std::lock_guard lock(mutex_);
  text_ = std::move(text);
  cut_ = cut;
}

void CuttingProxy::cut_all() {
  give(Order::cut_all);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return order_ == Order::none; });
}

void CuttingProxy::pause() {
  std::lock_guard lock(mutex_);
  paused_ = true;
  wake();
}

void CuttingProxy::resume() {
  std::lock_guard lock(mutex_);
  paused_ = false;
  wake();
}

void CuttingProxy::refuse(bool refusing) {
  std::lock_guard lock(mutex_);
  refusing_ = refusing;
}

void CuttingProxy::wait_for_cuts(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return cuts_ >= count; });
}

void CuttingProxy::give(Order order) {
  std::lock_guard lock(mutex_);
  order_ = order;
  wake();
}

void CuttingProxy::wake() const { [[maybe_unused]] const ssize_t written = write(waker_[1], "", 1); }

void CuttingProxy::run() {
  for (;;) {
    {
      std::lock_guard lock(mutex_);
      if (order_ == Order::stop) return;
      if (order_ == Order::cut_all) {
        for (Link& link : links_) link.cut = true;
        links_.clear();
        order_ = Order::none;
        changed_.notify_all();
      }
    }
    serve_once();
  }
}

void CuttingProxy::serve_once() {
  bool paused = false;
  {
    std::lock_guard lock(mutex_);
    paused = paused_;
  }
  std::vector<pollfd> sockets{{waker_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
  for (const Link& link : links_) {
    const auto events = [paused](const Pending& in, const Pending& out) {
      return static_cast<short>(paused ? 0 : (out.full() ? 0 : POLLIN) | (in.bytes.empty() ? 0 : POLLOUT));
    };
    // poll() reports a hangup whatever was asked for; a negative descriptor keeps it quiet during a pause.
    sockets.push_back({paused ? -1 : link.client, events(link.to_client, link.to_server), 0});
    sockets.push_back({paused ? -1 : link.server, events(link.to_server, link.to_client), 0});
  }
  if (poll(sockets.data(), sockets.size(), -1) <= 0) return;
  char drained[64];
  if (sockets[0].revents != 0) [[maybe_unused]]
    const ssize_t got = read(waker_[0], drained, sizeof drained);
  std::size_t at = 2;
  for (auto link = links_.begin(); link != links_.end(); at += 2) {
    link->client_events = sockets[at].revents;
    link->server_events = sockets[at + 1].revents;
    link = forward(*link) ? std::next(link) : links_.erase(link);
  }
  if (sockets[1].revents != 0) accept_one();
}

void CuttingProxy::accept_one() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  ++connections_;
  bool refusing = false;
  {
    std::lock_guard lock(mutex_);
    refusing = refusing_;
  }
  const int server = refusing ? -1 : connect_to(host_, server_port_);
  if (server < 0) return reset(client);
  make_nonblocking(client);
  make_nonblocking(server);
  links_.emplace_back(client, server);
}

bool CuttingProxy::forward(Link& link) {
  if ((link.client_events & POLLOUT) != 0 && !drain(link.client, link.to_client)) return false;
  if ((link.server_events & POLLOUT) != 0 && !drain(link.server, link.to_server)) return false;
  if ((link.client_events & ~POLLOUT) != 0 && !from_client(link)) return false;
  return (link.server_events & ~POLLOUT) == 0 || from_server(link);
}

bool CuttingProxy::from_client(Link& link) {
  std::string bytes;
  if (!fill(link.client, bytes)) return false;
  if (bytes.empty()) return true;
  if (link.server_spoke) ++round_trips_;
  link.server_spoke = false;
  if (const auto cut = triggered(link, bytes)) {
    if (*cut == Cut::before_request) return finish_cut(link);
    link.swallowing = true;
  }
  link.to_server.bytes += bytes;
  return drain(link.server, link.to_server);
}

bool CuttingProxy::from_server(Link& link) {
  std::string bytes;
  if (!fill(link.server, bytes)) {
    return link.swallowing && finish_cut(link);
  }
  link.server_spoke = link.server_spoke || !bytes.empty();
  if (link.swallowing) {
    link.swallowed += bytes;
    if (link.swallowed.find(ready_for_query) == std::string::npos) return true;
    return finish_cut(link);
  }
  link.to_client.bytes += bytes;
  return drain(link.client, link.to_client);
}

std::optional<CuttingProxy::Cut> CuttingProxy::triggered(Link& link, const std::string& bytes) {
  std::lock_guard lock(mutex_);
  if (text_.empty()) return std::nullopt;
  const std::string seen = link.tail + bytes;
  const bool found = seen.find(text_) != std::string::npos;
  link.tail = seen.size() >= text_.size() ? seen.substr(seen.size() - text_.size() + 1) : seen;
  if (!found) return std::nullopt;
  text_.clear();
  return cut_;
}

bool CuttingProxy::finish_cut(Link& link) {
  link.cut = true;
  std::lock_guard lock(mutex_);
  ++cuts_;
  changed_.notify_all();
  return false;
}

}  // namespace countersign::postgres::testing
