#include "postgres/parameters.hpp"

namespace countersign::postgres {

std::size_t Parameters::total_bytes() const noexcept {
  std::size_t total = 0;
  for (const auto& value : values_) total += value ? value->size() : 0;
  return total;
}

std::vector<const char*> Parameters::pointers() const {
  std::vector<const char*> pointers;
  pointers.reserve(values_.size());
  for (const auto& value : values_) pointers.push_back(value ? value->data() : nullptr);
  return pointers;
}

std::vector<int> Parameters::lengths() const {
  std::vector<int> lengths;
  lengths.reserve(values_.size());
  for (const auto& value : values_) lengths.push_back(value ? static_cast<int>(value->size()) : 0);
  return lengths;
}

void Parameters::add_value(unsigned oid, std::string encoded) {
  oids_.push_back(oid);
  values_.emplace_back(std::move(encoded));
}

void Parameters::add_null(unsigned oid) {
  oids_.push_back(oid);
  values_.emplace_back(std::nullopt);
}

}  // namespace countersign::postgres
