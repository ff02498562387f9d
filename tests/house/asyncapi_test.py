"""schemas/asyncapi.yaml says what the code does: every type, every topic, who writes it and who reads it; and every reference leads somewhere.

The types are those of libs/contracts/messages.hpp, the topics and their users those of services/cli/topic_map.cpp.
"""

import json
import os
import re
import unittest

import yaml

from source_tree import ROOT, RuleTest, text_of

DOCUMENT = "schemas/asyncapi.yaml"
TYPES = "libs/contracts/messages.hpp"
TOPICS = "services/cli/topic_map.cpp"
TYPE = re.compile(r'inline constexpr std::string_view \w+ = "([a-z_]+\.[a-z_]+)";')
RULES = re.compile(r"topic_rules\(\) \{(.*?)\n\}", re.DOTALL)
RULE = re.compile(r'\{"([a-z-]+)", (true|false), (\{[^}]*\}|services\(\)), \{([^}]*)\}')
SERVICES = ["approval", "executor", "outbox", "planner"]
WITHOUT_SCHEMA = {"dead_letter"}


def document(root):
    return yaml.safe_load(text_of(root, DOCUMENT) or "") or {}


def quoted(text):
    return sorted(SERVICES if text == "services()" else re.findall(r'"([a-z]+)"', text))


def topics_of_code(root):
    rules = RULES.search(text_of(root, TOPICS) or "")
    return {name: (realm == "true", quoted(writers), quoted(readers)) for name, realm, writers, readers in RULE.findall(rules.group(1) if rules else "")}


def name_at_end(reference):
    return reference["$ref"].rsplit("/", 1)[-1]


def topics_of_document(root):
    parsed = document(root)
    users = {name: {"send": [], "receive": []} for name in parsed.get("channels", {})}
    for operation in parsed.get("operations", {}).values():
        users[name_at_end(operation["channel"])][operation["action"]] += [tag["name"] for tag in operation["tags"]]
    return {name: (channel["x-per-realm"], sorted(users[name]["send"]), sorted(users[name]["receive"])) for name, channel in parsed.get("channels", {}).items()}


def other_topics(root):
    code, said = topics_of_code(root), topics_of_document(root)
    if not code:
        return [f"{TOPICS} names no topic"]
    return [f"{name}: the code has {code.get(name)}, the document {said.get(name)}" for name in sorted(code.keys() | said.keys()) if code.get(name) != said.get(name)]


def other_types(root):
    code = set(TYPE.findall(text_of(root, TYPES) or ""))
    channels = document(root).get("channels", {})
    said = [name for channel in channels.values() for name in channel.get("messages", {})]
    found = [f"{name} is on no topic" for name in sorted(code - set(said))]
    found += [f"{name} is no type of the code" for name in sorted(set(said) - code - WITHOUT_SCHEMA)]
    return found + [f"{name} is on {said.count(name)} topics" for name in sorted(set(said)) if said.count(name) > 1]


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def leads_somewhere(root, parsed, reference):
    if not reference.startswith("#/"):
        return os.path.isfile(os.path.join(root, os.path.dirname(DOCUMENT), reference))
    at = parsed
    for token in reference[2:].split("/"):
        if not isinstance(at, dict) or token not in at:
            return False
        at = at[token]
    return True


def dangling(root):
    parsed = document(root)
    return sorted({f"{reference} leads nowhere" for reference in references(parsed) if not leads_somewhere(root, parsed, reference)})


def other_payloads(root):
    """A message called X carries the schema of X, and every operation of a topic speaks of all its messages."""
    parsed, found = document(root), []
    for name, message in parsed.get("components", {}).get("messages", {}).items():
        schema = message.get("payload", {}).get("schema", {}).get("$ref")
        if name not in WITHOUT_SCHEMA and schema != f"./messages/{name}.v1.schema.json":
            found.append(f"{name} carries {schema}")
        elif schema and os.path.isfile(os.path.join(root, "schemas", schema)) and json.loads(text_of(root, f"schemas/{schema[2:]}")).get("title") != name:
            found.append(f"{schema} is not entitled {name}")
    for name, operation in parsed.get("operations", {}).items():
        channel = parsed["channels"][name_at_end(operation["channel"])]
        if sorted(map(name_at_end, operation.get("messages", []))) != sorted(channel.get("messages", {})):
            found.append(f"{name} does not speak of all messages of its topic")
    return found


class AsyncApiTest(RuleTest):
    GOOD = {
        TYPES: 'inline constexpr std::string_view a = "plan.made";\n',
        TOPICS: 'topic_rules() {\n      {"plans", true, {"planner"}, {"executor"}},\n}\n',
        "schemas/messages/plan.made.v1.schema.json": '{"title": "plan.made"}',
        DOCUMENT: """
channels:
  plans: {messages: {plan.made: {$ref: '#/components/messages/plan.made'}}, x-per-realm: true}
operations:
  w: {action: send, channel: {$ref: '#/channels/plans'}, tags: [{name: planner}], messages: [{$ref: '#/channels/plans/messages/plan.made'}]}
  r: {action: receive, channel: {$ref: '#/channels/plans'}, tags: [{name: executor}], messages: [{$ref: '#/channels/plans/messages/plan.made'}]}
components:
  messages:
    plan.made: {payload: {schema: {$ref: ./messages/plan.made.v1.schema.json}}}
"""}
    RULES = (other_topics, other_types, dangling, other_payloads)

    def changed(self, path, old, new):
        self.assertIn(old, self.GOOD[path])
        return self.GOOD | {path: self.GOOD[path].replace(old, new, 1)}

    def test_the_document_says_what_the_code_does(self):
        for rule in self.RULES:
            with self.subTest(rule.__name__):
                self.assert_obeyed(rule)

    def test_it_finds_types_and_topics_in_the_code(self):
        self.assertGreater(len(TYPE.findall(text_of(ROOT, TYPES))), 40)
        self.assertEqual(len(topics_of_code(ROOT)), 13)

    def test_is_content_with_a_true_document(self):
        for rule in self.RULES:
            self.assert_allowed(rule, self.GOOD)

    def test_objects_to_a_document_that_says_otherwise(self):
        for rule, path, old, new, word in (
                (other_topics, TOPICS, '{"planner"}', '{"planner", "upstream"}', "plans"),
                (other_topics, TOPICS, '"plans", true', '"plans", false', "plans"),
                (other_topics, TOPICS, '{"executor"}', "{}", "plans"),
                (other_types, TYPES, "\n", '\ninline constexpr std::string_view b = "plan.eaten";', "plan.eaten is on no topic"),
                (other_types, TYPES, "std::string_view", "int", "plan.made is no type"),
                (dangling, DOCUMENT, "./messages/plan.made", "./messages/plan.lost", "plan.lost"),
                (dangling, DOCUMENT, "#/components/messages/plan.made", "#/components/messages/plan.lost", "plan.lost"),
                (other_payloads, DOCUMENT, "./messages/plan.made", "./messages/plan.other", "plan.other"),
                (other_payloads, DOCUMENT, "messages: [{$ref: '#/channels/plans/messages/plan.made'}]", "messages: []", "w does not speak")):
            with self.subTest(f"{rule.__name__} {new}"):
                self.assert_forbidden(rule, self.changed(path, old, new), word)


if __name__ == "__main__":
    unittest.main()
