#include "postgres/testing/server_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace countersign::postgres::testing {

namespace {

namespace fs = std::filesystem;
constexpr int least_version = 15;

const passwd* server_user() {
  if (getuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) throw std::runtime_error("running as root, and there is no user postgres to run the server as");
  return user;
}

std::string on_path() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (fs::exists(fs::path(folder) / "initdb")) return folder;
  }
  throw std::runtime_error("no PostgreSQL server is installed: looked in /usr/lib/postgresql and on PATH for initdb");
}

// Between fork and exec, where only system calls are safe.
[[noreturn]] void become(const passwd* user, pid_t parent, int output, const char* directory, char* const* arguments) {
  bool fine = true;
  if (user != nullptr) fine = setgroups(0, nullptr) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0;
  // After the change of user, which resets it; and the parent may have died before it took effect.
  fine = fine && prctl(PR_SET_PDEATHSIG, SIGQUIT) == 0 && getppid() == parent;
  fine = fine && chdir(directory) == 0 && dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0;
  if (fine) {
    setsid();  // a Ctrl-C in the terminal is for the tests; they stop the server when they are done with it
    execv(arguments[0], arguments);
  }
  _exit(127);
}

}  // namespace

std::string find_binaries() {
  int newest = least_version - 1;
  std::string found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version <= newest || !fs::exists(entry.path() / "bin" / "initdb")) continue;
    newest = version;
    found = entry.path() / "bin";
  }
  return found.empty() ? on_path() : found;
}

void hand_over(const std::string& directory) {
  const passwd* user = server_user();
  if (user != nullptr && chown(directory.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("cannot give " + directory + " to user postgres");
  }
}

pid_t start_program(const std::vector<std::string>& command, const std::string& directory, const std::string& log) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));  // execv's signature; it does not write
  arguments.push_back(nullptr);
  const passwd* user = server_user();
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (output < 0) throw std::runtime_error("cannot write " + log);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) become(user, parent, output, directory.c_str(), arguments.data());
  close(output);
  if (child < 0) throw std::runtime_error("cannot start " + command[0]);
  return child;
}

bool succeeded(pid_t program) {
  int status = 0;
  while (waitpid(program, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace countersign::postgres::testing
