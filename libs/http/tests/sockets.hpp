#pragma once

// Peers of our client and server that say exactly the bytes they are told to, and nothing more.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace countersign::http::testing {

inline sockaddr_in loopback_at(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// A connected socket with a patience of 10 seconds.
class Wire {
 public:
  explicit Wire(int fd) : fd_(fd) {}
  static Wire connect_to(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback_at(port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("cannot connect");
    return Wire(fd);
  }
  ~Wire() { close_now(); }
  Wire(Wire&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Wire& operator=(Wire&&) = delete;

  int fd() const { return fd_; }
  bool say(const std::string& bytes) { return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()); }

  // At most one chunk; empty when the peer closed, reset or was silent.
  std::string hear(int patience_ms = 10'000) {
    pollfd waiting{fd_, POLLIN, 0};
    if (poll(&waiting, 1, patience_ms) <= 0) return {};
    char bytes[4096];
    const ssize_t got = recv(fd_, bytes, sizeof bytes, 0);
    return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : std::string{};
  }

  std::string hear_all() {
    std::string all;
    for (std::string chunk = hear(); !chunk.empty(); chunk = hear()) all += chunk;
    return all;
  }

  // A whole message with Content-Length; empty when the peer closed before its end.
  std::string hear_message() {
    std::string message;
    while (true) {
      const auto end = message.find("\r\n\r\n");
      if (end != std::string::npos) {
        const auto length = message.find("Content-Length: ");
        const std::size_t body = length < end ? static_cast<std::size_t>(std::atoi(message.c_str() + length + 16)) : 0;
        if (message.size() >= end + 4 + body) return message;
      }
      const auto chunk = hear();
      if (chunk.empty()) return {};
      message += chunk;
    }
  }

  void reset() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close_now();
  }
  void close_now() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

// Accepts on a free loopback port; each connection is given to `behave` on a thread of its own, with its number from 0.
class MisbehavingServer {
 public:
  using Behave = std::function<void(Wire&, int)>;

  explicit MisbehavingServer(Behave behave) : behave_(std::move(behave)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback_at(0);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 512) != 0) std::abort();
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this] { accept_all(); });
  }
  ~MisbehavingServer() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    connections_threads_.clear();
    close(listener_);
  }

  std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  std::atomic<int> executions{0};  // for `behave` to count what it would have done

 private:
  void accept_all() {
    for (int fd = accept(listener_, nullptr, nullptr); fd >= 0; fd = accept(listener_, nullptr, nullptr)) {
      const int number = connections_++;
      std::lock_guard lock(mutex_);
      open_.push_back(fd);
      connections_threads_.emplace_back([this, fd, number] {
        Wire wire(fd);
        behave_(wire, number);
        std::lock_guard forget(mutex_);
        open_.erase(std::find(open_.begin(), open_.end(), fd));
        wire.close_now();
      });
    }
  }

  Behave behave_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::jthread> connections_threads_;
  std::jthread acceptor_;
};

inline std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace countersign::http::testing
