#include "catalog/document.hpp"

#include <nlohmann/json.hpp>

#include "catalog/mistakes.hpp"
#include "contracts/canonical_json.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/schema_check.hpp"
#include "crypto/digest.hpp"

namespace countersign::catalog {

std::string Document::label() const { return kind + " " + (tenant == "*" ? "" : tenant + "/") + name + "@" + std::to_string(version); }

bool about_people(std::string_view kind) { return kind == "person" || kind == "issuer"; }

base::Result<Document> read_document(std::string_view bytes) {
  const auto body = contracts::read_json(bytes);
  if (!body) return base::refuse("document_malformed", body.error().detail);
  if (!body->is_object() || !body->contains("kind") || !(*body)["kind"].is_string())
    return base::refuse("document_malformed", "a document is an object with a kind");
  const std::string kind = (*body)["kind"];
  auto checked = contracts::SchemaSet::of_documents().check(kind, *body);
  if (!checked && checked.error().code == "schema_unknown")
    return base::refuse("kind_unknown", "there are no documents of kind " + kind.substr(0, 64));
  if (!checked) return tl::unexpected(std::move(checked.error()));
  const auto canonical = contracts::canonical_json(*body);
  if (!canonical) return base::refuse("document_malformed", canonical.error().detail);
  return Document{.kind = kind,
                  .tenant = body->value("tenant", "*"),
                  .name = (*body)["name"],
                  .version = (*body)["version"],
                  .body = contracts::Json(*body),
                  .digest = crypto::sha256(*canonical).hex()};
}

base::Result<void> check_kind(const Document& document, const char* kind) {
  if (document.kind != kind) return base::refuse("document_invalid", "this is not a document of kind " + std::string(kind));
  return contracts::SchemaSet::of_documents().check(kind, document.body.value());
}

std::optional<std::string> find_text(const nlohmann::json& body, const char* name) {
  return body.contains(name) ? std::optional(body.at(name).get<std::string>()) : std::nullopt;
}

}  // namespace countersign::catalog
