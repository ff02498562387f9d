"""The demo's sample tickets as lasting traffic: wave after wave, each with a shop of its own, over a fleet configured like the demo's."""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "deploy"), os.path.join(ROOT, "tests", "fleet")]

import demo_run  # noqa: E402
from fleet import Fleet  # noqa: E402

OF_THE_SHOP = re.compile(r"\b(c-[a-z]{3,4}|[op]-\d{4}|s-50\d|K-\d)\b")  # customers, orders, payments, shipments and goods


def start_fleet(bin_dir):
    """A fleet that is ready for the samples. Stop it with stop()."""
    fleet = Fleet(bin_dir, realms={"main": demo_run.tenants()}, fast_kafka=True, fsync=False, people=demo_run.read_json("people.json"),
                  environment="demo")
    try:
        fleet.start_servers()
        fleet.prepare()
        fleet.start_sandbox()
        fleet.start_mail_server()
        fleet.apply(os.path.join(demo_run.CONFIG, "documents"))
        for name in fleet.services:
            fleet.start_service(name)
        fleet.wait_ready()
    except BaseException:
        fleet.stop(keep_logs=True)
        raise
    return fleet


def undecided():
    """Tickets of samples that nobody decides about: their approvals expire, or are withdrawn when the ticket changes."""
    return [sample["events"][0]["ticket_id"] for sample in demo_run.read_json("samples.json") if "review" not in sample]


class Traffic:
    """What a sample says happens to its ticket later comes with the next wave: by then people have been asked."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.waves = 0
        self.events = 0
        self.awaited = set()  # tickets of the last wave that something happens to once people have been asked
        self._later = []

    def send_wave(self):
        self.waves += 1
        self.fleet.seed_sandbox(self._renamed("seed.json"))
        samples = self._renamed("samples.json")
        for event in self._events_of(samples):
            event["id"] += f"-{self.waves}"
            event["ticket_id"] += f"-{self.waves}"
        self.awaited = {sample["events"][0]["ticket_id"] for sample in samples if "then" in sample}
        sent = [*samples, {"events": self._later}]
        self._later = [event for sample in samples for happening in sample.get("then", []) for event in happening.get("events", [])]
        self.events += sum(len(sample["events"]) for sample in sent)
        demo_run.publish_samples(self.fleet, sent)

    def _renamed(self, name):
        """So that no wave finds done already what it asks for."""
        return json.loads(OF_THE_SHOP.sub(rf"\1-{self.waves}", json.dumps(demo_run.read_json(name))))

    @staticmethod
    def _events_of(samples):
        for sample in samples:
            yield from sample["events"]
            for happening in sample.get("then", []):
                yield from happening.get("events", [])
