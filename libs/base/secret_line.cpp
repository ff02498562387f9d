#include "base/secret_line.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "base/errors.hpp"

namespace countersign::base {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

constexpr std::array may_pass{EMFILE, ENFILE, EINTR, EAGAIN, EIO, ENOMEM, ESTALE, ETIMEDOUT};

[[noreturn]] void explain(int error, const std::string& file) {
  const std::string why = std::generic_category().message(error);
  if (std::find(may_pass.begin(), may_pass.end(), error) != may_pass.end()) {
    throw Unavailable(file + " cannot be read at the moment: " + why +
                      ". Hint: it is tried again; if it stays, see how many files this process and machine may open, and the disk");
  }
  throw Misconfigured(file + " cannot be read: " + why + ". Hint: check that it exists, and that this process's user may read it");
}

}  // namespace

Secret read_secret_line(const std::string& path, const std::string& what) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (const int error = errno; !file) explain(error, what + " " + path);
  std::string line;
  int c = std::getc(file.get());
  for (; c != EOF && c != '\n'; c = std::getc(file.get())) line.push_back(static_cast<char>(c));
  if (const int error = errno; c == EOF && std::ferror(file.get()) != 0) explain(error, what + " " + path);
  while (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) throw Misconfigured("the first line of " + what + " " + path + " is empty");
  return Secret(std::move(line));
}

}  // namespace countersign::base
