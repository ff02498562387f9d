#pragma once

// MemberReader: takes the members of one JSON object apart for a struct decoder, and remembers the first thing that is wrong.
//
// Every function answers with an empty value after a mistake, so that decoders read like the structs they fill; whoever made the
// Mistake looks at it at the end. Members that nobody asks for are ignored.
//
// Texts and free-form parts are moved out, not copied: a member may be read once, and the object is only good to be thrown away afterwards.
//
// Ownership  Borrows the object and the mistake.

#include <cstdint>
#include <initializer_list>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "contracts/json.hpp"

namespace countersign::contracts {

class Mistake {
 public:
  bool made() const noexcept { return !refusal_.code.empty(); }
  const base::Refusal& refusal() const noexcept { return refusal_; }
  void note(const char* code, std::string detail) {
    if (!made()) refusal_ = {code, std::move(detail)};
  }

 private:
  base::Refusal refusal_;
};

class MemberReader {
 public:
  using Rule = bool (*)(std::string_view) noexcept;
  using Words = std::initializer_list<std::string_view>;

  // `path` is the pointer of `object`, for the details.
  MemberReader(nlohmann::json& object, std::string path, Mistake& mistake);

  std::string ruled(const char* name, Rule rule, const char* expected);
  std::string id(const char* name);
  std::string code(const char* name);
  std::string word(const char* name, Words words);
  std::string text(const char* name, std::size_t least, std::size_t most);  // in characters
  std::int64_t integer(const char* name, std::int64_t least, std::int64_t most);
  std::int64_t count(const char* name, std::int64_t least);  // up to 2^53 - 1
  bool boolean(const char* name);
  Json free_object(const char* name, std::size_t depth);
  Json free_value(const char* name, std::size_t depth);  // any value; {} has depth 1
  std::vector<std::string> codes(const char* name);
  std::vector<std::string> ruled_list(const char* name, std::size_t most, Rule rule, const char* expected);
  std::vector<std::string> texts(const char* name, std::size_t most_items, std::size_t least, std::size_t most);
  // Names of at most `most_name` characters, each with a code.
  std::map<std::string, std::string> code_map(const char* name, std::size_t most, std::size_t most_name);
  base::Money money(const char* name);
  base::Uuid uuid(const char* name);
  std::string time(const char* name);    // RFC 3339
  std::string digest(const char* name);  // SHA-256
  std::string name(const char* name);    // of a tool, a role, a person, …

  bool has(const char* name) const;
  // Calls `read` for the member when it is there; otherwise absent.
  template <typename Read>
  auto optional(const char* name, Read read) -> std::optional<decltype(read())> {
    if (!has(name)) return std::nullopt;
    return read();
  }

  // A reader of an object member. A reader after a mistake reads nothing.
  MemberReader object(const char* name);
  // One reader per item of an array of objects.
  std::vector<MemberReader> objects(const char* name, std::size_t most);

  // Refuses any other member, with claim_unknown.
  void only(Words names);
  bool intact() const noexcept { return object_ != nullptr && !mistake_->made(); }
  void refuse(const char* name, const std::string& expected);

 private:
  struct Nothing {};
  MemberReader(Nothing, std::string path, Mistake& mistake) : object_(nullptr), path_(std::move(path)), mistake_(&mistake) {}

  nlohmann::json* find(const char* name);
  template <typename Fine>
  std::vector<std::string> list(const char* name, std::size_t most, Fine fine, const std::string& expected);
  std::string at(const char* name) const { return path_ + "/" + name; }

  nlohmann::json* object_;
  std::string path_;
  Mistake* mistake_;
};

}  // namespace countersign::contracts
