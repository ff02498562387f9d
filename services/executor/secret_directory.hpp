#pragma once

// SecretDirectory: secrets by name, one file each, as an operator or an orchestrator mounts them.
//
// Threads    find() may be called from any thread.
// Time       A file is read again after two seconds, so that a rotated secret is picked up without a restart.

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace countersign::executor {

class SecretDirectory {
 public:
  SecretDirectory(std::filesystem::path directory, const base::Clock& clock) : directory_(std::move(directory)), clock_(clock) {}

  // The first line of the file. Absent when the name is no plain file name, or when the file is missing, empty or over 8 KiB.
  std::optional<base::Secret> find(const std::string& name) const;

 private:
  struct Entry {
    std::optional<base::Secret> secret;
    base::SteadyTime read_at;
  };

  std::filesystem::path directory_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Entry> entries_;
};

}  // namespace countersign::executor
