#pragma once

// CuttingProxy: a TCP proxy inside the test that loses connections at the worst moment.
//
//     CuttingProxy proxy{server.host(), server.port()};
//     settings.conninfo = proxy.through(settings.conninfo);
//     proxy.cut_at("COMMIT", CuttingProxy::Cut::before_answer);   // the server commits, the client never hears of it
//
// Promise    With Cut::before_answer the server has answered the whole round trip by the time the client loses its connection.
// Threads    Every function may be called from any thread; forwarding happens on a thread of its own.
// Not ours   TLS: bytes are searched as they are.

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace countersign::postgres::testing {

class CuttingProxy {
 public:
  enum class Cut {
    before_request,  // the client's bytes that contain the text, and all after them, do not reach the server
    before_answer,   // they do, and the server's answer up to its ReadyForQuery does not reach the client
  };

  CuttingProxy(std::string host, int port);
  ~CuttingProxy();
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  int port() const { return port_; }
  // A connection string that goes through the proxy, without TLS.
  std::string through(const std::string& conninfo) const;

  // Arms one cut: the next client bytes that contain `text` trigger it, on whichever connection.
  void cut_at(std::string text, Cut cut);
  // Cuts every connection now.
  void cut_all();
  // Stops forwarding in both directions, connections stay open; new ones are accepted and stand still as well.
  void pause();
  void resume();
  // New connections are closed at once.
  void refuse(bool refusing);

  int connections() const { return connections_; }  // accepted so far
  int cuts() const { return cuts_; }                // by cut_at
  // How often client bytes came after server bytes: round trips, as far as a small exchange goes.
  int round_trips() const { return round_trips_; }
  void wait_for_cuts(int count);

 private:
  struct Link;
  enum class Order { none, cut_all, stop };

  void run();
  void serve_once();
  void accept_one();
  bool forward(Link& link);
  bool from_client(Link& link);
  bool from_server(Link& link);
  std::optional<Cut> triggered(Link& link, const std::string& bytes);
  bool finish_cut(Link& link);  // false: the link is over
  void give(Order order);
  void wake() const;

  std::string host_;
  int server_port_;
  int listener_ = -1;
  int port_ = 0;
  int waker_[2] = {-1, -1};
  std::list<Link> links_;  // of the forwarding thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  Cut cut_ = Cut::before_request;
  Order order_ = Order::none;
  bool paused_ = false;
  bool refusing_ = false;
  std::atomic<int> connections_{0};
  std::atomic<int> cuts_{0};
  std::atomic<int> round_trips_{0};
  std::thread thread_;
};

}  // namespace countersign::postgres::testing
