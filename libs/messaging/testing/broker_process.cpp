#include "messaging/testing/broker_process.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace countersign::messaging::testing {

namespace {

using std::chrono::steady_clock;

// The first start on a machine fetches jars and records classes.
constexpr std::chrono::seconds patience{240};
constexpr std::chrono::milliseconds pause{20};

int spawn(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const auto parent = ::getpid();
  const auto pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(1);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

bool over(int pid, int options) { return ::waitpid(pid, nullptr, options) == pid; }

void fetch(const std::string& scripts, const std::string& jars) {
  int status = 0;
  const int pid = spawn({scripts + "/fetch", jars});
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid || status != 0) throw std::runtime_error(scripts + "/fetch " + jars + " failed");
}

int read_port(const std::filesystem::path& file) {
  int port = 0;
  std::ifstream(file) >> port;
  return port;
}

}  // namespace

BrokerProcess start_broker_process(const std::string& scripts, const std::string& jars, const std::vector<std::string>& users) {
  fetch(scripts, jars);
  auto folder = (std::filesystem::temp_directory_path() / "countersign-kafka-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no temporary folder for Kafka");
  const auto port_file = folder + "/port";
  std::vector<std::string> command{scripts + "/run", "--jars", jars, "--data", folder, "--port-file", port_file, "--fast", "--remove-data"};
  for (const auto& user : users) command.insert(command.end(), {"--user", user + ":" + user});
  const int pid = spawn(command);
  for (const auto until = steady_clock::now() + patience; steady_clock::now() < until; std::this_thread::sleep_for(pause)) {
    if (const int port = read_port(port_file)) return {pid, port};
    if (over(pid, WNOHANG)) throw std::runtime_error("the private Kafka did not start; its words are above");
  }
  end_broker_process(pid);
  throw std::runtime_error("the private Kafka took too long to start");
}

void end_broker_process(int pid) noexcept {
  if (pid <= 0) return;
  ::kill(pid, SIGTERM);
  for (const auto until = steady_clock::now() + std::chrono::seconds{15}; steady_clock::now() < until; std::this_thread::sleep_for(pause)) {
    if (over(pid, WNOHANG)) return;
  }
  ::kill(pid, SIGKILL);
  over(pid, 0);
}

}  // namespace countersign::messaging::testing
