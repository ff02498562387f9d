#pragma once

// MemberWriter: puts a JSON object together for a struct encoder; the counterpart of MemberReader. What is absent is not written.

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/money.hpp"
#include "base/uuid.hpp"
#include "contracts/json.hpp"

namespace countersign::contracts {

class MemberWriter {
 public:
  MemberWriter();
  ~MemberWriter();
  MemberWriter(MemberWriter&&) noexcept;

  MemberWriter& put(const char* name, const std::string& text);
  MemberWriter& put(const char* name, std::int64_t number);
  MemberWriter& put(const char* name, bool yes);
  MemberWriter& put(const char* name, const Json& value);
  MemberWriter& put(const char* name, const base::Uuid& id);
  MemberWriter& put(const char* name, const base::Money& money);
  MemberWriter& put(const char* name, const std::vector<std::string>& texts);
  MemberWriter& part(const char* name, nlohmann::json&& value);

  template <typename T>
  MemberWriter& put(const char* name, const std::optional<T>& member) {
    return member ? put(name, *member) : *this;
  }
  MemberWriter& unless_empty(const char* name, const std::vector<std::string>& texts) { return texts.empty() ? *this : put(name, texts); }

  nlohmann::json take();     // afterwards the writer is empty
  std::string text() const;  // canonical JSON

 private:
  std::unique_ptr<nlohmann::json> object_;
};

}  // namespace countersign::contracts
