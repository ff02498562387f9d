#include "catalog/registration.hpp"

#include <algorithm>

#include "catalog/mistakes.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/jws.hpp"

namespace countersign::catalog {

namespace {

constexpr const char* insufficient = "signatures_insufficient";

ChangeSignature row_of(const Document& document, const std::string& person, const std::string& jws) {
  return {document.tenant, document.kind, document.name, document.version, person, jws};
}

// Who says to have signed. Only who, so that their keys can be looked up.
base::Result<std::string> claimed_signer(const std::string& jws) {
  const auto token = crypto::UnverifiedJws::read(jws, contracts::token_types::change);
  if (!token) return tl::unexpected(token.error());
  const auto claims = contracts::decode_change_claims(token->claimed_payload());
  if (!claims) return tl::unexpected(claims.error());
  return claims->subject;
}

base::Result<ChangeSignature> check_one(const Document& document, const std::string& jws, const Directory& directory,
                                        std::string_view environment) {
  const auto signer = claimed_signer(jws);
  if (!signer) return tl::unexpected(signer.error());
  const Person* person = directory.find_person(document.tenant, *signer);
  if (person == nullptr) return base::refuse(insufficient, *signer + " is nobody who may vouch for people of " + document.tenant);
  if (document.kind == "person" && document.name == *signer)
    return base::refuse(insufficient, *signer + " cannot vouch for a document about themselves");
  auto row = row_of(document, *signer, jws);
  if (auto fine = check_change_signature(document, row, person->keys, environment); !fine)
    return base::refuse(insufficient, *signer + ": " + fine.error().detail);
  return row;
}

bool newest(const Document& document, const TrustMaterial& material, const Directory& directory) {
  return std::none_of(material.documents.begin(), material.documents.end(), [&](const auto& other) {
    return other.tenant == document.tenant && other.kind == document.kind && other.name == document.name &&
           other.version > document.version && directory.believes(other.digest);
  });
}

// What belief would make of it all, with this document.
void check_outcome(const Document& document, TrustMaterial material, const std::vector<ChangeSignature>& rows, const Founders& founders,
                   std::string_view environment, Mistakes& mistakes) {
  material.documents.push_back(document);
  material.signatures.insert(material.signatures.end(), rows.begin(), rows.end());
  const auto directory = Directory::believe(material, founders, environment);
  mistakes.check(newest(document, material, directory), "a newer version of " + document.label() + " is in force");
  for (const auto& doubt : directory.doubts())
    if (doubt.label == document.label()) mistakes.add(doubt.label + ": " + doubt.reason);
  const auto person = document.kind == "person" ? parse_person(document) : base::refuse("document_invalid", "");
  if (!person || person->retired) return;
  for (const auto& identity : person->identities) {
    const Person* known = directory.find_person_of(document.tenant, identity);
    mistakes.check(known != nullptr && known->name == document.name,
                   identity.subject + " of " + identity.issuer + " belongs to somebody else already");
  }
}

}  // namespace

base::Result<std::vector<ChangeSignature>> check_registration(const Document& document, const std::vector<std::string>& signatures,
                                                              const TrustMaterial& material, const Founders& founders,
                                                              std::string_view environment) {
  Mistakes mistakes;
  const auto directory = Directory::believe(material, founders, environment);
  std::vector<ChangeSignature> rows;
  for (const auto& jws : signatures) {
    auto row = check_one(document, jws, directory, environment);
    const auto same = [&](const auto& other) { return row && other.person == row->person; };
    if (!row) {
      mistakes.add(row.error().detail);
    } else if (std::any_of(rows.begin(), rows.end(), same)) {
      mistakes.add(row->person + " has signed twice and counts once");
    } else {
      rows.push_back(std::move(*row));
    }
  }
  mistakes.check(rows.size() >= 2, "two people have to sign " + document.label());
  if (!mistakes.any()) check_outcome(document, material, rows, founders, environment, mistakes);
  if (mistakes.any()) return mistakes.refusal(insufficient);
  return rows;
}

Founders founders_by_bootstrap(const TrustMaterial& material) {
  Founders founders;
  for (const auto& document : material.documents) {
    const auto signed_for = [&](const auto& signature) {
      return signature.tenant == document.tenant && signature.kind == document.kind && signature.name == document.name &&
             signature.version == document.version;
    };
    if (std::none_of(material.signatures.begin(), material.signatures.end(), signed_for)) founders.documents.insert(document.digest);
  }
  return founders;
}

}  // namespace countersign::catalog
