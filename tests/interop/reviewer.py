#!/usr/bin/python3 -B
"""A reviewer's tool, as anybody might write one: follows `approvals`, shows what is asked, decides by a rule, and signs what it decided.

    reviewer.py --kafka client.properties --group main.reviewer.desk --tenant acme --person lena --key lena.jwk --environment demo
                --approve-up-to 60.00 --ask-up-to 100.00 [--second] [--structured]

Up to the first amount it approves; up to the second it asks for something else; what is above, and what has no amount, it denies. Who asked for
changes has a part in what comes of them and may not approve it: that is left to a colleague, whose tool runs with --second and decides nothing but
that. Nobody's word is taken for what is signed: the digest is computed from the action that is shown. --structured: decisions are
written as structured CloudEvents rather than binary ones. Runs until SIGTERM. Uses nothing of Countersign's.
"""

import argparse
import base64
import hashlib
import json
import secrets
import signal
import time
from decimal import Decimal

from confluent_kafka import Consumer, Producer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def canonical(value):
    """RFC 8785, for JSON whose numbers are integers and whose names are ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def properties(path):
    with open(path, encoding="utf-8") as file:
        return dict(line.strip().split("=", 1) for line in file if "=" in line)


class Desk:
    """What waits for this person. The topic is all the memory there is: it is read from its beginning after every start."""

    def __init__(self, options):
        self._options = options
        self._waiting, self._changed = {}, set()

    def note(self, kind, said):
        if said["tenant"] != self._options.tenant:
            return
        if kind == "approval.requested":
            if (said["ticket_id"] in self._changed) == self._options.second:
                self._waiting[said["approval_id"]] = said
        elif kind != "approval.decision_recorded" or said["person"] == self._options.person:
            self._waiting.pop(said["approval_id"], None)  # it is over, or this person has spoken
        if kind == "approval.changes_requested":
            self._changed.add(said["ticket_id"])

    def decide(self):
        """Whatever waits, each with a verb, and with a reason for everything that is no approval."""
        waiting, self._waiting = self._waiting, {}
        return [(approval, *self._rule(approval["action"].get("amount"))) for approval in waiting.values()]

    def _rule(self, amount):
        value = Decimal(amount["minor"]) / 100 if amount else None
        if value is None or value > self._options.ask_up_to:
            return "deny", f"not above {self._options.ask_up_to}"
        if value <= self._options.approve_up_to or self._options.second:
            return "approve", None
        return "request_changes", f"above {self._options.approve_up_to}: please ask once more"


class Signer:
    def __init__(self, path, person, environment):
        with open(path, encoding="utf-8") as file:
            jwk = json.load(file)
        self.kid, self.person, self.environment = jwk["kid"], person, environment
        self._key = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(jwk["d"] + "=="))

    def sign(self, approval, verb, reason):
        """The decision as a compact JWS (RFC 7515, RFC 8037)."""
        now = int(time.time())
        claims = {"iss": "person", "sub": self.person, "aud": f"countersign/{self.environment}", "tenant": approval["tenant"],
                  "approval_id": approval["approval_id"], "action_digest": hashlib.sha256(canonical(approval["action"])).hexdigest(), "verb": verb,
                  "nonce": secrets.token_urlsafe(16), "iat": now, "exp": now + 300, **({"reason": reason} if reason else {})}
        header = {"alg": "EdDSA", "kid": self.kid, "typ": "decision+jwt"}
        text = f"{base64url(canonical(header))}.{base64url(canonical(claims))}"
        return f"{text}.{base64url(self._key.sign(text.encode()))}"


def cloud_event(approval, decision, structured):
    """Headers and value of a decision.submitted."""
    data = {"tenant": approval["tenant"], "ticket_id": approval["ticket_id"], "approval_id": approval["approval_id"], "decision": decision}
    attributes = {"specversion": "1.0", "id": secrets.token_hex(12), "source": "urn:interop:reviewer", "type": "decision.submitted",
                  "subject": approval["ticket_id"], "tenant": approval["tenant"]}
    if structured:
        return {"content-type": "application/cloudevents+json"}, json.dumps({**attributes, "datacontenttype": "application/json", "data": data})
    return {"content-type": "application/json", **{f"ce_{name}": value for name, value in attributes.items()}}, json.dumps(data)


def show(approval):
    amount = approval["action"].get("amount")
    money = f"  [{amount['minor']} minor units of {amount['currency']}]" if amount else ""
    print(f"{approval['tenant']}/{approval['ticket_id']}: {approval['sentence']}{money}")
    for why in approval["why"]:
        print(f"    because: {why['sentence']} ({why['citation']})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("kafka", "group", "tenant", "person", "key", "environment"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("approve-up-to", "ask-up-to"):
        parser.add_argument(f"--{name}", type=Decimal, required=True)
    for name in ("second", "structured"):
        parser.add_argument(f"--{name}", action="store_true")
    options = parser.parse_args()
    desk, signer = Desk(options), Signer(options.key, options.person, options.environment)
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(True))
    consumer = Consumer({**properties(options.kafka), "group.id": options.group, "auto.offset.reset": "earliest", "enable.auto.commit": False})
    producer = Producer({**properties(options.kafka), "partitioner": "murmur2_random"})  # where Java's clients put a key, too
    consumer.subscribe(["approvals"])
    while not stop:
        for message in consumer.consume(500, 0.2):
            if message.error() is None:
                desk.note(dict(message.headers())["ce_type"].decode(), json.loads(message.value()))
        for approval, verb, reason in desk.decide():
            show(approval)
            headers, value = cloud_event(approval, signer.sign(approval, verb, reason), options.structured)
            producer.produce("decisions", value, key=f"{approval['tenant']}/{approval['ticket_id']}", headers=headers)
            print(f"    {options.person}: {verb}" + (f" ({reason})" if reason else ""), flush=True)
        producer.flush()
    consumer.close()


if __name__ == "__main__":
    main()
