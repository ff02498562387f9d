#pragma once

// Secret: text that must not be printed. Reading it takes a visible word.

#include <string>
#include <utility>

namespace countersign::base {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const noexcept { return value_; }
  bool empty() const noexcept { return value_.empty(); }

 private:
  std::string value_;
};

}  // namespace countersign::base
