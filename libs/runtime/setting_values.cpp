#include "runtime/setting_values.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace countersign::runtime {
namespace {

constexpr std::size_t most_secret_bytes = 64 * 1024;

}  // namespace

std::optional<std::int64_t> to_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::chrono::milliseconds> to_duration(std::string_view text) {
  static constexpr std::pair<std::string_view, std::int64_t> units[] = {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}};
  for (const auto& [unit, factor] : units) {
    if (!text.ends_with(unit)) continue;
    const auto count = to_integer(text.substr(0, text.size() - unit.size()));
    if (!count || *count < 0 || *count > 1'000'000'000) return std::nullopt;
    return std::chrono::milliseconds{*count * factor};
  }
  return std::nullopt;
}

std::string write_duration(std::chrono::milliseconds value) {
  const auto count = value.count();
  if (count != 0 && count % 3'600'000 == 0) return std::to_string(count / 3'600'000) + "h";
  if (count != 0 && count % 60'000 == 0) return std::to_string(count / 60'000) + "m";
  if (count != 0 && count % 1000 == 0) return std::to_string(count / 1000) + "s";
  return std::to_string(count) + "ms";
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string joined;
  for (const auto& part : parts) joined += (joined.empty() ? "" : separator) + part;
  return joined;
}

std::string read_secret(const std::string& path, std::string& content) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return "be the path of a file that this process can read";
  content.assign(std::istreambuf_iterator<char>(file), {});
  while (!content.empty() && (content.back() == '\n' || content.back() == '\r')) content.pop_back();
  if (content.empty()) return "be the path of a file that is not empty";
  return content.size() <= most_secret_bytes ? "" : "be the path of a file of at most 64 KiB";
}

}  // namespace countersign::runtime
