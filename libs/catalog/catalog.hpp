#pragma once

// Catalog: the configuration that is active now. Snapshot: one revision of it, complete and unchanging.
//
// Promise    A snapshot is never half of a revision. One that does not parse never replaces one that does.
// Threads    current() and ready() may be called from any thread; refresh() from one at a time.
// Ownership  A snapshot lives as long as somebody holds it; pointers into it live as long as the snapshot.
// Failure    refresh() refuses with configuration_unreadable, listing every mistake, and the catalog is not ready until a later refresh
//            succeeds; it throws what Session throws.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "catalog/endpoint.hpp"
#include "catalog/mailbox.hpp"
#include "catalog/message_template.hpp"
#include "catalog/people.hpp"
#include "catalog/playbook.hpp"
#include "catalog/realm.hpp"
#include "catalog/tool_manifest.hpp"
#include "policy/evaluate.hpp"
#include "policy/floor.hpp"
#include "postgres/session.hpp"

namespace countersign::catalog {

class Snapshot {
 public:
  // Every document that does not parse is listed in the refusal.
  static base::Result<std::shared_ptr<const Snapshot>> make(std::int64_t revision, const std::vector<Document>& documents);

  std::int64_t revision() const noexcept { return revision_; }

  const Tenant* find_tenant(std::string_view tenant) const;
  const Realm* find_realm(std::string_view name) const;
  // The realm of a topic: "tickets" is main's, "tickets.acme" is acme's.
  const Realm* find_realm_of_topic(std::string_view topic) const;
  const std::map<std::string, Realm, std::less<>>& realms() const noexcept { return realms_; }
  // A tool of the tenant's own comes before one for all tenants.
  const ToolManifest* find_tool(std::string_view tenant, std::string_view name) const;
  // All active policies of the tenant, compiled into one; null when there are none, and then nothing is allowed.
  const policy::CompiledPolicy* policy(std::string_view tenant) const;
  // name@version of its active policies and floors, sorted.
  const std::vector<std::string>& policy_labels(std::string_view tenant) const;
  // All active floors of the tenant together; policy::default_floor() when there are none.
  const policy::Floor& floor(std::string_view tenant) const;
  const Constant* find_constant(std::string_view tenant, std::string_view name) const;
  std::vector<const Endpoint*> endpoints(std::string_view tenant) const;
  // The tenant's own and those for all, highest priority first; among equals the tenant's own, then by name.
  std::vector<const Playbook*> playbooks(std::string_view tenant) const;
  // A template of the tenant's own comes before one for all tenants.
  const MessageTemplate* find_template(std::string_view tenant, std::string_view name) const;
  const Mailbox* find_mailbox(std::string_view tenant, std::string_view name) const;
  std::vector<const Mailbox*> mailboxes(std::string_view tenant) const;
  // As the active documents have it, believed or not: for showing. Who may decide is trust.hpp's to say.
  std::vector<const Person*> people(std::string_view tenant) const;
  std::vector<const Issuer*> issuers(std::string_view tenant) const;

 private:
  using Name = std::pair<std::string, std::string>;  // tenant, name
  struct Filler;
  friend struct Filler;

  std::int64_t revision_ = 0;
  std::map<std::string, Tenant, std::less<>> tenants_;
  std::map<std::string, Realm, std::less<>> realms_;
  std::map<Name, Constant> constants_;
  std::map<Name, Endpoint> endpoints_;
  std::map<Name, ToolManifest> tools_;
  std::map<Name, Playbook> playbooks_;
  std::map<Name, MessageTemplate> templates_;
  std::map<Name, Mailbox> mailboxes_;
  std::map<Name, Person> people_;
  std::map<Name, Issuer> issuers_;
  std::map<std::string, policy::Floor, std::less<>> floors_;
  std::map<std::string, policy::CompiledPolicy, std::less<>> policies_;
  std::map<std::string, std::vector<std::string>, std::less<>> policy_labels_;
};

class Catalog {
 public:
  explicit Catalog(std::vector<std::string> kinds);  // what this service needs: {"tenant", "tool", …}

  // Null until the first refresh succeeds.
  std::shared_ptr<const Snapshot> current() const;
  bool ready() const;
  // Compares the revision and reloads when it moved. True when a new snapshot is there.
  base::Result<bool> refresh(postgres::Session& session);

 private:
  base::Result<bool> accept(base::Result<std::shared_ptr<const Snapshot>> loaded);

  const std::vector<std::string> kinds_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> current_;
  bool ready_ = false;
};

}  // namespace countersign::catalog
