#pragma once

// SmtpPeer: a real mail server (smtp_peer.py) in a process of its own, which writes down what it takes.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace countersign::http::testing {

class SmtpPeer {
 public:
  explicit SmtpPeer(const std::string& security = "none", const std::string& user = "", const std::string& password = "")
      : directory_(make_directory()) {
    const std::string script = std::string(COUNTERSIGN_SOURCE_DIR) + "/libs/http/tests/smtp_peer.py";
    std::vector<std::string> words{"/usr/bin/python3", script, directory_.string(), "--security", security};
    if (!user.empty()) words.insert(words.end(), {"--user", user, "--password", password});
    start(words);
  }
  ~SmtpPeer() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(directory_);
  }
  SmtpPeer(const SmtpPeer&) = delete;
  SmtpPeer& operator=(const SmtpPeer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string certificate() const { return (directory_ / "cert.pem").string(); }
  int count() const {
    int number = 0;
    while (std::filesystem::exists(piece(number + 1, "mail"))) ++number;
    return number;
  }
  // Of message `number`, from 1: mail, envelope, subject, from, to, text, html.
  std::string read(int number, const std::string& name) const {
    std::ifstream in(piece(number, name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  static std::filesystem::path make_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "countersign-smtp-XXXXXX").string();
    return mkdtemp(pattern.data());
  }
  std::filesystem::path piece(int number, const std::string& name) const { return directory_ / (std::to_string(number) + "." + name); }

  void start(const std::vector<std::string>& words) {
    int pipe_ends[2];
    if (pipe2(pipe_ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    process_ = fork();
    if (process_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(pipe_ends[1], STDOUT_FILENO);
      dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);  // it complains of every peer that hangs up
      execv(arguments[0], arguments.data());
      _exit(127);
    }
    close(pipe_ends[1]);
    std::string said;
    for (char c; ::read(pipe_ends[0], &c, 1) == 1 && c != '\n';) said += c;
    close(pipe_ends[0]);
    if (said.empty()) throw std::runtime_error("the mail server did not start: is python3-aiosmtpd installed?");
    port_ = static_cast<std::uint16_t>(std::stoi(said));
  }

  std::filesystem::path directory_;
  pid_t process_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace countersign::http::testing
