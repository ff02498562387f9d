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

// The length of the character at `at` if it is one that must not reach a terminal, else 0: C0, DEL, C1 (two bytes), and the marks that turn
// the direction of writing (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069), behind which an amount reads as another one.
std::size_t length_of_forbidden(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t offset) { return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U; };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) < 0xa0) return 2;
  if (byte(0) == 0xd8 && byte(1) == 0x9c) return 2;
  if (byte(0) != 0xe2) return 0;
  const bool marks = byte(1) == 0x80 && (byte(2) == 0x8e || byte(2) == 0x8f || (byte(2) >= 0xaa && byte(2) <= 0xae));
  const bool isolates = byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9;
  return marks || isolates ? 3 : 0;
}

bool draws(bool for_programs) { return !for_programs && ::isatty(STDERR_FILENO) != 0; }

}  // namespace

std::string printable(std::string text) {
  std::string clean;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = length_of_forbidden(text, at);
    clean += length == 0 ? text[at] : ' ';
    at += std::max<std::size_t>(length, 1);
  }
  return clean;
}

std::string count_of(std::int64_t count, const std::string& thing, const std::string& things) {
  return std::to_string(count) + " " + (count == 1 ? thing : things.empty() ? thing + "s" : things);
}

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

std::string shown_member(const json& object, const char* name) { return object.contains(name) ? shown(object.at(name)) : "-"; }

void Console::say(const std::string& line) const {
  if (json_) return;
  std::puts(printable(line).c_str());
  std::fflush(stdout);
}

void Console::give(const nlohmann::json& document) const {
  if (!json_) return;
  std::puts(document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  std::fflush(stdout);
}

void Console::refuse(const base::Refusal& refusal) const {
  give({{"error", refusal.code}, {"detail", refusal.detail}});
  warn(refusal.code + "\n" + refusal.detail);
}

void Console::table(const std::vector<std::string>& columns, const std::vector<nlohmann::json>& rows, const std::string& none) const {
  if (json_) return;
  if (rows.empty()) return say(none);
  std::vector<std::vector<std::string>> cells{columns};
  for (const auto& row : rows) {
    cells.emplace_back();
    for (const auto& column : columns) cells.back().push_back(shown_member(row, column.c_str()));
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
  std::string text = "countersign: ";
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find('\n', begin), line.size());
    text += printable(line.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  std::fputs(text.c_str(), stderr);
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
