#include "cli/people.hpp"

#include <nlohmann/json.hpp>

#include "catalog/document_applier.hpp"
#include "cli/document_file.hpp"
#include "cli/exit_codes.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/base64.hpp"
#include "crypto/jws.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;

// Whom the tokens name; that they are right is checked where the document is written.
std::string claimed_signers(const std::vector<std::string>& tokens) {
  std::string names;
  for (const auto& token : tokens) {
    const auto claims = crypto::UnverifiedJws::read(token, contracts::token_types::change).and_then([](const auto& jws) {
      return contracts::decode_change_claims(jws.claimed_payload());
    });
    names += (names.empty() ? "" : ", ") + (claims ? claims->subject : "?");
  }
  return names.substr(0, 256);
}

std::optional<catalog::Founders> founders_in(const std::string& file) {
  if (file.empty()) return std::nullopt;
  auto founders = catalog::read_founders_file(file);
  if (!founders) throw BadInput(founders.error().detail);
  return std::move(*founders);
}

int change_refused(const base::Refusal& refusal, const Console& console) {
  console.refuse(refusal);
  return refusal.code == "signatures_insufficient" ? exit_not_well : exit_bad_input;
}

}  // namespace

int register_document(const Reach& reach, const RegisterWish& wish, const Console& console) {
  const auto document = read_document_file(wish.file);
  if (document.kind != wish.kind) throw BadInput(wish.file + " is a document of kind " + document.kind + ", not " + wish.kind);
  std::vector<std::string> tokens;
  for (const auto& file : wish.signature_files) tokens.push_back(read_text_file(file));
  const auto founders = founders_in(wish.founders_file);
  const auto signers = claimed_signers(tokens);
  auto session = open_database(database_settings(reach, "core"));
  const auto report = catalog::DocumentApplier(session).register_signed(document, tokens, wish.environment, signers, founders);
  if (!report) return change_refused(report.error(), console);
  console.give({{"document", document.label()}, {"digest", document.digest}, {"revision", report->revision}, {"signers", signers}});
  console.say("registered  " + document.label() + ", signed by " + signers);
  console.say("Revision " + std::to_string(report->revision) + ". The approval service reads it within seconds.");
  return exit_well;
}

int print_founders(const FoundersWish& wish, const Console& console) {
  const auto before = founders_in(wish.keep_file);
  const auto documents = catalog::read_directory(wish.folder);
  if (!documents) return change_refused(documents.error(), console);
  json digests = json::array();
  for (const auto& sourced : *documents)
    if (catalog::about_people(sourced.document.kind)) digests.push_back(sourced.document.digest);
  if (digests.empty()) throw BadInput(wish.folder + " has no document about people");
  json file{{"documents", digests}};
  if (before)
    for (const auto& key : before->revoked_keys) file["revoked_keys"].push_back(crypto::base64url_encode(key));
  console.give(file);
  console.say(file.dump());
  return exit_well;
}

}  // namespace countersign::cli
