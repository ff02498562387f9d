#include "catalog/trust.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "contracts/token_claims.hpp"
#include "crypto/jws.hpp"

namespace countersign::catalog {

namespace {

constexpr std::size_t signers_needed = 2;

bool same_subject(const ChangeSignature& signature, const Document& document) {
  return signature.tenant == document.tenant && signature.kind == document.kind && signature.name == document.name &&
         signature.version == document.version;
}

bool about(const contracts::ChangeClaims& claims, const Document& document) {
  return claims.tenant == document.tenant && claims.kind == document.kind && claims.name == document.name &&
         claims.version == document.version && claims.digest == document.digest;
}

// A document on its way to being believed.
struct Candidate {
  const Document* document = nullptr;
  std::optional<Person> person{};
  std::optional<Issuer> issuer{};
  bool settled = false;  // believed, or refused for good

  std::vector<PublicKey>& keys() { return person ? person->keys : issuer->keys; }
  const std::vector<PublicKey>& keys() const { return person ? person->keys : issuer->keys; }
  std::string owner() const { return document->kind + "/" + document->name; }
};

base::Result<Candidate> read_candidate(const Document& document) {
  Candidate candidate{.document = &document};
  if (document.kind == "person") {
    auto person = parse_person(document);
    if (!person) return tl::unexpected(std::move(person.error()));
    candidate.person = std::move(*person);
  } else {
    auto issuer = parse_issuer(document);
    if (!issuer) return tl::unexpected(std::move(issuer.error()));
    candidate.issuer = std::move(*issuer);
  }
  return candidate;
}

}  // namespace

base::Result<void> check_change_signature(const Document& document, const ChangeSignature& signature, const std::vector<PublicKey>& keys,
                                          std::string_view environment) {
  crypto::KeySet set;
  for (const auto& key : keys) {
    if (set.find(key.kid) != nullptr) continue;  // the same key, from several versions of its person
    if (auto added = set.add(key.kid, key.bytes); !added) return added;
  }
  const auto token = crypto::verify_jws(signature.jws, contracts::token_types::change, set);
  if (!token) return tl::unexpected(token.error());
  const auto claims = contracts::decode_change_claims(token->payload());
  if (!claims) return tl::unexpected(claims.error());
  const bool fits = claims->issuer == contracts::person_issuer && claims->subject == signature.person && about(*claims, document) &&
                    claims->audience == contracts::decision_audience(environment);
  if (!fits) return base::refuse("signature_wrong", "the signature of " + signature.person + " is about something else");
  return {};
}

// Spreads belief round by round until a round adds nothing.
class Believer {
 public:
  Believer(const TrustMaterial& material, const Founders& founders, std::string_view environment)
      : material_(material), founders_(founders), environment_(environment) {}

  Directory believe() {
    read_candidates();
    admit([this](const Candidate& candidate) { return founders_.documents.contains(candidate.document->digest); });
    while (admit([this](const Candidate& candidate) { return signers_of(candidate).size() >= signers_needed; })) {
    }
    for (const auto& candidate : candidates_)
      if (!candidate.settled)
        doubt(*candidate.document, std::to_string(signers_of(candidate).size()) + " of 2 signatures of believed people");
    for (const auto& sentence : material_.unreadable) directory_.doubts_.push_back({"a row in the database", sentence});
    directory_.settle_identities();
    return std::move(directory_);
  }

 private:
  using Claim = std::pair<std::string, std::string>;  // tenant, and a key's name or bytes
  using Version = std::tuple<std::string, std::string, std::string, std::int64_t>;

  static Version version_of(const Candidate& candidate) {
    const Document& document = *candidate.document;
    return {document.tenant, document.kind, document.name, document.version};
  }

  void doubt(const Document& document, const std::string& reason) { directory_.doubts_.push_back({document.label(), reason}); }

  void read_candidates() {
    std::map<std::string, const Document*> documents;  // by digest
    for (const auto& document : material_.documents)
      if (about_people(document.kind)) documents[document.digest] = &document;
    for (const auto& [digest, document] : documents) {
      if (auto candidate = read_candidate(*document)) {
        candidates_.push_back(std::move(*candidate));
      } else {
        doubt(*document, candidate.error().detail);
      }
    }
  }

  // One round over all that are not settled. True when it settled something.
  template <typename Eligible>
  bool admit(Eligible eligible) {
    std::vector<Candidate*> round;
    for (auto& candidate : candidates_)
      if (!candidate.settled && eligible(candidate)) round.push_back(&candidate);
    const auto claimants = claimants_of(round);
    std::map<Version, int> twins;
    for (const auto* candidate : round) ++twins[version_of(*candidate)];
    for (auto* candidate : round) {
      candidate->settled = true;
      // Only a broken database can offer two documents of one name and version. What was believed first stays; of two at once neither is.
      if (twins.at(version_of(*candidate)) > 1 || versions_.contains(version_of(*candidate))) {
        doubt(*candidate->document, "there are two of this version");
      } else if (may_have_its_keys(*candidate, claimants)) {
        take(*candidate);
      } else {
        doubt(*candidate->document, "one of its keys, or a key's name, belongs to somebody else");
      }
    }
    return !round.empty();
  }

  std::vector<Claim> claims_of(const Candidate& candidate) const {
    std::vector<Claim> claims;
    for (const auto& key : candidate.keys()) {
      claims.emplace_back(candidate.document->tenant, "kid " + key.kid);
      claims.emplace_back(candidate.document->tenant, "key " + key.bytes);
    }
    return claims;
  }

