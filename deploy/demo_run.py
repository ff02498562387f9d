"""Starts a fleet, sends the sample tickets, tells what became of each, and judges whether that is what should have.

Called by deploy/demo, which sees to it that everything needed is there.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
CONFIG = os.path.join(HERE, "demo-config")
sys.path.insert(0, os.path.join(ROOT, "tests", "fleet"))

from demo_account import account_of, mistakes_in  # noqa: E402
from fleet import Fleet, FleetFailed  # noqa: E402

PATIENCE = 60.0  # seconds until every sample must have ended


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


def apply_documents(fleet):
    with tempfile.TemporaryDirectory(prefix="countersign-demo-") as folder:
        for name, text in documents():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text.replace("@SANDBOX@", fleet.sandbox_url))
        fleet.apply(folder)


def ask_sandbox(fleet, path, body=None, headers=()):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(fleet.sandbox_url + path, data, {"content-type": "application/json", **dict(headers)})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def seed_shop(fleet, samples):
    """Orders and payments, and what happened to them before the fleet heard of anything."""
    fleet.seed_sandbox(read_json("seed.json"))
    for sample in samples:
        if "before" in sample:
            past = sample["before"]
            body = {"order_id": past["order_id"], "amount": past["amount"], "reason": "paid back by hand"}
            ask_sandbox(fleet, f"/{past['tenant']}/refunds", body, {"Idempotency-Key": f"by-hand-{past['order_id']}"})


def publish(fleet, samples):
    with tempfile.TemporaryDirectory(prefix="countersign-demo-") as folder:
        for checked in (True, False):
            events = [event for sample in samples if sample.get("unchecked", False) != checked for event in sample["events"]]
            path = os.path.join(folder, "events.jsonl")
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(json.dumps(event) + "\n" for event in events)
            fleet.cli("publish", path, *([] if checked else ["--unchecked"]))


def look(fleet, sample):
    """Everything the fleet and the shop say about one sample's ticket."""
    event = sample["events"][0]
    ticket = f"{event['tenant']}/{event['ticket_id']}"
    story = fleet.cli("runs", ticket, "--json", check=False).stdout
    letters = json.loads(fleet.cli("dead-letters", "--json", "--tenant", event["tenant"]).stdout)["messages"]
    journal = ask_sandbox(fleet, "/_control/journal?limit=10000")["entries"]
    order = event.get("fields", {}).get("order_id")
    return {
        "ticket": ticket,
        "story": json.loads(story) if story.strip() else {},
        "dead_letters": [letter for letter in letters if letter["key"] == ticket],
        "refunds": [entry for entry in journal if entry["kind"] == "refund" and entry["tenant"] == event["tenant"] and entry["target"] == order
                    and not entry["key"].startswith("by-hand-")],
        "webhooks": [entry for entry in journal if entry["kind"] == "webhook" and entry["tenant"] == event["tenant"]
                     and entry["ticket_id"] == event["ticket_id"]],
    }


def tell_samples(fleet, samples):
    """Prints the account of each sample when it has ended; returns what was found, sample by sample."""
    known_rules = rules()
    until = time.monotonic() + PATIENCE
    findings = []
    for number, sample in enumerate(samples, 1):
        seen = look(fleet, sample)
        while mistakes_in(sample, seen) and time.monotonic() < until:
            time.sleep(0.1)
            seen = look(fleet, sample)
        mistakes = mistakes_in(sample, seen)
        account = list(account_of(sample, seen, known_rules))
        findings.append({"sample": sample["title"], "ticket": seen["ticket"], "account": account, "mistakes": mistakes})
        print(f"\n{number}. {sample['title']}")
        for line in account:
            print(f"   {line}")
        print("   as it should" if not mistakes else "   NOT as it should: " + "; ".join(mistakes), flush=True)
    return findings


def tell_where_to_look(fleet):
    environment = os.path.join(fleet.workdir, "environment")
    settings = {name: value for name, value in fleet.operator_environment().items() if name.startswith("COUNTERSIGN_")}
    with open(os.open(environment, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"export {name}='{value}'\n" for name, value in settings.items())
    program = os.path.join(fleet.bin_dir, "countersign")
    print("\nTo look further while it runs:")
    print(f"   . {environment}")
    for arguments in ("runs", "runs acme/small-refund", "handoffs", "dead-letters", "doctor"):
        print(f"   {program} {arguments}")
    print("Metrics:")
    for name in fleet.services:
        print(f"   {name:9} {fleet.metrics_url(name)}")
    print(f"The shop's journal of what it carried out: {fleet.sandbox_url}/_control/journal")
    print(f"Logs: {fleet.logs}")


def start(fleet, samples, steps):
    steps.begin("Starting PostgreSQL and Kafka")
    fleet.start_servers()
    steps.end()
    steps.begin("Preparing schemas, roles, topics and grants")
    fleet.prepare()
    steps.end()
    steps.begin("Starting the shop and the four services")
    fleet.start_sandbox()
    seed_shop(fleet, samples)
    apply_documents(fleet)
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
    fleet = Fleet(bin_dir, realms={"main": tenants()}, fast_kafka=True)
    keep_logs = True
    try:
        start(fleet, samples, steps)
        publish(fleet, samples)
        findings = tell_samples(fleet, samples)
        wrong = sum(bool(one["mistakes"]) for one in findings)
        if json_path:
            write_findings(json_path, findings)
        tell_where_to_look(fleet)
        print(f"\n{len(samples) - wrong} of {len(samples)} samples ended as they should.", flush=True)
        keep_logs = once and wrong > 0
        if not once:
            print("The fleet goes on running; Ctrl-C stops it and removes everything. The next run starts from nothing again; `rm -rf build` also\n"
                  "forgets what was built and downloaded.", flush=True)
            signal.pause()
        return 1 if wrong else 0
    except KeyboardInterrupt:
        keep_logs = False
        print("\nStopping …", flush=True)
        return 0 if not once else 130
    except FleetFailed as failure:
        print(f"\ndemo: {failure}", file=sys.stderr)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        fleet.stop(keep_logs=keep_logs)


def interrupt(number, frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description="see deploy/demo --help")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--json")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    return run(arguments.once, arguments.bin, arguments.json)


if __name__ == "__main__":
    sys.exit(main())
