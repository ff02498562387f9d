#include "base/secret_line.hpp"

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

bool may_pass(int error) { return error == EMFILE || error == ENFILE || error == EINTR || error == EIO || error == ENOMEM; }

[[noreturn]] void explain(const std::string& file, int error) {
  const std::string why = std::generic_category().message(error);
  if (may_pass(error)) {
    throw Unavailable(file + " cannot be read at the moment: " + why +
                      ". Hint: it is tried again; if it stays, see how many files this process and machine may open, and the disk");
  }
  throw Misconfigured(file + " cannot be read: " + why + ". Hint: check that it exists, and that this process's user may read it");
}

}  // namespace

Secret read_secret_line(const std::string& path, const std::string& what) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) explain(what + " " + path, errno);
  std::string line;
  int c = std::getc(file.get());
  for (; c != EOF && c != '\n'; c = std::getc(file.get())) line.push_back(static_cast<char>(c));
  if (c == EOF && std::ferror(file.get()) != 0) explain(what + " " + path, errno);
  while (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) throw Misconfigured("the first line of " + what + " " + path + " is empty");
  return Secret(std::move(line));
}

}  // namespace countersign::base
