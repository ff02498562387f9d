#include "executor/secret_directory.hpp"

#include <algorithm>
#include <fstream>

namespace countersign::executor {

namespace {

constexpr std::chrono::seconds read_again_after{2};
constexpr std::size_t longest_secret = 8192;

bool plain_name(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= 128 && name.front() != '.' && std::all_of(name.begin(), name.end(), allowed);
}

std::optional<base::Secret> read_first_line(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  if (!in || !std::getline(in, line)) return std::nullopt;
  while (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty() || line.size() > longest_secret) return std::nullopt;
  return base::Secret(std::move(line));
}

}  // namespace

std::optional<base::Secret> SecretDirectory::find(const std::string& name) const {
  if (!plain_name(name)) return std::nullopt;
  std::lock_guard lock(mutex_);
  const auto now = clock_.steady();
  const auto known = entries_.find(name);
  if (known != entries_.end() && now - known->second.read_at < read_again_after) return known->second.secret;
  auto& entry = entries_[name];
  entry = {read_first_line(directory_ / name), now};
  return entry.secret;
}

}  // namespace countersign::executor
