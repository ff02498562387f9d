#include "cli/console.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace countersign::cli {

namespace {

using nlohmann::json;

// Characters, not bytes; wide characters do not occur in what we show often enough to matter.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// What others wrote may hold control characters, which a terminal would obey.
std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

bool draws(bool for_programs) { return !for_programs && ::isatty(STDERR_FILENO) != 0; }

}  // namespace

std::string shown(const json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return printable(value.get<std::string>());
  if (value.is_array() && std::all_of(value.begin(), value.end(), [](const json& one) { return one.is_string(); })) {
    std::string text;
    for (const auto& one : value) text += (text.empty() ? "" : " ") + one.get<std::string>();
    return text.empty() ? "-" : printable(text);
  }
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace));
}

void Console::say(const std::string& line) const {
  if (json_) return;
  std::puts(line.c_str());
  std::fflush(stdout);
}

void Console::give(const nlohmann::json& document) const {
  if (!json_) return;
  std::puts(document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  std::fflush(stdout);
}

void Console::table(const std::vector<std::string>& columns, const std::vector<nlohmann::json>& rows, const std::string& none) const {
  if (json_) return;
  if (rows.empty()) return say(none);
  std::vector<std::vector<std::string>> cells{columns};
  for (const auto& row : rows) {
    cells.emplace_back();
    for (const auto& column : columns) cells.back().push_back(row.contains(column) ? shown(row.at(column)) : "-");
  }
  std::vector<std::size_t> widths(columns.size(), 0);
  for (const auto& line : cells)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  for (const auto& line : cells) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i)
      text += line[i] + (i + 1 < line.size() ? std::string(widths[i] - width_of(line[i]) + 2, ' ') : "");
    say(text);
  }
}

void Console::warn(const std::string& line) const {
  std::fflush(stdout);
  std::fprintf(stderr, "countersign: %s\n", line.c_str());
}

void Console::draw_progress(const std::string& what, std::int64_t done, std::int64_t all) const {
  if (!draws(json_)) return;
  constexpr std::int64_t cells = 30;
  const std::int64_t full = all > 0 ? std::min(cells, done * cells / all) : cells;
  const std::string bar = std::string(static_cast<std::size_t>(full), '#') + std::string(static_cast<std::size_t>(cells - full), '.');
  std::fprintf(stderr, "\r%s [%s] %lld of %lld", what.c_str(), bar.c_str(), static_cast<long long>(done), static_cast<long long>(all));
  std::fflush(stderr);
}

void Console::clear_progress() const {
  if (!draws(json_)) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
}

}  // namespace countersign::cli
