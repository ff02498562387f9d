#pragma once

// Config: the approval service's settings. Trust: what its files make of them.
//
// Keys and anchors come from files and from nowhere else. Nothing is countersigned on the word of a row: the executor's request and every
// counted vote are verified again against them each time (approval_conductor.hpp), so that whoever can write the database or the log adds
// no trust. They can still withhold: end an approval, or make it last longer than it was meant to.

#include <chrono>
#include <string>

#include "approval/referral_check.hpp"
#include "catalog/trust.hpp"
#include "crypto/jwk.hpp"
#include "runtime/service_settings.hpp"

namespace countersign::approval {

struct Config {
  runtime::ServiceSettings service;
  std::chrono::milliseconds catalog_refresh{};
  std::string environment;
  std::string signing_key_file;
  std::string executor_anchors_file;
  std::string founders_file;
  std::chrono::milliseconds countersignature_validity{};

  // Every file is read while the settings are checked, so that `check-config` finds what is wrong with it.
  void declare(runtime::Settings& settings);
};

struct Trust {
  crypto::SigningKey signing_key;
  ExecutorTrust executors;
  catalog::Founders founders;
};

// Throws base::Misconfigured when a file is not what it was when the settings were checked.
Trust read_trust(const Config& config);

}  // namespace countersign::approval
