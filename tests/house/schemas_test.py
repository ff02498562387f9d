"""Every message type has a schema, and every schema shows what it admits and what it does not.

    schemas/messages/TYPE.v1.schema.json
    schemas/messages/examples/TYPE.v1/valid/*.json    at least one
    schemas/messages/examples/TYPE.v1/invalid/*.json  at least one

Other groups than `messages` follow the same layout. Schemas without a version in their name are parts of others.
Whether the examples are judged rightly is tested beside the code that reads them.
"""

import hashlib
import json
import os
import re
import unittest

from source_tree import RuleTest, files, text_of

TYPES = "libs/contracts/messages.hpp"
TYPE = re.compile(r'inline constexpr std::string_view \w+ = "([a-z_]+\.[a-z_]+)";')
SCHEMA = re.compile(r"^(schemas/[\w-]+)/([\w.-]+\.v\d+)\.schema\.json$")


def types(root):
    return TYPE.findall(text_of(root, TYPES) or "") if os.path.isfile(os.path.join(root, TYPES)) else []


def parsed(root, path):
    try:
        return json.loads(text_of(root, path) or "")
    except ValueError:
        return None


def missing_schemas(root):
    known = types(root)
    if not known:
        return [f"{TYPES} names no message type"]
    wanted = {name: f"schemas/messages/{name}.v1.schema.json" for name in known}
    return [f"{name} has no {path}" for name, path in wanted.items() if not os.path.isfile(os.path.join(root, path))]


def missing_examples(root):
    paths = files(root, "schemas")
    found = []
    for group, name in (match.groups() for match in map(SCHEMA.match, paths) if match):
        for verdict in ("valid", "invalid"):
            folder = f"{group}/examples/{name}/{verdict}/"
            if not any(path.startswith(folder) and path.endswith(".json") for path in paths):
                found.append(f"{folder} has no example")
    return found


def orphaned_examples(root):
    paths = files(root, "schemas")
    place = re.compile(r"^(schemas/[\w-]+)/examples/([^/]+)/")
    shown = {match.groups() for match in map(place.match, paths) if match}
    return sorted(f"{group}/examples/{name} shows no schema" for group, name in shown if f"{group}/{name}.schema.json" not in paths)


def unreadable(root):
    found, ids = [], {}
    for path in files(root, "schemas"):
        if path.endswith(".schema.json"):
            schema = parsed(root, path)
            identity = schema.get("$id") if isinstance(schema, dict) else None
            if not identity:
                found.append(f"{path} has no $id")
            elif identity in ids:
                found.append(f"{path} has the $id of {ids[identity]}")
            ids[identity] = path
        elif "/valid/" in path and path.endswith(".json") and parsed(root, path) is None:
            found.append(f"{path} is not JSON")
    return found


def digest(value):
    """Of canonical JSON; sorting members like this is canonical as long as their names are ASCII."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def without(members, *names):
    return {name: value for name, value in members.items() if name not in names}


def made_up_digests(root):
    """Whoever tries a tool on the examples must find their digests right."""
    found = []
    for path in files(root, "schemas"):
        if not re.match(r"schemas/messages/examples/(referral\.approval|approval\.requested)\.v1/valid/", path):
            continue
        shown = parsed(root, path)
        right = [("action", shown["action_digest"], digest(shown["action"])), ("requirement", shown["requirement_digest"], digest(shown["requirement"]))]
        right += [("evidence", read["digest"], digest(without(read, "digest"))) for read in shown["evidence"]]
        if "preview" in shown:
            right.append(("preview", shown["preview"]["digest"], digest(without(shown["preview"], "digest", "drift_digest"))))
        found += [f"{path}: the digest of the {name} is wrong" for name, said, computed in right if said != computed]
    return found


class SchemasTest(RuleTest):
    MESSAGES = 'inline constexpr std::string_view a = "plan.made";\n'
    GOOD = {TYPES: MESSAGES, "schemas/messages/plan.made.v1.schema.json": '{"$id": "urn:plan.made:v1"}',
            "schemas/messages/examples/plan.made.v1/valid/a.json": "{}", "schemas/messages/examples/plan.made.v1/invalid/a.json": "{"}

    def without(self, path):
        return {p: text for p, text in self.GOOD.items() if p != path}

    def test_every_type_has_a_schema(self):
        self.assert_obeyed(missing_schemas)

    def test_every_schema_has_examples(self):
        self.assert_obeyed(missing_examples)

    def test_every_example_has_a_schema(self):
        self.assert_obeyed(orphaned_examples)

    def test_everything_can_be_read(self):
        self.assert_obeyed(unreadable)

    def test_the_digests_of_examples_are_right(self):
        self.assert_obeyed(made_up_digests)

    def test_objects_to_a_made_up_digest(self):
        path = "schemas/messages/examples/referral.approval.v1/valid/a.json"
        shown = {"action": {}, "action_digest": digest({}), "requirement": {}, "requirement_digest": digest({}), "evidence": []}
        self.assert_allowed(made_up_digests, {path: json.dumps(shown)})
        self.assert_forbidden(made_up_digests, {path: json.dumps(shown | {"action": {"a": 1}})}, "action")

    def test_is_content_with_a_complete_set(self):
        for rule in (missing_schemas, missing_examples, orphaned_examples, unreadable):
            self.assert_allowed(rule, self.GOOD)

    def test_objects_to_a_missing_schema(self):
        tree = self.without("schemas/messages/plan.made.v1.schema.json")
        self.assert_forbidden(missing_schemas, tree, "plan.made")
        self.assert_forbidden(orphaned_examples, tree, "plan.made.v1")
        self.assert_forbidden(missing_schemas, {}, "no message type")

    def test_objects_to_missing_examples(self):
        for verdict in ("valid", "invalid"):
            tree = self.without(f"schemas/messages/examples/plan.made.v1/{verdict}/a.json")
            self.assert_forbidden(missing_examples, tree, f"/{verdict}/")

    def test_objects_to_what_cannot_be_read(self):
        for path, text in (("schemas/messages/plan.made.v1.schema.json", "{"), ("schemas/messages/plan.made.v1.schema.json", "{}"),
                           ("schemas/messages/examples/plan.made.v1/valid/a.json", "{"),
                           ("schemas/messages/plan.twin.v1.schema.json", '{"$id": "urn:plan.made:v1"}')):
            with self.subTest(path):
                self.assert_forbidden(unreadable, self.GOOD | {path: text}, path)


if __name__ == "__main__":
    unittest.main()
