#pragma once

// Settings: the command line of the stand-in.

#include <string>
#include <vector>

#include "sandbox/server.hpp"

namespace countersign::sandbox {

struct WebhookSecret {
  std::string tenant;
  std::string key;
};

struct Settings {
  Endpoint endpoint;
  std::string seed_file;
  std::string journal_file;
  std::uint64_t random_seed = 1;
  std::vector<WebhookSecret> webhook_secrets;
};

// Throws base::Misconfigured with what is wrong and how to say it right.
Settings read_settings(int argc, char** argv);

std::string read_file(const std::string& path);

}  // namespace countersign::sandbox
