#include "cli/bench_journal.hpp"

#include <charconv>
#include <fstream>

#include "cli/exit_codes.hpp"

namespace countersign::cli {

namespace {

// The lines are the stand-in's own, flat and without blanks, and there are many of them: parsing each would take longer than the benchmark.
std::string_view member(std::string_view line, std::string_view name) {
  const auto at = line.find("\"" + std::string(name) + "\":");
  if (at == std::string_view::npos) return {};
  auto value = line.substr(at + name.size() + 3);
  if (value.starts_with('"')) return value.substr(1, value.find('"', 1) - 1);
  return value.substr(0, value.find_first_of(",}"));
}

std::ifstream open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw BadInput("the journal " + path + " cannot be read");
  return file;
}

}  // namespace

BenchJournal::BenchJournal(std::string path) : path_(std::move(path)) {
  auto file = open(path_);
  file.seekg(0, std::ios::end);
  begin_ = file.tellg();
}

void BenchJournal::copy_effects(BenchBook& book) {
  auto file = open(path_);
  file.seekg(begin_);
  for (std::string line; std::getline(file, line);) {
    const auto time = member(line, "at_ns");
    if (time.empty()) continue;  // a webhook
    const auto index = book.find_named_in(member(line, "target"));
    std::int64_t at = 0;
    std::from_chars(time.data(), time.data() + time.size(), at);
    if (index)
      book.note_effect(*index, at);
    else
      ++foreign_;
  }
}

}  // namespace countersign::cli
