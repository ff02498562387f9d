#pragma once

// Console: where a command says what it did and found, to a person or, with --json, to a program.
//
// A person gets lines and tables; a program gets one JSON document on standard output and nothing else there. Trouble goes to standard
// error for both.
//
// Promise    Nothing that is shown to a person can move the cursor, start a command of the terminal or turn the direction of writing,
//            whoever wrote it.
// Threads    One thread.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace countersign::cli {

class Console {
 public:
  explicit Console(bool json) : json_(json) {}

  bool json() const noexcept { return json_; }
  // To a person only; a line break in it is shown as a space.
  void say(const std::string& line) const;
  // To a program only.
  void give(const nlohmann::json& document) const;
  // To a person: a table of the objects' members named in `columns`. Says `none` when there are no rows.
  void table(const std::vector<std::string>& columns, const std::vector<nlohmann::json>& rows, const std::string& none) const;
  // To both, on standard error; may have several lines.
  void warn(const std::string& line) const;
  // What was asked for is refused, and why: a document to a program, a warning to both.
  void refuse(const base::Refusal& refusal) const;
  // A bar that is redrawn in place, when standard error is a terminal and nobody asked for JSON.
  void draw_progress(const std::string& what, std::int64_t done, std::int64_t all) const;
  void clear_progress() const;

 private:
  bool json_;
};

// Without what a terminal would obey: a space for each such character, line breaks and marks of writing direction included.
std::string printable(std::string text);

// "1 line", "2 lines", "2 processes": `thing` is the singular, `things` the plural where an s is not enough.
std::string count_of(std::int64_t count, const std::string& thing, const std::string& things = {});

// A JSON value as a table shows it: text bare, absent as "-", the rest as JSON.
std::string shown(const nlohmann::json& value);
std::string shown_member(const nlohmann::json& object, const char* name);

}  // namespace countersign::cli
