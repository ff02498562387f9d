#include "catalog/cross_references.hpp"

#include <nlohmann/json.hpp>

#include "catalog/argument_schema.hpp"
#include "catalog/catalog.hpp"
#include "catalog/floor_document.hpp"
#include "catalog/policy_document.hpp"
#include "domain/source.hpp"

namespace countersign::catalog {

namespace {

using nlohmann::json;

class Checker {
 public:
  explicit Checker(const Snapshot& all) : all_(all) {}

  std::vector<DanglingReference> take_found() { return std::move(found_); }

  void check(const Document& document) {
    document_ = &document;
    if (document.tenant != "*") need_tenant(document.tenant);
    if (document.kind == "realm") check_realm(*parse_realm(document));
    if (document.kind == "playbook") check_playbook(*parse_playbook(document));
    if (document.kind == "policy") check_policy(*parse_policy(document));
    if (document.kind == "floor") check_floor(*parse_floor(document));
    if (document.kind == "template") check_template(*parse_template(document));
    if (document.kind == "tool") check_message_tool(*parse_tool_manifest(document));
  }

 private:
  void note(bool fine, const std::string& sentence) {
    if (!fine) found_.push_back({document_, sentence});
  }

  void need_tenant(const std::string& tenant) { note(all_.find_tenant(tenant) != nullptr, "there is no tenant " + tenant); }

  const ToolManifest* need_tool(const std::string& where, const std::string& name) {
    const auto* tool = all_.find_tool(document_->tenant, name);
    note(tool != nullptr,
         where + "there is no tool " + name + (document_->tenant == "*" ? " for all tenants" : " for " + document_->tenant));
    return tool;
  }

  void check_realm(const Realm& realm) {
    for (const auto& tenant : realm.tenants) need_tenant(tenant);
  }

  void check_policy(const policy::Policy& policy) {
    for (const auto& rule : policy.rules) check_rule(rule);
  }

  // A floor that names no tool would be a hole that looks like a fence.
  void check_floor(const policy::Floor& floor) {
    for (const auto& demand : floor.demands)
      for (const auto& name : demand.tools)
        if (name != "*") need_tool(demand.id + ": ", name);
  }

  void check_template(const MessageTemplate& message) {
    for (const auto& name : message.claims) need_tool("claims: ", name);
  }

  void check_message_tool(const ToolManifest& tool) {
    if (!tool.message) return;
    if (tool.tenant != "*")
      note(all_.find_mailbox(tool.tenant, tool.message->mailbox) != nullptr, "there is no mailbox " + tool.message->mailbox);
    for (const auto& name : template_names(tool)) check_template_of(tool, name);
  }

  std::vector<std::string> template_names(const ToolManifest& tool) {
    const json* at = &tool.argument_schema.value();
    for (const auto& token : tool.message->template_name.tokens()) at = &at->at("properties").at(token);
    return at->at("enum").get<std::vector<std::string>>();
  }

  void check_template_of(const ToolManifest& tool, const std::string& name) {
    const auto* message = all_.find_template(tool.tenant, name);
    note(message != nullptr, "there is no template " + name);
    if (message == nullptr) return;
    Mistakes unused;
    const ArgumentSchema arguments(tool.argument_schema.value(), unused);
    for (const auto& variable : message->variables)
      note(arguments.has(tool.message->variables.child(variable).text()), "no argument gives the template " + name + " its " + variable);
  }

  void check_playbook(const Playbook& playbook) {
    for (const auto& turn : playbook.turns)
      for (const auto& step : turn.steps) check_step("turn " + turn.on + ", step " + step.name + ": ", step);
  }

  void check_step(const std::string& where, const contracts::ProposedStep& step) {
    const auto* tool = need_tool(where, step.tool);
    if (tool == nullptr) return;
    const auto& schema = tool->argument_schema.value();
    const auto& arguments = step.arguments.value();
    for (const auto& [name, value] : arguments.items())
      note(schema.at("properties").contains(name), where + step.tool + " has no argument " + name);
    for (const auto& name : schema.value("required", json::array()))
      note(arguments.contains(name.get<std::string>()), where + "the argument " + name.get<std::string>() + " is missing");
    check_sources(where, arguments);
  }

  void check_sources(const std::string& where, const json& value) {
    if (!value.is_structured()) return;
    if (value.is_object() && value.contains("$from") && value["$from"].is_string()) {
      if (const auto source = domain::parse_source(value["$from"].get<std::string>())) check_source(where, *source);
      return;
    }
    for (const auto& inner : value) check_sources(where, inner);
  }

  void check_source(const std::string& where, const domain::Source& source) {
    if (const auto* constant = std::get_if<domain::ConstantSource>(&source.form))
      note(all_.find_constant(document_->tenant, constant->id) != nullptr, where + "there is no constant " + constant->id);
    if (const auto* derived = std::get_if<domain::DerivedSource>(&source.form))
      for (const auto& input : derived->inputs) check_source(where, input);
  }

  void check_rule(const policy::Rule& rule) {
    const std::string where = "rule " + rule.id + ": ";
    for (const auto& name : rule.tools)
      if (name != "*") need_tool(where, name);
    check_condition(where, rule.when, rule.tools);
  }

  void check_condition(const std::string& where, const policy::Condition& condition, const std::vector<std::string>& tools) {
    for (const auto& inner : condition.conditions) check_condition(where, inner, tools);
    for (const auto& value : condition.values) check_expression(where, value, tools);
  }

  void check_expression(const std::string& where, const policy::Expression& expression, const std::vector<std::string>& tools) {
    for (const auto& input : expression.inputs) check_expression(where, input, tools);
    if (expression.kind == policy::Expression::Kind::argument) need_argument(where, tools, expression.pointer);
    if (expression.kind != policy::Expression::Kind::evidence) return;
    const auto* read = need_tool(where, expression.name);
    note(read == nullptr || read->risk == domain::RiskClass::read, where + expression.name + " is not a read, so it gives no evidence");
    for (const auto& match : expression.where) {
      if (read != nullptr) need_argument(where, {expression.name}, match.evidence_argument);
      need_argument(where, tools, match.action_argument);
    }
  }

  // A pointer that leads into no argument of any tool in scope would make its rule silently unknown.
  void need_argument(const std::string& where, const std::vector<std::string>& tools, const domain::Pointer& pointer) {
    for (const auto& name : tools) {
      const auto* tool = all_.find_tool(document_->tenant, name);
      if (tool == nullptr) continue;
      Mistakes unused;
      note(ArgumentSchema(tool->argument_schema.value(), unused).has(pointer.text()), where + name + " has no argument " + pointer.text());
    }
  }

  const Snapshot& all_;
  const Document* document_ = nullptr;
  std::vector<DanglingReference> found_;
};

}  // namespace

std::vector<DanglingReference> find_dangling_references(const std::vector<Document>& documents) {
  const auto all = Snapshot::make(0, documents);
  if (!all) return {};
  Checker checker(**all);
  for (const auto& document : documents) checker.check(document);
  return checker.take_found();
}

}  // namespace countersign::catalog
