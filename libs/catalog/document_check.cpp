#include "catalog/document_check.hpp"

#include "catalog/endpoint.hpp"
#include "catalog/floor_document.hpp"
#include "catalog/mailbox.hpp"
#include "catalog/message_template.hpp"
#include "catalog/people.hpp"
#include "catalog/playbook.hpp"
#include "catalog/policy_document.hpp"
#include "catalog/realm.hpp"
#include "catalog/tool_manifest.hpp"

namespace countersign::catalog {

namespace {

template <typename T>
base::Result<void> verdict(const base::Result<T>& parsed) {
  if (!parsed) return tl::unexpected(parsed.error());
  return {};
}

}  // namespace

base::Result<void> check_document(const Document& document) {
  if (document.kind == "tenant") return verdict(parse_tenant(document));
  if (document.kind == "realm") return verdict(parse_realm(document));
  if (document.kind == "constant") return verdict(parse_constant(document));
  if (document.kind == "endpoint") return verdict(parse_endpoint(document));
  if (document.kind == "tool") return verdict(parse_tool_manifest(document));
  if (document.kind == "playbook") return verdict(parse_playbook(document));
  if (document.kind == "floor") return verdict(parse_floor(document));
  if (document.kind == "person") return verdict(parse_person(document));
  if (document.kind == "issuer") return verdict(parse_issuer(document));
  if (document.kind == "template") return verdict(parse_template(document));
  if (document.kind == "mailbox") return verdict(parse_mailbox(document));
  return verdict(parse_policy(document));
}

}  // namespace countersign::catalog
