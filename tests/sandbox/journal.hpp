#pragma once

// Journal: every effect carried out and every webhook received, one JSON object a line, numbered from 1 without a gap.
//
// A line costs an append to a buffer; the server writes the buffer once per turn of its loop. The lines stay in the file (or in an
// anonymous one in memory) and are read back from there, so a long run does not grow the process by its history.
//
// Promise    Opening an existing file goes on with its numbering. What flush() returned from survives the end of this process.
// Threads    One.
// Failure    Throws base::Misconfigured when the file cannot be opened, base::Unavailable when it cannot be written.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace countersign::sandbox {

class Journal {
 public:
  explicit Journal(const std::string& path);  // empty: in memory
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Takes the text of a non-empty JSON object and puts "n" in front of its members.
  void append(std::string_view object);
  void flush();
  // Called at the first append after a flush.
  void on_first_append(std::function<void()> wake) { wake_ = std::move(wake); }

  std::uint64_t last() const noexcept { return ends_.size(); }
  // Up to `limit` lines after number `after`, joined by commas.
  std::string page(std::uint64_t after, std::uint64_t limit);

 private:
  void index_existing_lines();
  void write_all(std::string_view bytes);
  std::uint64_t end_of(std::uint64_t n) const { return n == 0 ? 0 : ends_[n - 1]; }

  int file_ = -1;
  std::string buffer_;
  std::vector<std::uint64_t> ends_;  // offset behind line n at n - 1
  std::function<void()> wake_;
};

}  // namespace countersign::sandbox
