#include <algorithm>
#include <iterator>

#include "catalog/catalog.hpp"
#include "catalog/floor_document.hpp"
#include "catalog/policy_document.hpp"

namespace countersign::catalog {

// Fills a snapshot document by document and keeps count of what does not parse.
struct Snapshot::Filler {
  Snapshot& snapshot;
  std::map<std::string, std::vector<policy::Policy>> policies{};
  std::string mistakes{};

  template <typename T, typename Key>
  void place(std::map<Key, T, std::less<>>& into, Key key, base::Result<T> parsed, const Document& document) {
    if (parsed) {
      into.insert_or_assign(std::move(key), std::move(*parsed));
    } else {
      note(document, parsed.error());
    }
  }

  template <typename T>
  void place(std::map<Name, T>& into, base::Result<T> parsed, const Document& document) {
    if (parsed) {
      into.insert_or_assign(Name{document.tenant, document.name}, std::move(*parsed));
    } else {
      note(document, parsed.error());
    }
  }

  void note(const Document& document, const base::Refusal& refusal) {
    mistakes += (mistakes.empty() ? "" : "\n") + document.label() + ": " + refusal.detail;
  }

  void add_policy(const Document& document) {
    auto policy = parse_policy(document);
    if (policy) {
      policies[document.tenant].push_back(std::move(*policy));
    } else {
      note(document, policy.error());
    }
  }

  void add_floor(const Document& document) {
    auto floor = parse_floor(document);
    if (!floor) return note(document, floor.error());
    auto& demands = snapshot.floors_[document.tenant].demands;
    demands.insert(demands.end(), std::make_move_iterator(floor->demands.begin()), std::make_move_iterator(floor->demands.end()));
  }

  void add(const Document& document) {
    if (document.kind == "tenant") return place(snapshot.tenants_, document.name, parse_tenant(document), document);
    if (document.kind == "realm") return place(snapshot.realms_, document.name, parse_realm(document), document);
    if (document.kind == "constant") return place(snapshot.constants_, parse_constant(document), document);
    if (document.kind == "endpoint") return place(snapshot.endpoints_, parse_endpoint(document), document);
    if (document.kind == "tool") return place(snapshot.tools_, parse_tool_manifest(document), document);
    if (document.kind == "playbook") return place(snapshot.playbooks_, parse_playbook(document), document);
    if (document.kind == "template") return place(snapshot.templates_, parse_template(document), document);
    if (document.kind == "mailbox") return place(snapshot.mailboxes_, parse_mailbox(document), document);
    if (document.kind == "person") return place(snapshot.people_, parse_person(document), document);
    if (document.kind == "issuer") return place(snapshot.issuers_, parse_issuer(document), document);
    if (document.kind == "floor") return add_floor(document);
    add_policy(document);
  }

  void keep_label(const Document& document) {
    if (document.kind != "policy" && document.kind != "floor") return;
    auto& labels = snapshot.policy_labels_[document.tenant];
    std::string label = document.name + "@" + std::to_string(document.version);
    labels.insert(std::upper_bound(labels.begin(), labels.end(), label), std::move(label));
  }

  void compile_policies() {
    for (const auto& [tenant, all] : policies) {
      std::vector<const policy::Policy*> borrowed;
      for (const auto& policy : all) borrowed.push_back(&policy);
      snapshot.policies_.emplace(tenant, policy::CompiledPolicy(borrowed));
    }
  }
};

base::Result<std::shared_ptr<const Snapshot>> Snapshot::make(std::int64_t revision, const std::vector<Document>& documents) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->revision_ = revision;
  Filler filler{*snapshot};
  for (const auto& document : documents) {
    filler.add(document);
    filler.keep_label(document);
  }
  if (!filler.mistakes.empty()) return base::refuse("configuration_unreadable", filler.mistakes);
  filler.compile_policies();
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

namespace {

template <typename Map, typename Key>
auto find_in(const Map& map, const Key& key) -> const typename Map::mapped_type* {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

// What belongs to the tenant comes before what is for all.
template <typename Map>
auto find_for(const Map& map, std::string_view tenant, std::string_view name) -> const typename Map::mapped_type* {
  const std::string wanted(name);
  const auto* own = find_in(map, std::pair{std::string(tenant), wanted});
  return own != nullptr ? own : find_in(map, std::pair{std::string("*"), wanted});
}

template <typename T>
std::vector<const T*> all_of(const std::map<std::pair<std::string, std::string>, T>& map, std::string_view tenant) {
  std::vector<const T*> all;
  for (const auto& [name, one] : map)
    if (name.first == tenant) all.push_back(&one);
  return all;
}

}  // namespace

const Tenant* Snapshot::find_tenant(std::string_view tenant) const { return find_in(tenants_, tenant); }

const Realm* Snapshot::find_realm(std::string_view name) const { return find_in(realms_, name); }

const Realm* Snapshot::find_realm_of_topic(std::string_view topic) const {
  const auto dot = topic.find('.');
  return find_realm(dot == std::string_view::npos ? "main" : topic.substr(dot + 1));
}

const ToolManifest* Snapshot::find_tool(std::string_view tenant, std::string_view name) const { return find_for(tools_, tenant, name); }

const policy::CompiledPolicy* Snapshot::policy(std::string_view tenant) const { return find_in(policies_, tenant); }

const std::vector<std::string>& Snapshot::policy_labels(std::string_view tenant) const {
  static const std::vector<std::string> none;
  const auto* labels = find_in(policy_labels_, tenant);
  return labels == nullptr ? none : *labels;
}

const Constant* Snapshot::find_constant(std::string_view tenant, std::string_view name) const { return find_for(constants_, tenant, name); }

const policy::Floor& Snapshot::floor(std::string_view tenant) const {
  const auto* floor = find_in(floors_, tenant);
  return floor != nullptr ? *floor : policy::default_floor();
}

const MessageTemplate* Snapshot::find_template(std::string_view tenant, std::string_view name) const {
  return find_for(templates_, tenant, name);
}

const Mailbox* Snapshot::find_mailbox(std::string_view tenant, std::string_view name) const {
  return find_in(mailboxes_, std::pair{std::string(tenant), std::string(name)});
}

std::vector<const Mailbox*> Snapshot::mailboxes(std::string_view tenant) const { return all_of(mailboxes_, tenant); }

std::vector<const Person*> Snapshot::people(std::string_view tenant) const { return all_of(people_, tenant); }

std::vector<const Issuer*> Snapshot::issuers(std::string_view tenant) const { return all_of(issuers_, tenant); }

std::vector<const Endpoint*> Snapshot::endpoints(std::string_view tenant) const { return all_of(endpoints_, tenant); }

std::vector<const Playbook*> Snapshot::playbooks(std::string_view tenant) const {
  std::vector<const Playbook*> all;
  for (const auto& [name, playbook] : playbooks_)
    if (name.first == tenant || name.first == "*") all.push_back(&playbook);
  std::stable_sort(all.begin(), all.end(), [](const auto* a, const auto* b) {
    if (a->priority != b->priority) return a->priority > b->priority;
    return (a->tenant != "*") > (b->tenant != "*");
  });
  return all;
}

}  // namespace countersign::catalog
