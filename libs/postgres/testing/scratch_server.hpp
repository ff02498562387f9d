#pragma once

// ScratchServer: a private PostgreSQL server for the tests of one process.
//
// It lives in a directory of its own under the system's temporary directory, listens on a free loopback port, and is gone when the process
// ends, also when it is killed. PostgreSQL refuses to run as root; a root process starts it as user postgres.
//
// When COUNTERSIGN_TEST_POSTGRES holds the connection string of an administrator, shared() uses that server and starts none.
//
// Threads    shared() may be called from any thread; the thread that starts a server must outlive it (the kernel ties the server's life to
//            it), which the main thread does.
// Failure    std::runtime_error with the end of the server's log.

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace countersign::postgres::testing {

class ScratchServer {
 public:
  struct Options {
    bool durable = false;               // with fsync, for tests that pull the plug on more than the process
    std::vector<std::string> settings;  // such as "max_connections=20"
  };

  static ScratchServer& shared();

  ScratchServer();
  explicit ScratchServer(Options options);
  ~ScratchServer();
  ScratchServer(const ScratchServer&) = delete;
  ScratchServer& operator=(const ScratchServer&) = delete;

  // An administrator's connection string, and the same for another database.
  const std::string& admin_conninfo() const { return admin_conninfo_; }
  std::string conninfo(const std::string& database) const;
  std::string host() const;
  int port() const;

  // For tests of an outage. Only a server that this process started: owned().
  bool owned() const { return !directory_.empty(); }
  void crash();  // every server process ends at once, as in a power failure; waits until they are gone
  void start();  // again, with the same data on the same port

 private:
  struct External {};
  ScratchServer(External, std::string admin_conninfo);

  void initialise();
  bool try_start();
  bool await_ready();  // false when the server ended instead
  void remove_directory() const;
  std::string log_tail() const;

  Options options_;
  std::string binaries_;
  std::string directory_;
  std::string admin_conninfo_;
  int port_ = 0;
  int lock_ = -1;
  pid_t server_ = -1;
  pid_t starter_ = -1;  // a forked child must not stop its parent's server
};

}  // namespace countersign::postgres::testing
