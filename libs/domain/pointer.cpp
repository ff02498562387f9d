#include "domain/pointer.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "domain/value.hpp"

namespace countersign::domain {

namespace {

constexpr std::size_t most_bytes = 1024;
constexpr std::size_t deepest_pointer = 32;

base::Result<std::string> unescape(std::string_view raw) {
  std::string token;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '~') {
      token += raw[i];
      continue;
    }
    if (++i == raw.size() || (raw[i] != '0' && raw[i] != '1'))
      return base::refuse("pointer_invalid", "in a pointer `~` is written ~0, and `/` in a name ~1");
    token += raw[i] == '0' ? '~' : '/';
  }
  return token;
}

bool control_character(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::optional<std::size_t> index_of(const std::string& token) {
  if (token.empty() || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  return index;
}

const Value* child_of(const Value& parent, const std::string& token) noexcept {
  if (const auto* object = parent.object()) {
    const auto member = object->find(token);
    return member == object->end() ? nullptr : &member->second;
  }
  const auto* list = parent.list();
  if (list == nullptr) return nullptr;
  const auto index = index_of(token);
  return index && *index < list->size() ? &(*list)[*index] : nullptr;
}

}  // namespace

base::Result<Pointer> Pointer::parse(std::string_view text) {
  if (text.size() > most_bytes) return base::refuse("pointer_invalid", "a pointer is at most 1 KiB long");
  if (std::any_of(text.begin(), text.end(), control_character))
    return base::refuse("pointer_invalid", "a pointer holds no control characters");
  if (!text.empty() && text[0] != '/') return base::refuse("pointer_invalid", "a pointer begins with a slash");
  Pointer pointer;
  pointer.text_ = text;
  while (!text.empty()) {
    text.remove_prefix(1);
    auto token = unescape(text.substr(0, text.find('/')));
    if (!token) return tl::unexpected(token.error());
    pointer.tokens_.push_back(*std::move(token));
    if (pointer.tokens_.size() > deepest_pointer) return base::refuse("pointer_invalid", "a pointer has at most 32 levels");
    text.remove_prefix(std::min(text.find('/'), text.size()));
  }
  return pointer;
}

Pointer Pointer::child(std::string_view token) const {
  Pointer below = *this;
  below.tokens_.emplace_back(token);
  below.text_ += '/';
  for (const char c : token) {
    if (c == '~')
      below.text_ += "~0";
    else if (c == '/')
      below.text_ += "~1";
    else
      below.text_ += c;
  }
  return below;
}

const Value* find_at(const Value& document, const Pointer& pointer) noexcept {
  const Value* at = &document;
  for (const auto& token : pointer.tokens()) {
    at = child_of(*at, token);
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace countersign::domain
