#include "contracts/json.hpp"

#include <mutex>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/canonical_writer.hpp"
#include "contracts/guarded_json.hpp"

namespace countersign::contracts {

struct Json::Content {
  explicit Content(nlohmann::json known) : value(std::move(known)) {}
  explicit Content(std::string unread) : text(std::move(unread)) {}

  const nlohmann::json& read() const {
    if (!text.empty()) std::call_once(once, [this] { value = parse(text); });
    return value;
  }

  static nlohmann::json parse(const std::string& text) {
    auto parsed = read_json(text, stored_limits);
    COUNTERSIGN_INVARIANT(parsed.has_value(), "what was stored as JSON can be read again");
    return std::move(*parsed);
  }

  const std::string text;  // empty: never stored
  mutable std::once_flag once;
  mutable nlohmann::json value;
};

Json::Json(std::shared_ptr<const Content> content) : content_(std::move(content)) {}
Json::Json(nlohmann::json value) : content_(std::make_shared<const Content>(std::move(value))) {}

Json::Json() {
  static const auto null = std::make_shared<const Content>(nlohmann::json());
  content_ = null;
}

Json Json::object() {
  static const Json empty{nlohmann::json::object()};
  return empty;
}

Json Json::array() {
  static const Json empty{nlohmann::json::array()};
  return empty;
}

Json Json::stored(std::string text) {
  if (text.empty() || text == "null") return {};
  return Json(std::make_shared<const Content>(std::move(text)));
}

const nlohmann::json& Json::value() const { return content_->read(); }

bool Json::is_null() const noexcept { return content_->text.empty() && content_->value.is_null(); }

std::string Json::text() const { return content_->text.empty() ? write_json(content_->value) : content_->text; }

bool Json::equals(const Json& other) const { return content_ == other.content_ || value() == other.value(); }

}  // namespace countersign::contracts
