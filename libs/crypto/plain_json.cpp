#include "crypto/plain_json.hpp"

#include <algorithm>

namespace countersign::crypto {

namespace {

constexpr int most_depth = 4;

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<PlainJson> read_all() {
    auto value = read(0);
    skip_space();
    return rest_.empty() ? value : std::nullopt;
  }

 private:
  std::optional<PlainJson> read(int depth) {
    skip_space();
    if (rest_.starts_with('"')) return wrap(read_text());
    if (depth == most_depth) return std::nullopt;
    if (take('{')) return wrap(read_object(depth + 1));
    if (take('[')) return wrap(read_list(depth + 1));
    return std::nullopt;
  }

  template <typename T>
  static std::optional<PlainJson> wrap(std::optional<T> part) {
    if (!part) return std::nullopt;
    return PlainJson{std::move(*part)};
  }

  std::optional<std::string> read_text() {
    if (!take('"')) return std::nullopt;
    const auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), plain);
    std::string text(rest_.begin(), end);
    rest_.remove_prefix(text.size());
    if (!take('"')) return std::nullopt;
    return text;
  }

  std::optional<PlainJson::Object> read_object(int depth) {
    PlainJson::Object object;
    if (skip_space(), take('}')) return object;
    do {
      skip_space();
      auto name = read_text();
      if (!name || (skip_space(), !take(':'))) return std::nullopt;
      auto member = read(depth);
      if (!member || !object.emplace(std::move(*name), std::move(*member)).second) return std::nullopt;
      skip_space();
    } while (take(','));
    if (!take('}')) return std::nullopt;
    return object;
  }

  std::optional<PlainJson::List> read_list(int depth) {
    PlainJson::List list;
    if (skip_space(), take(']')) return list;
    do {
      auto item = read(depth);
      if (!item) return std::nullopt;
      list.push_back(std::move(*item));
      skip_space();
    } while (take(','));
    if (!take(']')) return std::nullopt;
    return list;
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }

  std::string_view rest_;
};

}  // namespace

std::optional<PlainJson> PlainJson::parse(std::string_view text) { return Reader(text).read_all(); }

const std::string* PlainJson::text(std::string_view name) const {
  const auto* members = object();
  if (members == nullptr) return nullptr;
  const auto member = members->find(name);
  return member == members->end() ? nullptr : std::get_if<std::string>(&member->second.value);
}

}  // namespace countersign::crypto
