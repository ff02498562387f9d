#pragma once

// SecretFiles: secrets by name from the secrets directory, one file each.
//
// Threads    find() from any thread.
// Time       A file is read again after two seconds, so that a rotation needs no restart.

#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace countersign::outbox {

// The first line of the file. Empty when the name is no plain file name, or the file is missing, empty or over 8 KiB.
base::Secret read_secret_file(const std::filesystem::path& directory, const std::string& name);

inline constexpr std::chrono::seconds read_again_after{2};

class SecretFiles {
 public:
  SecretFiles(std::filesystem::path directory, const base::Clock& clock) : directory_(std::move(directory)), clock_(clock) {}

  base::Secret find(const std::string& name) const;

 private:
  struct Entry {
    base::Secret secret;
    base::SteadyTime read_at;
  };

  std::filesystem::path directory_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, Entry> entries_;
};

}  // namespace countersign::outbox
