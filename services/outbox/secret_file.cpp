#include "outbox/secret_file.hpp"

#include <fstream>

namespace countersign::outbox {

namespace {

constexpr std::size_t longest_secret = 8192;

// A name that could lead out of the directory is no name.
bool plain_name(const std::string& name) { return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos; }

}  // namespace

base::Secret read_secret_file(const std::filesystem::path& directory, const std::string& name) {
  if (directory.empty() || !plain_name(name)) return {};
  std::ifstream in(directory / name, std::ios::binary);
  std::string line;
  if (!in || !std::getline(in, line) || line.size() > longest_secret) return {};
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
  return base::Secret(std::move(line));
}

base::Secret SecretFiles::find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  const auto now = clock_.steady();
  const auto known = entries_.find(name);
  if (known != entries_.end() && now - known->second.read_at < read_again_after) return known->second.secret;
  return entries_.insert_or_assign(name, Entry{read_secret_file(directory_, name), now}).first->second.secret;
}

}  // namespace countersign::outbox
