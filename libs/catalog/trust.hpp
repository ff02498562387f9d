#pragma once

// Trust: which documents about people and issuers are believed, and the directory that they make.
//
// A document is believed if the founders file names its digest, or if two different believed people of its tenant, neither of whom it is
// about, signed it. Belief spreads in rounds from the founders outwards. Of each name the highest believed version counts; activation is
// not asked. So whoever can write the database alone can neither add a person nor bring back what was replaced.
//
// A signature counts if it was made with a key that any believed version of the signer had: to retire a person does not undo those they
// vouched for. A key that was stolen, not merely given up, belongs among the founders file's revoked keys.
//
// A key (by name or by bytes) belongs to whoever has it first in the order of rounds; a document that claims another one's key is not
// believed, and two that claim the same key in one round are both refused, for they would be one human counted twice. An identity that two
// people have counts for neither.
//
// Promise    The same material gives the same directory, in any order. More documents and signatures without two believed signers change
//            nothing.
// Not ours   Rows that vanish: a reader that keeps what it has read and adds it to what it reads next is not rolled back by them.
// Threads    Immutable once made; any thread.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "catalog/document.hpp"
#include "catalog/people.hpp"
#include "postgres/session.hpp"

namespace countersign::catalog {

// One row of core.signature.
struct ChangeSignature {
  std::string tenant;
  std::string kind;
  std::string name;
  std::int64_t version = 0;
  std::string person;
  std::string jws;

  friend auto operator<=>(const ChangeSignature&, const ChangeSignature&) = default;
};

// All versions of all documents of the kinds person and issuer, and what was signed about them.
struct TrustMaterial {
  std::vector<Document> documents;
  std::vector<ChangeSignature> signatures;
  std::vector<std::string> unreadable;  // sentences about rows that are no documents, or other ones than they say

  // With what `before` had and this has not.
  void keep(const TrustMaterial& before);
};

// {"documents":["sha256 hex",…],"revoked_keys":["base64url of a public key",…]}; the second may be missing.
struct Founders {
  std::set<std::string, std::less<>> documents;
  std::set<std::string, std::less<>> revoked_keys;  // 32 bytes each
};

// Refuses with founders_invalid.
base::Result<Founders> parse_founders(std::string_view text);
base::Result<Founders> read_founders_file(const std::string& path);

class Directory {
 public:
  struct Doubt {
    std::string label;   // person acme/ada@2
    std::string reason;  // for operators
  };

  Directory() = default;  // believes nobody
  static Directory believe(const TrustMaterial& material, const Founders& founders, std::string_view environment);

  // Not retired. nullptr when nobody is believed to be that.
  const Person* find_person(std::string_view tenant, std::string_view name) const;
  const Person* find_person_of(std::string_view tenant, const Identity& identity) const;
  const Issuer* find_issuer(std::string_view tenant, std::string_view name) const;
  std::vector<const Person*> people(std::string_view tenant) const;
  std::vector<const Issuer*> issuers(std::string_view tenant) const;
  // The person of whom `requester` is the name or an alias.
  const Person* find_person_behind(std::string_view tenant, std::string_view requester) const;

  // Also the keys that an earlier believed version had, but none that is revoked: for what was signed before a key was given up.
  const std::vector<PublicKey>& keys_of_all_versions(const Person& person) const;
  const std::vector<PublicKey>& keys_of_all_versions(const Issuer& issuer) const;

  bool believes(std::string_view digest) const { return believed_.contains(digest); }
  // Everything that was not believed, and identities that count for nobody.
  const std::vector<Doubt>& doubts() const noexcept { return doubts_; }

 private:
  using Name = std::pair<std::string, std::string>;  // tenant, name
  friend class Believer;
  void settle_identities();

  std::map<Name, Person> people_;  // the highest believed version, retired ones too
  std::map<Name, Issuer> issuers_;
  std::map<Name, std::vector<PublicKey>> person_keys_;  // of all believed versions
  std::map<Name, std::vector<PublicKey>> issuer_keys_;
  std::map<std::pair<std::string, Identity>, std::string> identities_;  // (tenant, identity) → name
  std::set<std::string, std::less<>> believed_;                         // digests
  std::vector<Doubt> doubts_;
};

// Whether `jws` is this document's second-person consent: token, type, audience, and that its claims are the document's. The signer's own
// trust is not judged. Refuses with signature_wrong and what the token's reader refuses.
base::Result<void> check_change_signature(const Document& document, const ChangeSignature& signature, const std::vector<PublicKey>& keys,
                                          std::string_view environment);

// Throws what Session throws.
TrustMaterial load_trust_material(postgres::Session& session);

}  // namespace countersign::catalog
