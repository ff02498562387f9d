#pragma once

// Mistakes: everything that is wrong with a document, so that its author hears all of it at once.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "catalog/document.hpp"
#include "domain/pointer.hpp"

namespace countersign::catalog {

class Mistakes {
 public:
  void add(const std::string& sentence) { text_ += (text_.empty() ? "" : "; ") + sentence; }
  void check(bool fine, const std::string& sentence) {
    if (!fine) add(sentence);
  }
  bool any() const noexcept { return !text_.empty(); }
  tl::unexpected<base::Refusal> refusal(const char* code) const { return base::refuse(code, text_); }

  // An invalid pointer is noted and becomes the whole document.
  domain::Pointer pointer(const std::string& text) {
    auto parsed = domain::Pointer::parse(text);
    if (parsed) return *std::move(parsed);
    add(text + ": " + parsed.error().detail);
    return {};
  }

 private:
  std::string text_;
};

// What every parser checks first: the kind, and the body against the schema of the kind. After that members may be read without asking.
base::Result<void> check_kind(const Document& document, const char* kind);

// The text of a member that may be missing.
std::optional<std::string> find_text(const nlohmann::json& body, const char* name);

// Whether the text of `pointer` is that of `ancestor` or lies below it.
inline bool lies_within(std::string_view pointer, std::string_view ancestor) {
  return pointer.starts_with(ancestor) && (pointer.size() == ancestor.size() || pointer[ancestor.size()] == '/');
}

}  // namespace countersign::catalog
