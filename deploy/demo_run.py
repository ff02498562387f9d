"""Starts a fleet, sends the sample tickets, tells what became of each, and judges whether that is what should have.

Called by deploy/demo, which sees to it that everything needed is there.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
CONFIG = os.path.join(HERE, "demo-config")
sys.path.insert(0, os.path.join(ROOT, "tests", "fleet"))

from demo_account import account_of, mistakes_in  # noqa: E402
from demo_desk import Desk, ticket_of  # noqa: E402
from demo_visit import ask_for_decision, forget_environment, leave_one_waiting, stay_until_interrupted, tell_where_to_look, write_environment  # noqa: E402
from fleet import Fleet, FleetFailed  # noqa: E402
from kafka_server import KafkaFailed  # noqa: E402

PATIENCE = 100.0  # seconds until every sample must have ended; a quiet machine needs twenty


class Steps:
    """One line per long step: what is done, and how long it took."""

    def __init__(self):
        self._begin = None

    def begin(self, what):
        self._begin = time.monotonic()
        print(f"{what} …", end="", flush=True)

    def end(self):
        print(f" {time.monotonic() - self._begin:.1f} s", flush=True)


def read_json(name):
    with open(os.path.join(CONFIG, name), encoding="utf-8") as file:
        return json.load(file)


def documents():
    folder = os.path.join(CONFIG, "documents")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            yield name, file.read()


def tenants():
    return json.loads(dict(documents())["realm-main.json"])["tenants"]


def rules():
    """(tenant, rule id) -> rule, to quote what policy said."""
    bodies = [json.loads(text) for _, text in documents()]
    return {(body["tenant"], rule["id"]): rule for body in bodies if body["kind"] == "policy" for rule in body["rules"]}


def ask_sandbox(fleet, path, body=None, headers=()):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(fleet.sandbox_url + path, data, {"content-type": "application/json", **dict(headers)})
    with urllib.request.urlopen(request, timeout=10) as answer:
        body = answer.read()
    return json.loads(body) if body else None  # 204: done, and nothing to say


def seed_shop(fleet, samples):
    """Orders and payments, and what happened to them before the fleet heard of anything."""
    fleet.seed_sandbox(read_json("seed.json"))
    for sample in samples:
        if "before" in sample:
            past = sample["before"]
            body = {"order_id": past["order_id"], "amount": past["amount"], "reason": "paid back by hand"}
            ask_sandbox(fleet, f"/{past['tenant']}/refunds", body, {"Idempotency-Key": f"by-hand-{past['order_id']}"})


def publish_samples(fleet, samples):
    for checked in (True, False):
        events = [event for sample in samples if sample.get("unchecked", False) != checked for event in sample["events"]]
        publish(fleet, events, *([] if checked else ["--unchecked"]))


def publish(fleet, events, *flags):
    with tempfile.TemporaryDirectory(prefix="countersign-demo-") as folder:
        path = os.path.join(folder, "events.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(event) + "\n" for event in events)
        fleet.cli("publish", path, *flags)


def change_shop(fleet, body):
    ask_sandbox(fleet, "/_control/change", body)


class Scene:
    """Everything that fleet, shop and mailboxes say at one moment, told apart by ticket."""

    def __init__(self, fleet, desk):
        self._fleet, self._desk = fleet, desk
        # What comes last is looked at first: no consequence is seen without what it comes from.
        self._mails = fleet.mails()
        self._journal = ask_sandbox(fleet, "/_control/journal?limit=10000")["entries"]
        self._approvals = desk.approvals()
        self._letters = {}

    def of(self, sample):
        event, ticket = sample["events"][0], ticket_of(sample)
        told = self._fleet.cli("runs", ticket, "--json", check=False).stdout
        story = json.loads(told) if told.strip() else {}
        ours = [entry for entry in self._journal if entry["tenant"] == event["tenant"]]
        ids = {delivery["id"] for delivery in story.get("deliveries", [])}
        return {
            "ticket": ticket,
            "story": story,
            "dead_letters": [letter for letter in self._dead_letters(event["tenant"]) if letter["key"] == ticket],
            "effects": [entry for entry in ours if (entry.get("run") or "").startswith(event["ticket_id"] + "/")],
            "webhooks": [entry for entry in ours if entry["kind"] == "webhook" and entry["ticket_id"] == event["ticket_id"]],
            "approvals": self._approvals.get(ticket, []),
            "decisions": self._desk.said.get(ticket, []),
            "mails": [mail for mail in self._mails if any(delivery in mail["message_id"] for delivery in ids)],
        }

    def _dead_letters(self, tenant):
        if tenant not in self._letters:
            self._letters[tenant] = json.loads(self._fleet.cli("dead-letters", "--json", "--tenant", tenant).stdout)["messages"]
        return self._letters[tenant]


def play(fleet, samples, desk):
    """Lets people decide until everything has ended as it should, or patience has; returns what was seen of each sample at the end."""
    until = time.monotonic() + PATIENCE
    while True:
        desk.work()
        scene = Scene(fleet, desk)
        seen = [scene.of(sample) for sample in samples]
        if time.monotonic() > until or not any(mistakes_in(*pair) for pair in zip(samples, seen)):
            return seen
        time.sleep(0.2)


def tell_samples(samples, seen_of_all):
    """Prints the account of each sample; returns what was found, sample by sample."""
    known_rules = rules()
    findings = []
    for number, (sample, seen) in enumerate(zip(samples, seen_of_all), 1):
        mistakes = mistakes_in(sample, seen)
        account = list(account_of(sample, seen, known_rules))
        findings.append({"sample": sample["title"], "ticket": seen["ticket"], "account": account, "mistakes": mistakes})
        print(f"\n{number}. {sample['title']}")
        for line in account:
            print(f"   {line}")
        print("   as it should" if not mistakes else "   NOT as it should: " + "; ".join(mistakes), flush=True)
    return findings


def start(fleet, samples, steps):
    steps.begin("Starting PostgreSQL and Kafka")
    fleet.start_servers()
    steps.end()
    steps.begin("Preparing schemas, roles, topics and grants")
    fleet.prepare()
    steps.end()
    steps.begin("Starting the shop, the mail server and the four services")
    fleet.start_sandbox()
    fleet.start_mail_server()
    seed_shop(fleet, samples)
    fleet.apply(os.path.join(CONFIG, "documents"))
    for name in fleet.services:
        fleet.start_service(name)
    fleet.wait_ready()
    steps.end()


def write_findings(path, findings):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"holds": not any(one["mistakes"] for one in findings), "samples": findings}, file, indent=2)


def run(once, bin_dir, json_path):
    samples = read_json("samples.json")
    steps = Steps()
    fleet = Fleet(bin_dir, realms={"main": tenants()}, fast_kafka=True, people=read_json("people.json"), environment="demo")
    keep_logs = True
    try:
        start(fleet, samples, steps)
        desk = Desk(fleet, samples, lambda events: publish(fleet, events), lambda body: change_shop(fleet, body))
        steps.begin("Publishing the sample tickets, and letting people decide")
        publish_samples(fleet, samples)
        seen = play(fleet, samples, desk)
        steps.end()
        findings = tell_samples(samples, seen)
        wrong = sum(bool(one["mistakes"]) for one in findings)
        if json_path:
            write_findings(json_path, findings)
        print(f"\n{len(samples) - wrong} of {len(samples)} samples ended as they should.", flush=True)
        keep_logs = once and wrong > 0
        if not once:
            waiting, approval = leave_one_waiting(desk, samples, lambda events: publish(fleet, events))
            write_environment(fleet)
            tell_where_to_look(fleet)
            ask_for_decision(waiting, approval)
            stay_until_interrupted(fleet, waiting, lambda: Scene(fleet, desk).of(waiting))
        return 1 if wrong else 0
    except KeyboardInterrupt:
        keep_logs = False
        print("\nStopping …", flush=True)
        return 0 if not once else 130
    except (FleetFailed, KafkaFailed, RuntimeError, OSError, subprocess.SubprocessError) as failure:  # PostgreSQL says RuntimeError
        print(f"\ndemo: {failure}", file=sys.stderr)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        forget_environment(fleet)
        fleet.stop(keep_logs=keep_logs)


def interrupt(number, frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description="see deploy/demo --help")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    if not os.access(os.path.join(arguments.bin, "countersign"), os.X_OK):
        print(f"demo: there is no program countersign in {arguments.bin}", file=sys.stderr)
        return 64
    if arguments.json and not os.path.isdir(os.path.dirname(os.path.abspath(arguments.json))):
        print(f"demo: --json {arguments.json}: there is no such folder", file=sys.stderr)
        return 64
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    return run(arguments.once, arguments.bin, arguments.json)


if __name__ == "__main__":
    sys.exit(main())
