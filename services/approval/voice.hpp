#pragma once

// Voice: a decision whose signature holds, with the person who speaks in it. Pure.
//
// A person speaks with a key of their own (iss "person"), or an issuer speaks for them under the subject by which it knows them. Nothing in
// the token chooses what is believed: it names a key, and the directory says whose that is.
//
// Not ours   Whether the person may say it: authority.hpp. Whether it came in time, once, and for the right approval:
//            decision_recorder.hpp.
// Threads    Any thread.
// Ownership  Points into the directory.
// Failure    Both refuse with signer_unknown, person_unknown, and what crypto/jws.hpp and contracts/token_claims.hpp refuse.

#include <string>
#include <string_view>

#include "catalog/trust.hpp"
#include "contracts/token_claims.hpp"

namespace countersign::approval {

struct Voice {
  const catalog::Person* person = nullptr;
  const catalog::Issuer* issuer = nullptr;  // null: the person's own key
  std::string kid{};
  contracts::DecisionClaims claims{};
};

base::Result<Voice> hear(std::string_view jws, std::string_view tenant, const catalog::Directory& directory);
// Of a decision that was heard before: a key that its owner has replaced since, and that nobody revoked, still proves it. It cannot be made
// again, for a person counts once.
base::Result<Voice> hear_again(std::string_view jws, std::string_view tenant, const catalog::Directory& directory);

}  // namespace countersign::approval
