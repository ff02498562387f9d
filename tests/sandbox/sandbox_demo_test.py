"""The demo's configuration fits the stand-in: its playbooks are followed by hand, every read and preview is asked for, nothing is done.

    python3 sandbox_demo_test.py PATH_OF_SANDBOX
"""

import glob
import json
import os
import re
import unittest
import urllib.parse

from sandbox_case import BINARY, main
from sandbox_client import SandboxProcess, scratch

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "deploy", "demo-config")


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


DOCUMENTS = [read(path) for path in sorted(glob.glob(os.path.join(CONFIG, "documents", "*.json")))]
SAMPLES = [sample for sample in read(os.path.join(CONFIG, "samples.json")) if not sample.get("unchecked")]


def documents(kind):
    return {body["name"]: body for body in DOCUMENTS if body["kind"] == kind}


TOOLS, PLAYBOOKS, TEMPLATES, CONSTANTS = (documents(kind) for kind in ("tool", "playbook", "template", "constant"))


def at(document, pointer):
    for token in pointer.split("/")[1:]:
        document = document[int(token)] if isinstance(document, list) else document[token]
    return document


def playbook_for(ticket):
    def holds(match):
        try:
            value = at(ticket, match["pointer"])
        except KeyError:
            return False
        return value in match["in"] if "in" in match else value is not None
    fitting = [one for one in PLAYBOOKS.values() if all(map(holds, one["match"]["all"]))]
    return max(fitting, key=lambda one: one.get("priority", 0), default=None)


def number(value):
    return int(value["minor"]) if isinstance(value, dict) else value


def derived(function, inputs):
    numbers = [number(value) for value in inputs]
    result = {"min": min, "max": max, "sum": sum, "difference": lambda all: all[0] - sum(all[1:])}[function](numbers)
    return {"minor": str(result), "currency": inputs[0]["currency"]} if isinstance(inputs[0], dict) else result


class Follower:
    """Takes a turn as the fleet would, but for doing anything."""

    def __init__(self, ask, tenant, ticket, ticket_id):
        self.ask, self.tenant, self.ticket, self.ticket_id = ask, tenant, ticket, ticket_id
        self.evidence, self.amounts, self.previews, self.mails = {}, {}, {}, []

    def source(self, text):
        if text.startswith("derived:"):
            function, inputs = re.fullmatch(r"derived:(\w+)\((.*)\)", text).groups()
            return derived(function, [self.source(one.strip()) for one in inputs.split(",")])
        kind, where = text.split(":", 1)
        if kind == "constant":
            return CONSTANTS[where]["value"]
        if kind == "ticket":
            return at(self.ticket, where)
        step, pointer = where.split("#")
        return at(self.evidence[step], pointer)

    def resolve(self, value):
        if isinstance(value, dict):
            return self.source(value["$from"]) if "$from" in value else {name: self.resolve(inner) for name, inner in value.items()}
        return value

    def call(self, call, arguments):
        given = {"tenant": self.tenant, "ticket_id": self.ticket_id, **arguments}
        path = re.sub(r"\{(\w+)\}", lambda name: urllib.parse.quote(given[name[1]], safe=""), call["url"].removeprefix("@SANDBOX@"))
        body = {member: at(arguments, pointer) for member, pointer in call.get("body", {}).items()}
        return self.ask(call["method"], path, body if call["method"] == "POST" else None)

    def take(self, turn):
        for step in turn.get("steps", []):
            tool, arguments = TOOLS[step["tool"]], self.resolve(step["arguments"])
            if tool["class"] == "read":
                reply = self.call(tool["connector"], arguments)
                assert reply.status == 200, (step, reply.body)
                self.evidence[step["name"]] = reply.json()
            elif tool["connector"]["kind"] == "message":
                self.mails.append(self.render(arguments))
            else:
                self.amounts[step["tool"]] = arguments.get("amount")
                if "preview" in tool:
                    self.previews[step["tool"]] = self.call(tool["preview"], arguments)

    @staticmethod
    def render(arguments):
        template = TEMPLATES[arguments["template"]]
        assert sorted(template["variables"]) == sorted(arguments["variables"]), (template["name"], arguments)

        def text_of(value):
            return f"{int(value['minor']) / 100:.2f} {value['currency']}" if isinstance(value, dict) else str(value)

        def fill(text):
            return re.sub(r"\{\{(\w+)\}\}", lambda name: text_of(arguments["variables"][name[1]]), text)
        return {"to": arguments["to"], "subject": fill(template["subject"]), "text": fill(template["text"])}


class DemoTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = scratch()
        cls.addClassCleanup(folder.cleanup)
        cls.sandbox = SandboxProcess(BINARY, folder.name, "--seed", os.path.join(CONFIG, "seed.json"))
        cls.addClassCleanup(cls.sandbox.stop)

    def follow(self, sample):
        """The turns that the sample should take, each with whoever follows it."""
        event = dict(sample["events"][0])
        later = [changed for then in sample.get("then", []) for changed in then.get("events", []) if "fields" in changed]
        event["fields"] = {**event["fields"], **{name: value for one in later for name, value in one["fields"].items()}}
        playbook = playbook_for(event)
        expect = sample["expect"]
        if playbook is None:
            self.assertEqual(expect["stop_reason"], "escalated", sample["title"])
            return None
        wanted = "step.changes_requested" if "changes_requested" in expect["approvals"] else "start"
        if expect["stop_reason"] == "denied":
            wanted = "step.denied"
        turn = next(turn for turn in playbook["turns"] if turn["on"] == wanted and set(turn.get("codes", [])) <= set(expect.get("codes", [])))
        follower = Follower(self.sandbox.ask, event["tenant"], event, event["ticket_id"])
        follower.take(turn)
        return turn, follower

    def test_every_sample_can_come_out_as_it_should(self):
        for sample in SAMPLES:
            with self.subTest(sample["title"]):
                followed = self.follow(sample)
                if followed is None or sample["expect"]["stop_reason"] in ("escalated", "cancelled"):
                    continue
                turn, follower = followed
                expect = sample["expect"]
                self.assertEqual(turn["close"]["stop_reason"], expect["stop_reason"])
                if "resolution" in expect:
                    self.assertEqual(turn["close"]["resolution"]["action_taken"], expect["resolution"])
                self.assertEqual(follower.amounts, {effect["tool"]: effect.get("amount") for effect in expect["effects"]})
                self.check_previews(follower)
                self.check_mail(expect["mail"], follower.mails)

    def check_previews(self, follower):
        for tool, reply in follower.previews.items():
            self.assertEqual(reply.status, 200, (tool, reply.body))
            preview = TOOLS[tool]["preview"]
            for pointer in (preview["before"], preview["after"], preview["note"], *preview["preconditions"]):
                at(reply.json(), pointer)

    def check_mail(self, expected, mails):
        self.assertEqual([mail["to"] for mail in mails], [expected["to"]] if expected else [])
        for mail in mails:
            self.assertEqual(mail["subject"], expected["subject"])
            for words in expected["contains"]:
                self.assertIn(words, mail["text"])
            for words in expected.get("never", []):
                self.assertNotIn(words, mail["text"])

    def test_samples_name_only_what_exists(self):
        people = {name for crew in read(os.path.join(CONFIG, "people.json")).values() for name in crew}
        rules = {rule["id"] for body in DOCUMENTS if body["kind"] == "policy" for rule in body["rules"]}
        for sample in SAMPLES:
            with self.subTest(sample["title"]):
                self.assertLessEqual({decision["as"] for decision in sample.get("review", [])}, people)
                self.assertLessEqual({rule for rule in [sample["expect"].get("rule")] if rule}, rules)
                self.assertLessEqual({decision["approval"] for decision in sample.get("review", [])},
                                     set(range(1, len(sample["expect"]["approvals"]) + 1)))

    def test_every_playbook_has_a_sample(self):
        played = {playbook["name"] for playbook in (playbook_for(sample["events"][0]) for sample in SAMPLES) if playbook}
        self.assertEqual(set(PLAYBOOKS) - played, set())

    def test_does_nothing(self):
        for sample in SAMPLES:
            self.follow(sample)
        self.assertEqual(self.sandbox.ask("GET", "/_control/journal").json()["entries"], [])


if __name__ == "__main__":
    main()
