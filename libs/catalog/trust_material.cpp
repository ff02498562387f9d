#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "catalog/document_row.hpp"
#include "catalog/sql.hpp"
#include "catalog/trust.hpp"
#include "contracts/guarded_json.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/jwk.hpp"

namespace countersign::catalog {

namespace {

using nlohmann::json;

ChangeSignature read_signature(const postgres::Row& row) {
  return {.tenant = row.get<std::string>(0),
          .kind = row.get<std::string>(1),
          .name = row.get<std::string>(2),
          .version = row.get<std::int64_t>(3),
          .person = row.get<std::string>(4),
          .jws = row.get<std::string>(5)};
}

bool only_texts(const json& body, const char* name) {
  return !body.contains(name) || (body.at(name).is_array() && std::all_of(body.at(name).begin(), body.at(name).end(),
                                                                          [](const auto& each) { return each.is_string(); }));
}

bool is_founders(const json& body) {
  if (!body.is_object() || !body.contains("documents")) return false;
  for (const auto& [name, value] : body.items())
    if (name != "documents" && name != "revoked_keys") return false;
  return only_texts(body, "documents") && only_texts(body, "revoked_keys");
}

}  // namespace

void TrustMaterial::keep(const TrustMaterial& before) {
  std::set<std::string> known;
  for (const auto& document : documents) known.insert(document.digest);
  for (const auto& document : before.documents)
    if (known.insert(document.digest).second) documents.push_back(document);
  std::set<ChangeSignature> present(signatures.begin(), signatures.end());
  for (const auto& signature : before.signatures)
    if (present.insert(signature).second) signatures.push_back(signature);
}

base::Result<Founders> parse_founders(std::string_view text) {
  const auto body = contracts::read_json(text);
  if (!body) return base::refuse("founders_invalid", body.error().detail);
  if (!is_founders(*body)) return base::refuse("founders_invalid", R"(expected {"documents":["sha256 hex",…],"revoked_keys":["…"]})");
  Founders founders;
  for (const auto& digest : body->at("documents")) {
    if (!crypto::Digest::from_hex(digest.get<std::string>()))
      return base::refuse("founders_invalid", "a digest is not 64 hexadecimal digits");
    founders.documents.insert(digest.get<std::string>());
  }
  for (const auto& key : body->value("revoked_keys", json::array())) {
    auto bytes = crypto::base64url_decode(key.get<std::string>());
    if (!bytes || bytes->size() != 32) return base::refuse("founders_invalid", "a revoked key is not base64url of 32 bytes");
    founders.revoked_keys.insert(std::move(*bytes));
  }
  return founders;
}

base::Result<Founders> read_founders_file(const std::string& path) {
  if (const auto owned = crypto::check_trust_file(path); !owned) return base::refuse("founders_invalid", owned.error().detail);
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::refuse("founders_invalid", path + " cannot be read");
  auto founders = parse_founders(std::string{std::istreambuf_iterator<char>(file), {}});
  if (!founders) return base::refuse("founders_invalid", path + ": " + founders.error().detail);
  return founders;
}

TrustMaterial load_trust_material(postgres::Session& session) {
  TrustMaterial material;
  for (const auto row : session.execute(sql::load_documents_about_people)) {
    auto document = read_document_row(row, 0);
    if (document) {
      material.documents.push_back(std::move(*document));
    } else {
      material.unreadable.push_back(document.error().detail);
    }
  }
  for (const auto row : session.execute(sql::load_signatures)) material.signatures.push_back(read_signature(row));
  return material;
}

}  // namespace countersign::catalog
