"""People decide on the command line: what waits, a decision under a person's own key, and what the approval service made of it."""

import copy
import json
import os
import subprocess
import tempfile
import time
import uuid

from confluent_kafka import Producer
from fleet import ROOT, Fleet
from fleet_case import BIN, FleetCase, main
from people import Key, digest_of

WELL, NOT_WELL, CONFLICT, MISUSED, BAD_INPUT = 0, 1, 3, 64, 65
EXAMPLE = os.path.join(ROOT, "schemas", "messages", "examples", "referral.approval.v1", "valid", "refund_with_everything.json")


class DecideTest(FleetCase):
    """The approval service alone; the executor's requests are made here and signed with its key."""

    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(BIN, realms={"main": ["acme"]}, fast_kafka=True, fsync=False, people={"acme": {"ada": ["approver"], "bob": ["finance"]}})
        cls.addClassCleanup(cls.fleet.stop)
        cls.fleet.start_servers()
        cls.fleet.prepare()
        with tempfile.TemporaryDirectory() as folder:
            for name, document in (("tenant", {"kind": "tenant", "name": "acme", "version": 1, "display_name": "Acme"}),
                                   ("realm", {"kind": "realm", "name": "main", "version": 1, "tenants": ["acme"],
                                              "trust": {"requester": "authenticated", "verified_fields": []}})):
                with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
                    json.dump(document, file)
            cls.fleet.apply(folder)
        cls.fleet.start_service("approval")
        cls.fleet.wait_ready(["approval"])

    def ask(self, ticket, quorum):
        """Asks people about one action; returns the approval's id when the service has taken it."""
        with open(EXAMPLE, encoding="utf-8") as file:
            shown = json.load(file)
        del shown["request"], shown["difference"]
        shown.update(ticket_id=ticket, approval_id=str(uuid.uuid4()))
        shown["action"].update(ticket_id=ticket, environment=self.fleet.environment, operation_key=f"key-{ticket}")
        roles = [{"role": "approver", "people": 1}, {"role": "finance", "people": 1}]
        shown["requirement"].update(roles=roles[:quorum], quorum=quorum)
        shown["requirement_digest"] = shown["action"]["requirement_digest"] = digest_of(shown["requirement"])
        for read in shown["evidence"]:
            read["digest"] = digest_of({name: value for name, value in read.items() if name != "digest"})
        shown["action"]["evidence"] = [read["digest"] for read in shown["evidence"]]
        preview = shown["preview"]
        preview["digest"] = shown["action"]["preview_digest"] = digest_of({name: preview[name] for name in ("before", "after", "note")})
        shown["action_digest"] = digest_of(shown["action"])
        claims = {"iss": "executor", "aud": "approval", "environment": self.fleet.environment, "tenant": "acme", "approval_id": shown["approval_id"],
                  "action_digest": shown["action_digest"], "requirement_digest": shown["requirement_digest"], "shown_digest": digest_of(shown),
                  "iat": int(time.time())}
        self.refer({**shown, "request": Key.at(self.fleet.key_file("executor"), "executor.1").sign("approval-request+jwt", claims)})
        until = time.monotonic() + 30
        while self.countersign("approvals", shown["approval_id"]).returncode != WELL:
            self.assertLess(time.monotonic(), until, self.fleet.log_tail("approval"))
            time.sleep(0.1)
        return shown["approval_id"]

    def refer(self, data):
        key = f"acme/{data['ticket_id']}"
        headers = {"ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_source": "urn:countersign:executor", "ce_type": "referral.approval",
                   "ce_subject": data["ticket_id"], "ce_tenant": "acme", "ce_partitionkey": key, "content-type": "application/json", "ce_sequence": "1"}
        producer = Producer(self.fleet.kafka_config("executor"))
        producer.produce("referrals", json.dumps(data).encode(), key.encode(), headers=list(headers.items()))
        self.assertEqual(producer.flush(30), 0)

    def countersign(self, *arguments):
        """As a reviewer at a desk: under the reviewers' Kafka user."""
        environment = copy.copy(self.fleet.operator_environment())
        environment["COUNTERSIGN_KAFKA_SET"] = "security.protocol=sasl_plaintext;sasl.mechanisms=PLAIN;sasl.username=reviewer"
        environment["COUNTERSIGN_KAFKA_PASSWORD_FILE"] = os.path.join(self.fleet.workdir, "passwords", "kafka", "reviewer")
        return subprocess.run([os.path.join(BIN, "countersign"), *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, check=False)

    def decide(self, verb, approval, person, *more, key=None):
        done = self.countersign(verb, approval, "--as", person, "--key", self.fleet.key_file(f"acme/{key or person}"), *more, "--json")
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def test_two_people_agree_and_a_third_decision_comes_too_late(self):
        approval = self.ask("t-two", 2)
        code, told = self.decide("approve", approval, "ada")
        self.assertEqual((code, told["counted"], told["state"]), (WELL, True, "requested"), told)
        code, told = self.decide("approve", approval, "ada")
        self.assertEqual((code, told["code"]), (CONFLICT, "already_decided"), told)
        code, told = self.decide("approve", approval[:13], "bob", "--reason", "looks right")
        self.assertEqual((code, told["state"], sorted(told["people"])), (WELL, "approved", ["ada", "bob"]), told)
        code, told = self.decide("deny", approval, "bob", "--reason", "too late")
        self.assertEqual((code, told["counted"], told["state"]), (CONFLICT, False, "approved"), told)

    def test_one_no_is_enough_and_is_shown_with_its_reason(self):
        approval = self.ask("t-no", 1)
        code, told = self.decide("deny", approval, "ada", "--reason", "not our fault")
        self.assertEqual((code, told["state"]), (WELL, "denied"), told)
        self.assertIn("not our fault", self.countersign("approvals", approval).stdout)
        self.assertNotIn(approval, self.countersign("approvals").stdout)

    def test_changes_are_asked_for_with_a_text(self):
        approval = self.ask("t-change", 1)
        self.assertEqual(self.countersign("request-changes", approval, "--as", "ada", "--key", "k").returncode, MISUSED, "it needs a reason")
        code, told = self.decide("request-changes", approval, "ada", "--reason", "half of it")
        self.assertEqual((code, told["state"]), (WELL, "changes_requested"), told)

    def test_a_decision_that_does_not_count_says_why(self):
        approval = self.ask("t-why", 1)
        for person, key, expected in (("bob", "bob", "role_missing"), ("carl", "ada", "signer_unknown"), ("ada", "bob", "jws_key_unknown")):
            with self.subTest(f"{person} with the key of {key}"):
                code, told = self.decide("approve", approval, person, key=key)
                self.assertEqual((code, told["counted"], told["code"], told["state"]), (NOT_WELL, False, expected, "requested"), told)
                self.assertIn(":", told["text"], "it says what to do")

    def test_the_list_says_what_will_happen_and_who_is_needed(self):
        approval = self.ask("t-list", 2)
        table = self.countersign("approvals").stdout
        for wanted in (approval, "acme/t-list", "Refund 125.00 EUR for order 4711", "1 approver, 1 finance", "in 23 h 59 min"):
            self.assertIn(wanted, table)
        self.assertEqual(self.decide("approve", approval, "ada", "--environment", "elsewhere")[0], MISUSED)
        self.assertEqual(self.countersign("approve", approval, "--as", "ada", "--key", "/nowhere").returncode, BAD_INPUT)


if __name__ == "__main__":
    main()
