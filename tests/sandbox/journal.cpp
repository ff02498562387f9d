#include "sandbox/journal.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/errors.hpp"

namespace countersign::sandbox {

Journal::Journal(const std::string& path) {
  file_ = path.empty() ? memfd_create("sandbox-journal", MFD_CLOEXEC) : open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) throw base::Misconfigured("cannot open the journal " + path + ": " + std::strerror(errno));
  index_existing_lines();
}

Journal::~Journal() {
  try {
    flush();
  } catch (const base::Unavailable&) {  // main has flushed already and reported the failure
  }
  close(file_);
}

void Journal::index_existing_lines() {
  std::string block(1 << 16, '\0');
  std::uint64_t offset = 0;
  for (ssize_t got = 0; (got = pread(file_, block.data(), block.size(), static_cast<off_t>(offset))) > 0;) {
    for (ssize_t i = 0; i < got; ++i)
      if (block[static_cast<std::size_t>(i)] == '\n') ends_.push_back(offset + static_cast<std::uint64_t>(i) + 1);
    offset += static_cast<std::uint64_t>(got);
  }
  // A predecessor killed in mid-write leaves half a line. It never counted: cut it off.
  if (offset != end_of(last()) && ftruncate(file_, static_cast<off_t>(end_of(last()))) != 0)
    throw base::Misconfigured(std::string("cannot repair the journal: ") + std::strerror(errno));
}

void Journal::append(std::string_view object) {
  if (buffer_.empty() && wake_) wake_();
  const auto before = buffer_.size();
  buffer_ += "{\"n\":";
  buffer_ += std::to_string(last() + 1);
  buffer_ += ',';
  buffer_ += object.substr(1);
  buffer_ += '\n';
  ends_.push_back(end_of(last()) + buffer_.size() - before);
}

void Journal::flush() {
  if (buffer_.empty()) return;
  write_all(buffer_);
  buffer_.clear();
}

void Journal::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw base::Unavailable(std::string("cannot write the journal: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string Journal::page(std::uint64_t after, std::uint64_t limit) {
  flush();
  const auto first = std::min(after, last());
  const auto past = first + std::min(limit, last() - first);
  std::string lines(end_of(past) - end_of(first), '\0');
  std::size_t have = 0;
  while (have < lines.size()) {
    const auto got = pread(file_, lines.data() + have, lines.size() - have, static_cast<off_t>(end_of(first) + have));
    if (got <= 0) throw base::Unavailable("the journal is shorter than what was written to it");
    have += static_cast<std::size_t>(got);
  }
  if (!lines.empty()) lines.pop_back();
  std::replace(lines.begin(), lines.end(), '\n', ',');
  return lines;
}

}  // namespace countersign::sandbox
