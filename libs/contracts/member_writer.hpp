#pragma once

// MemberWriter: puts a JSON object together for a struct encoder; the counterpart of MemberReader. What is absent is not written.
//
// Every member becomes canonical text at once, and the members are put in order of their names: no tree is built.
//
// Ownership  Borrows the names, which are literals in ASCII. A name that is put again takes the place of the first.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "base/uuid.hpp"
#include "contracts/json.hpp"

namespace countersign::contracts {

class MemberWriter {
 public:
  MemberWriter() { members_.reserve(usual_members); }

  MemberWriter& put(const char* name, const std::string& text);
  MemberWriter& put(const char* name, std::int64_t number);
  MemberWriter& put(const char* name, bool yes);
  MemberWriter& put(const char* name, const Json& value);
  MemberWriter& put(const char* name, const base::Uuid& id);
  MemberWriter& put(const char* name, const base::Money& money);
  MemberWriter& put(const char* name, const std::vector<std::string>& texts);
  MemberWriter& part(const char* name, const MemberWriter& object);
  MemberWriter& part(const char* name, const nlohmann::json& value);
  MemberWriter& spelled(const char* name, std::string_view value);  // which is JSON already; canonical if the object shall be

  template <typename T>
  MemberWriter& put(const char* name, const std::optional<T>& member) {
    return member ? put(name, *member) : *this;
  }
  MemberWriter& unless_empty(const char* name, const std::vector<std::string>& texts) { return texts.empty() ? *this : put(name, texts); }

  // An array with the object that `write` makes of each item.
  template <typename Item, typename Write>
  MemberWriter& list(const char* name, const std::vector<Item>& items, Write write) {
    const std::size_t from = values_.size();
    append_list(items, values_, write);
    return keep(name, from);
  }
  template <typename Item, typename Write>
  static void append_list(const std::vector<Item>& items, std::string& text, Write write) {
    text.push_back('[');
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) text.push_back(',');
      write(items[i]).append_to(text);
    }
    text.push_back(']');
  }

  std::string text() const;  // canonical JSON
  void append_to(std::string& text) const;

 private:
  static constexpr std::size_t usual_members = 12;

  struct Member {
    const char* name;
    std::size_t from, to;  // in values_
  };

  MemberWriter& keep(const char* name, std::size_t from);

  std::string values_;  // in the order in which they were put
  std::vector<Member> members_;
};

}  // namespace countersign::contracts
