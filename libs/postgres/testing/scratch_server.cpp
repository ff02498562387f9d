#include "postgres/testing/scratch_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <thread>

#include "postgres/settings.hpp"
#include "postgres/testing/server_process.hpp"

namespace countersign::postgres::testing {

namespace {

namespace fs = std::filesystem;
constexpr const char* prefix = "countersign-postgres-";
constexpr int attempts = 5;
constexpr std::chrono::seconds start_time{60};

int free_port() {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool fine = bind(probe, generic, size) == 0 && getsockname(probe, generic, &size) == 0;
  close(probe);
  if (!fine) throw std::runtime_error("no free loopback port");
  return ntohs(address.sin_port);
}

int lock_file(const fs::path& file, bool create) {
  const int lock = open(file.c_str(), O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);
  if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
  if (lock >= 0) close(lock);
  return -1;
}

// A process that was killed could not remove its directory; its lock ended with it.
void remove_abandoned() {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(fs::temp_directory_path(), none)) {
    if (entry.path().filename().string().rfind(prefix, 0) != 0) continue;
    const int lock = lock_file(entry.path() / "lock", false);
    if (lock < 0) continue;
    fs::remove_all(entry.path(), none);
    close(lock);
  }
}

std::string make_directory() {
  std::string name = fs::temp_directory_path() / (std::string(prefix) + "XXXXXX");
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory like " + name);
  fs::permissions(name, fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
  return name;
}

std::string random_password() {
  std::random_device device;
  std::string text;
  for (int i = 0; i < 6; ++i) text += std::to_string(device());
  return text;
}

}  // namespace

ScratchServer& ScratchServer::shared() {
  static const char* external = std::getenv("COUNTERSIGN_TEST_POSTGRES");
  static const std::unique_ptr<ScratchServer> server(external != nullptr && *external != '\0'
                                                         ? new ScratchServer(External{}, with_option(external, "application_name", "tests"))
                                                         : new ScratchServer());
  return *server;
}

ScratchServer::ScratchServer() : ScratchServer(Options{}) {}

ScratchServer::ScratchServer(External, std::string admin_conninfo) : admin_conninfo_(std::move(admin_conninfo)) {}

ScratchServer::ScratchServer(Options options) : options_(std::move(options)), binaries_(find_binaries()), starter_(getpid()) {
  remove_abandoned();
  directory_ = make_directory();
  lock_ = lock_file(fs::path(directory_) / "lock", true);
  try {
    initialise();
    for (int attempt = 0; server_ < 0; ++attempt) {
      if (attempt == attempts) throw std::runtime_error("PostgreSQL did not start: " + log_tail());
      port_ = free_port();  // somebody else may take it before the server does
      try_start();
    }
  } catch (...) {
    remove_directory();
    throw;
  }
}

ScratchServer::~ScratchServer() {
  if (!owned() || getpid() != starter_) return;
  crash();  // nothing in it is worth a shutdown checkpoint
  remove_directory();
}

void ScratchServer::initialise() {
  const std::string password = random_password(), password_file = directory_ + "/password";
  std::ofstream(password_file) << password << "\n";
  hand_over(directory_);
  hand_over(password_file);
  const std::vector<std::string> command{binaries_ + "/initdb",
                                         "-D",
                                         directory_ + "/data",
                                         "-U",
                                         "admin",
                                         "--auth=scram-sha-256",
                                         "-E",
                                         "UTF8",
                                         "--locale=C.UTF-8",
                                         "--pwfile=" + password_file,
                                         "--no-sync",
                                         "--no-instructions"};
  if (!succeeded(start_program(command, directory_, directory_ + "/log"))) throw std::runtime_error("initdb failed: " + log_tail());
  admin_conninfo_ = "host=127.0.0.1 user=admin dbname=postgres password=" + password;
}

bool ScratchServer::try_start() {
  std::vector<std::string> command{binaries_ + "/postgres", "-D", directory_ + "/data", "-k", directory_, "-p", std::to_string(port_)};
  std::vector<std::string> settings{"listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=64MB", "log_min_messages=fatal"};
  if (!options_.durable) settings.insert(settings.end(), {"fsync=off", "synchronous_commit=off", "full_page_writes=off"});
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  for (const auto& setting : settings) command.insert(command.end(), {"-c", setting});
  server_ = start_program(command, directory_, directory_ + "/log");
  admin_conninfo_ = with_option(admin_conninfo_, "port", std::to_string(port_));
  return await_ready();
}

bool ScratchServer::await_ready() {
  const auto until = std::chrono::steady_clock::now() + start_time;
  while (std::chrono::steady_clock::now() < until) {
    if (PQping(admin_conninfo_.c_str()) == PQPING_OK) return true;
    if (waitpid(server_, nullptr, WNOHANG) == server_) {
      server_ = -1;
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{10});  // between two questions to the server
  }
  throw std::runtime_error("PostgreSQL is not ready after a minute: " + log_tail());
}

void ScratchServer::start() {
  if (!try_start()) throw std::runtime_error("PostgreSQL did not start again: " + log_tail());
}

void ScratchServer::crash() {
  if (server_ < 0) return;
  kill(server_, SIGQUIT);  // the postmaster sends it on and waits for its children
  succeeded(server_);
  server_ = -1;
}

void ScratchServer::remove_directory() const {
  std::error_code none;
  fs::remove_all(directory_, none);
  if (lock_ >= 0) close(lock_);
}

std::string ScratchServer::log_tail() const {
  std::ifstream file(directory_ + "/log");
  const std::string log{std::istreambuf_iterator<char>(file), {}};
  constexpr std::size_t most = 2000;
  return log.size() > most ? log.substr(log.size() - most) : log;
}

std::string ScratchServer::conninfo(const std::string& database) const { return with_option(admin_conninfo_, "dbname", database); }

std::string ScratchServer::host() const {
  const std::string host = option_of(admin_conninfo_, "host");
  return host.empty() ? "127.0.0.1" : host;
}

int ScratchServer::port() const {
  const std::string port = option_of(admin_conninfo_, "port");
  return port.empty() ? 5432 : std::stoi(port);
}

}  // namespace countersign::postgres::testing
