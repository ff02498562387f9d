#pragma once

// BenchJournal: what the stand-in for the tools wrote down of a benchmark, read afterwards from its file.
//
// The tool is a process of its own, and not the one that generates the load, so that what is measured is the way to a tool as the fleet has
// it, and the stand-in's record is evidence of what was done that the fleet and the benchmark cannot have made up.
//
// Failure    Throws BadInput when the file cannot be read.

#include <cstdint>
#include <string>

#include "cli/bench_book.hpp"

namespace countersign::cli {

class BenchJournal {
 public:
  // What stands in the file now is left out.
  explicit BenchJournal(std::string path);
  // Writes every effect since into the book; those that concern none of its tickets are counted.
  void copy_effects(BenchBook& book);
  std::uint64_t foreign() const noexcept { return foreign_; }

 private:
  std::string path_;
  std::int64_t begin_ = 0;
  std::uint64_t foreign_ = 0;
};

}  // namespace countersign::cli
