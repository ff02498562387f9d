#pragma once

// locking: the request for a batch that no topic caused and that locks these tickets.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/batch_runner.hpp"

namespace countersign::executor {

inline pipeline::BatchRequest locking(std::vector<std::string> keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  pipeline::BatchRequest request;
  request.keys = std::move(keys);
  request.acquaintance = pipeline::Acquaintance::known;
  return request;
}

}  // namespace countersign::executor
