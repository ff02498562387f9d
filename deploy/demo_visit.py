"""What the demo does for whoever watches it: leaves one refund waiting, says how to look and decide, and tells what becomes of it."""

import os
import sys
import time

from demo_account import amount_text, progress_of
from demo_desk import ticket_of
from fleet import ROOT, FleetFailed

ENVIRONMENT = os.path.join(ROOT, "build", "demo", "environment")
PATIENCE = 60.0  # seconds until the refund must have come to approval
LOOKS = [("runs acme/other-order", "one ticket: its steps, and what policy said to each"), ("runs", "all runs"),
         ("approvals --all", "what people were asked, and what they said"), ("handoffs", "what waits for a person"),
         ("dead-letters", "what was set aside, and why"), ("doctor", "whether everything is well")]


def leave_one_waiting(desk, samples, publish):
    """One refund waits for whoever watches; returns its sample and approval."""
    model = next(sample for sample in samples if sample["title"] == "A refund that a lead approves")
    event = {**model["events"][0], "id": "demo-your-turn", "ticket_id": "your-turn"}
    event["fields"] = {**event["fields"], "order_id": "o-1016"}
    event["text"] = event["text"].replace(model["events"][0]["fields"]["order_id"], "o-1016")
    publish([event])
    sample = {"title": "Your turn", "events": [event]}
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        asked = desk.approvals().get(ticket_of(sample), [])
        if asked:
            return sample, asked[0]
        time.sleep(0.2)
    raise FleetFailed("the refund for you to approve did not come to approval; see countersign runs acme/your-turn")


def write_environment(fleet):
    """Settings for another terminal: where the fleet, the programs, people's keys and the shop are."""
    settings = {name: value for name, value in fleet.operator_environment().items() if name.startswith("COUNTERSIGN_")}
    settings |= {"KEYS": os.path.dirname(fleet.key_file("any")), "SHOP": fleet.sandbox_url}
    os.makedirs(os.path.dirname(ENVIRONMENT), exist_ok=True)
    with open(os.open(ENVIRONMENT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"export {name}='{value}'\n" for name, value in settings.items())
        file.write(f"export PATH='{fleet.bin_dir}':\"$PATH\"\n")


def forget_environment(fleet):
    """Unless another demo has written its own meanwhile."""
    if os.path.exists(ENVIRONMENT):
        with open(ENVIRONMENT, encoding="utf-8") as file:
            ours = fleet.workdir in file.read()
        if ours:
            os.unlink(ENVIRONMENT)


def tell_where_to_look(fleet):
    print("\nThe fleet goes on running. To look into it, in another terminal, in this folder:")
    print(f"   . {os.path.relpath(ENVIRONMENT)}")
    for arguments, what in LOOKS:
        print(f"   countersign {arguments:22} # {what}")
    print("Metrics:")
    for name in fleet.services:
        print(f"   {name:9} {fleet.metrics_url(name)}")
    print(f"The shop's journal of what it carried out: {fleet.sandbox_url}/_control/journal")
    print(f"Logs: {fleet.logs}")


def ask_for_decision(sample, approval):
    print(f"\nYour turn: ticket {ticket_of(sample)} waits for a lead to approve {amount_text(approval['amount'])}. You are lea; in that terminal:")
    print(f"   countersign approvals {approval['id']}")
    print(f"   countersign approve {approval['id']} --as lea --key $KEYS/acme-lea.jwk")
    print(f"   countersign deny {approval['id']} --as lea --key $KEYS/acme-lea.jwk --reason 'why not'")
    print("What then becomes of it is told here, as far as the customer's mailbox. Ctrl-C stops the fleet and removes everything but build/.", flush=True)


def stay_until_interrupted(fleet, sample, look):
    """Waits for Ctrl-C, tells how the ticket left waiting goes on, and says so when a service ends meanwhile."""
    alive = {name: f"/proc/{fleet.pid(name)}" for name in fleet.services}
    told = []
    while True:
        time.sleep(1)
        seen = look()
        if has_stopped(seen):
            seen = look()  # with everything that came before the end
        for line in progress_of(seen):
            if line not in told:
                told.append(line)
                print(f"   {line}", flush=True)
        for name in [name for name, process in alive.items() if has_ended(process)]:
            del alive[name]
            print(f"{name} has ended; its log is {os.path.join(fleet.logs, name + '.log')}", file=sys.stderr, flush=True)


def has_stopped(seen):
    return (seen["story"].get("run") or {}).get("state") == "stopped"


def has_ended(process):
    try:
        with open(os.path.join(process, "stat"), encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
