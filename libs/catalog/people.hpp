#pragma once

// Person, Issuer: who may decide, and who may pass on what they decided. As a document says it: whether the document is to be believed is
// trust.hpp's question, and nobody may decide anything on the strength of an active row alone.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "base/result.hpp"
#include "catalog/document.hpp"
#include "domain/requirement.hpp"
#include "domain/risk.hpp"

namespace countersign::catalog {

struct PublicKey {
  std::string kid;
  std::string bytes;  // 32

  friend bool operator==(const PublicKey&, const PublicKey&) = default;
};

// By whom else the person is known: to this issuer, as this subject.
struct Identity {
  std::string issuer;
  std::string subject;

  friend auto operator<=>(const Identity&, const Identity&) = default;
};

struct Person {
  std::string tenant;
  std::string name;
  std::int64_t version = 0;
  std::string digest;
  std::string display_name;
  std::optional<std::string> email;
  std::vector<std::string> roles;
  std::vector<Identity> identities;
  std::vector<PublicKey> keys;
  std::vector<std::string> aliases;  // requester ids that are this person
  bool retired = false;

  domain::Approver approver() const;
};

// What an issuer may vouch for: these people, and of the actions those that pass all limits that are given.
struct VouchingLimits {
  std::vector<std::string> people;  // "*": everybody
  std::vector<std::string> tools;   // empty: any
  std::vector<domain::RiskClass> classes;
  std::vector<base::Money> up_to;  // one per currency; empty: any amount, known or not

  bool admits_person(std::string_view person) const;
  // Null: unknown or none, which exceeds every limit.
  bool admits_action(std::string_view tool, domain::RiskClass risk, const base::Money* amount) const;
};

struct Issuer {
  std::string tenant;
  std::string name;
  std::int64_t version = 0;
  std::string digest;
  std::vector<PublicKey> keys;
  VouchingLimits may_vouch;
  bool retired = false;
};

const PublicKey* find_key(const std::vector<PublicKey>& keys, std::string_view kid);

// Refuse with document_invalid; the detail lists every mistake.
base::Result<Person> parse_person(const Document& document);
base::Result<Issuer> parse_issuer(const Document& document);

}  // namespace countersign::catalog
