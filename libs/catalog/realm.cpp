#include "catalog/realm.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/mistakes.hpp"

namespace countersign::catalog {

bool Realm::carries(std::string_view tenant) const { return std::find(tenants.begin(), tenants.end(), tenant) != tenants.end(); }

bool Realm::verifies(std::string_view ticket_pointer) const {
  return std::any_of(verified_fields.begin(), verified_fields.end(), [&](const auto& field) { return lies_within(ticket_pointer, field); });
}

std::string Realm::topic(std::string_view base) const { return std::string(base) + (name == "main" ? "" : "." + name); }

base::Result<Tenant> parse_tenant(const Document& document) {
  if (auto fine = check_kind(document, "tenant"); !fine) return tl::unexpected(fine.error());
  return Tenant{document.name, document.version, document.body.value().at("display_name")};
}

base::Result<Realm> parse_realm(const Document& document) {
  if (auto fine = check_kind(document, "realm"); !fine) return tl::unexpected(fine.error());
  const auto& body = document.body.value();
  Mistakes mistakes;
  Realm realm{document.name,
              document.version,
              body.at("tenants"),
              body.at("trust").at("requester") == "authenticated",
              body.at("trust").at("verified_fields"),
              body.at("trust").value("actor", "unverified") == "authenticated"};
  for (const auto& field : realm.verified_fields) mistakes.pointer(field);
  // A realm's name ends its topics' names, where a dot would make two of one.
  mistakes.check(realm.name.find('.') == std::string::npos, "a realm's name has no dot");
  if (mistakes.any()) return mistakes.refusal("document_invalid");
  return realm;
}

base::Result<Constant> parse_constant(const Document& document) {
  if (auto fine = check_kind(document, "constant"); !fine) return tl::unexpected(fine.error());
  return Constant{document.tenant, document.name, document.version, contracts::Json(document.body.value().at("value"))};
}

}  // namespace countersign::catalog