  std::map<Claim, std::set<std::string>> claimants_of(const std::vector<Candidate*>& round) const {
    std::map<Claim, std::set<std::string>> claimants;
    for (const auto* candidate : round)
      for (const auto& claim : claims_of(*candidate)) claimants[claim].insert(candidate->owner());
    return claimants;
  }

  // Whoever had a key before keeps it; what nobody had goes to nobody if two want it.
  bool may_have_its_keys(const Candidate& candidate, const std::map<Claim, std::set<std::string>>& claimants) const {
    const auto free_or_own = [&](const Claim& claim) {
      const auto owner = owners_.find(claim);
      return owner != owners_.end() ? owner->second == candidate.owner() : claimants.at(claim).size() == 1;
    };
    const auto claims = claims_of(candidate);
    return std::all_of(claims.begin(), claims.end(), free_or_own);
  }

  void take(Candidate& candidate) {
    for (const auto& claim : claims_of(candidate)) owners_.emplace(claim, candidate.owner());
    versions_.insert(version_of(candidate));
    directory_.believed_.insert(candidate.document->digest);
    std::erase_if(candidate.keys(), [this](const auto& key) { return founders_.revoked_keys.contains(key.bytes); });
    const Directory::Name name{candidate.document->tenant, candidate.document->name};
    auto& all = candidate.person ? directory_.person_keys_[name] : directory_.issuer_keys_[name];
    all.insert(all.end(), candidate.keys().begin(), candidate.keys().end());
    if (candidate.person) {
      keep_highest(directory_.people_, name, *candidate.person);
    } else {
      keep_highest(directory_.issuers_, name, *candidate.issuer);
    }
  }

  template <typename T>
  static void keep_highest(std::map<Directory::Name, T>& into, const Directory::Name& name, const T& one) {
    const auto [at, fresh] = into.try_emplace(name, one);
    if (!fresh && at->second.version < one.version) at->second = one;
  }

  // Different believed people, none of whom the document is about, whose signatures hold.
  std::set<std::string> signers_of(const Candidate& candidate) const {
    const Document& document = *candidate.document;
    std::set<std::string> signers;
    for (const auto& signature : material_.signatures) {
      const bool own = document.kind == "person" && signature.person == document.name;
      const auto keys = directory_.person_keys_.find({document.tenant, signature.person});
      if (own || keys == directory_.person_keys_.end() || !same_subject(signature, document)) continue;
      if (check_change_signature(document, signature, keys->second, environment_)) signers.insert(signature.person);
    }
    return signers;
  }

  const TrustMaterial& material_;
  const Founders& founders_;
  const std::string environment_;
  Directory directory_;
  std::vector<Candidate> candidates_;
  std::map<Claim, std::string> owners_;
  std::set<Version> versions_;  // of what is believed
};

Directory Directory::believe(const TrustMaterial& material, const Founders& founders, std::string_view environment) {
  return Believer(material, founders, environment).believe();
}

void Directory::settle_identities() {
  std::set<std::pair<std::string, Identity>> shared;
  for (const auto& [name, person] : people_) {
    if (person.retired) continue;
    for (const auto& identity : person.identities)
      if (!identities_.try_emplace({person.tenant, identity}, person.name).second) shared.insert({person.tenant, identity});
  }
  for (const auto& one : shared) {
    identities_.erase(one);
    doubts_.push_back({"identity " + one.first + "/" + one.second.issuer, one.second.subject + " is two people, so it is nobody"});
  }
}

const Person* Directory::find_person(std::string_view tenant, std::string_view name) const {
  const auto found = people_.find({std::string(tenant), std::string(name)});
  return found == people_.end() || found->second.retired ? nullptr : &found->second;
}

const Person* Directory::find_person_of(std::string_view tenant, const Identity& identity) const {
  const auto found = identities_.find({std::string(tenant), identity});
  return found == identities_.end() ? nullptr : find_person(tenant, found->second);
}

const Issuer* Directory::find_issuer(std::string_view tenant, std::string_view name) const {
  const auto found = issuers_.find({std::string(tenant), std::string(name)});
  return found == issuers_.end() || found->second.retired ? nullptr : &found->second;
}

const std::vector<PublicKey>& Directory::keys_of_all_versions(const Person& person) const {
  return person_keys_.at({person.tenant, person.name});
}

const std::vector<PublicKey>& Directory::keys_of_all_versions(const Issuer& issuer) const {
  return issuer_keys_.at({issuer.tenant, issuer.name});
}

std::vector<const Person*> Directory::people(std::string_view tenant) const {
  std::vector<const Person*> all;
  for (const auto& [name, person] : people_)
    if (person.tenant == tenant && !person.retired) all.push_back(&person);
  return all;
}

std::vector<const Issuer*> Directory::issuers(std::string_view tenant) const {
  std::vector<const Issuer*> all;
  for (const auto& [name, issuer] : issuers_)
    if (issuer.tenant == tenant && !issuer.retired) all.push_back(&issuer);
  return all;
}

const Person* Directory::find_person_behind(std::string_view tenant, std::string_view requester) const {
  for (const auto* person : people(tenant))
    if (person->name == requester || std::find(person->aliases.begin(), person->aliases.end(), requester) != person->aliases.end())
      return person;
  return nullptr;
}

}  // namespace countersign::catalog
