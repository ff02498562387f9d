#pragma once

// Endpoint: where a tenant wants to be told, of what, and how patiently.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/document.hpp"

namespace countersign::catalog {

struct Endpoint {
  std::string tenant;
  std::string name;
  std::int64_t version = 0;
  std::string url;
  std::vector<std::string> types;    // "*": all
  std::vector<std::string> secrets;  // names of files in the secrets directory
  std::chrono::milliseconds timeout{};
  std::vector<std::chrono::milliseconds> schedule;  // waits before the 1st, 2nd, … attempt; default_schedule() when the document has none
  bool ordered = false;
  bool enabled = true;

  bool wants(std::string_view type) const;
};

// 0 s, 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
std::vector<std::chrono::milliseconds> default_schedule();

// Refuses with document_invalid; the detail lists every mistake.
base::Result<Endpoint> parse_endpoint(const Document& document);

}  // namespace countersign::catalog
