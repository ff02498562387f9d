"""What an operator does with `countersign` beside a fleet: publish, look, and mend places and gaps."""

import json
import os
import tempfile
import time

import psycopg2
from confluent_kafka import Producer
from fleet_case import FleetCase, main

PATIENCE = 30
OPENED = {"type": "ticket.opened", "tenant": "acme", "requester": {"id": "c-1"}, "text": "hello", "fields": {}}


class OperatorCase(FleetCase):
    def ask(self, *arguments):
        done = self.fleet.cli(*arguments, "--json", check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else None

    def rows(self, sql):
        with psycopg2.connect(self.fleet.admin_dsn) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def publish(self, *events, flags=()):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.writelines(json.dumps(event) + "\n" for event in events)
            file.flush()
            return self.ask("publish", file.name, *flags)

    def write(self, topic, *messages, partition=0):
        """Messages as (key, sequence), of a type that nobody wants. Which partition they lie on does not matter to the consumers."""
        producer = Producer(self.fleet.kafka_config())
        for key, sequence in messages:
            producer.produce(topic, b"{}", key, partition=partition, headers={"ce_type": "test.noise", "ce_sequence": str(sequence)})
        self.assertEqual(producer.flush(PATIENCE), 0)

    def wait_until(self, what, holds):
        until = time.monotonic() + PATIENCE
        while not holds():
            self.assertLess(time.monotonic(), until, what)
            time.sleep(0.1)


class StandingFleetTest(OperatorCase):
    """Without services: places and keys are as the commands leave them."""

    def test_publish_sends_nothing_of_a_file_with_a_wrong_line(self):
        code, told = self.publish({**OPENED, "ticket_id": "t-1"}, {"type": "ticket.opened", "tenant": "acme", "ticket_id": "t-2"})
        self.assertEqual((code, told["published"], len(told["mistakes"])), (65, 0, 1))
        self.assertIn("line 2", told["mistakes"][0])

    def test_publish_keeps_to_the_rate(self):
        begin = time.monotonic()
        code, told = self.publish(*[{**OPENED, "ticket_id": f"r-{n}"} for n in range(20)], flags=("--rate", "20", "--realm", "partner"))
        self.assertEqual((code, told["published"], told["topic"]), (0, 20, "tickets.partner"))
        self.assertGreater(time.monotonic() - begin, 0.9)

    def test_adopt_begins_at_the_oldest_message_and_accepts_each_first_sequence(self):
        self.write("steps", ("acme/a", 5), ("acme/a", 6), ("acme/b", 1), ("not a key", 3))
        code, told = self.ask("offsets", "adopt", "--service", "planner", "--topic", "steps")
        self.assertEqual((code, told["partitions"], told["keys"]), (0, 4, 2))
        self.assertEqual(self.rows("SELECT count(*), min(next_offset), max(next_offset) FROM planner.consumer_offset WHERE topic = 'steps'"), [(4, 0, 0)])
        self.assertEqual(self.rows("SELECT key, inputs[2] FROM planner.key_state ORDER BY key"), [("acme/a", 4), ("acme/b", 0)])
        self.assertEqual(self.rows("SELECT event, actor = session_user FROM audit.entry WHERE event = 'offsets_adopted'"), [("offsets_adopted", True)])
        self.assertEqual(self.ask("offsets", "adopt", "--service", "planner", "--topic", "steps")[0], 1, "it has a place now")

    def test_repair_shows_what_is_skipped_and_changes_nothing_without_yes(self):
        self.write("plans", ("acme/a", 1), ("acme/a", 2), ("acme/a", 3), partition=1)
        self.assertEqual(self.ask("offsets", "adopt", "--service", "executor", "--topic", "plans")[0], 0)
        place = ("--service", "executor", "--topic", "plans", "--partition", "1")
        before = self.rows("SELECT epoch, next_offset FROM executor.consumer_offset WHERE topic = 'plans' AND partition = 1")
        code, told = self.ask("offsets", "repair", *place, "--to", "2")
        self.assertEqual((code, told["changed"], told["between"], [message["sequence"] for message in told["messages"]]), (1, False, 2, [1, 2]))
        self.assertEqual(self.rows("SELECT epoch, next_offset FROM executor.consumer_offset WHERE topic = 'plans' AND partition = 1"), before)

        code, told = self.ask("offsets", "repair", *place, "--to", "high", "--yes")
        self.assertEqual((code, told["changed"]), (0, True))
        self.assertEqual(self.rows("SELECT epoch, next_offset, digest IS NULL FROM executor.consumer_offset WHERE topic = 'plans' AND partition = 1"),
                         [(before[0][0] + 1, 3, False)])
        self.assertEqual(self.ask("offsets", "repair", *place, "--to", "99")[0], 64)

    def test_repair_refuses_a_place_that_never_was(self):
        self.assertEqual(self.ask("offsets", "repair", "--service", "executor", "--topic", "verdicts", "--partition", "0", "--to", "low", "--yes")[0], 1)
        self.assertEqual(self.ask("offsets", "repair", "--service", "planner", "--topic", "verdicts", "--partition", "0", "--to", "low", "--yes")[0], 64)

    def test_doctor_says_what_is_missing(self):
        code, told = self.ask("doctor")
        self.assertEqual(code, 0, "services that are not started are a warning")
        states = {check["check"]: check["state"] for check in told["checks"]}
        self.assertEqual((states["schema"], states["grants"], states["lease planner"]), ("ok", "ok", "warn"))
        self.assertTrue(all(check["mend"] for check in told["checks"] if check["state"] != "ok"))

    def test_migrate_and_topics_may_be_repeated(self):
        self.assertEqual(self.ask("migrate")[1]["applied"], [])
        code, told = self.ask("topics", "create", "--realm", "main", "--partitions", "4")
        self.assertEqual((code, {topic["state"] for topic in told["topics"]}), (0, {"present"}))
        self.assertEqual(self.ask("topics", "create", "--realm", "main", "--partitions", "8")[0], 1, "partitions are never changed")

    def test_misuse_has_a_code_of_its_own(self):
        self.assertEqual(self.fleet.cli("offsets", "repair", check=False).returncode, 64)
        self.assertEqual(self.fleet.cli("runs", "not-an-id", check=False).returncode, 64)
        self.assertEqual(self.fleet.cli("approve", "018f2f5e", "--as", "ada", "--key", "/nowhere", check=False).returncode, 65)
        self.assertEqual(self.fleet.cli("approvals", "ffffffff", check=False).returncode, 1)
        self.assertEqual(self.fleet.cli("runs", "acme/nobody", check=False).returncode, 1)


class RunningFleetTest(OperatorCase):
    services_wanted = ("planner", "executor", "approval", "outbox")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with tempfile.TemporaryDirectory() as folder:
            for name, document in (("tenant", {"kind": "tenant", "name": "acme", "version": 1, "display_name": "Acme"}),
                                   ("realm", {"kind": "realm", "name": "main", "version": 1, "tenants": ["acme"],
                                              "trust": {"requester": "authenticated", "verified_fields": []}})):
                with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
                    json.dump(document, file)
            cls.fleet.apply(folder)
        cls.fleet.wait_ready()

    def stopped(self, ticket):
        code, story = self.ask("runs", ticket)
        return code == 0 and (story["run"] or {}).get("state") == "stopped"

    def handoffs(self, ticket):
        return [handoff for handoff in self.ask("handoffs")[1]["handoffs"] if handoff["ticket"] == ticket]

    def test_a_ticket_without_playbook_ends_with_people(self):
        self.publish({**OPENED, "ticket_id": "t-1"})
        self.wait_until("a handoff", lambda: self.handoffs("acme/t-1"))
        self.wait_until("the end", lambda: self.stopped("acme/t-1"))
        self.assertEqual(self.ask("runs", "--tenant", "acme", "--stop-reason", "escalated")[1]["runs"][-1]["stop_reason"], "escalated")

    def test_publishing_again_changes_nothing(self):
        event = {**OPENED, "ticket_id": "t-2"}
        self.publish(event)
        self.wait_until("the end", lambda: self.stopped("acme/t-2"))
        self.publish(event)
        self.publish({**OPENED, "ticket_id": "t-3"})
        self.wait_until("the end of a later one", lambda: self.stopped("acme/t-3"))
        self.assertEqual(self.ask("runs", "acme/t-2")[1]["ticket"]["version"], 1)

    def test_a_service_goes_on_after_its_place_was_moved_back(self):
        self.publish({**OPENED, "ticket_id": "t-4"})
        self.wait_until("the end", lambda: self.stopped("acme/t-4"))
        for partition in range(4):
            code, _ = self.ask("offsets", "repair", "--service", "executor", "--topic", "plans", "--partition", str(partition), "--to", "low", "--yes")
            self.assertEqual(code, 0)
        self.publish({**OPENED, "ticket_id": "t-5"})
        self.wait_until("a later one", lambda: self.stopped("acme/t-5"))
        self.assertEqual(self.ask("runs", "acme/t-4")[1]["run"]["run"], 1)

    def test_passing_a_gap_applies_what_waited_and_tells_people(self):
        self.publish({**OPENED, "ticket_id": "t-6"})
        self.wait_until("the end", lambda: self.stopped("acme/t-6"))
        (last,), = self.rows("SELECT inputs[2] FROM executor.key_state WHERE key = 'acme/t-6'")
        self.write("plans", ("acme/t-6", last + 3))
        self.wait_until("it is parked", lambda: self.rows("SELECT 1 FROM executor.parked WHERE key = 'acme/t-6'"))
        code, told = self.ask("sequences", "pass", "acme/t-6", "--topic", "plans", "--service", "executor")
        self.assertEqual((code, told["from"], told["to"]), (0, last + 1, last + 2))
        self.wait_until("it is applied", lambda: self.rows(f"SELECT 1 FROM executor.key_state WHERE key = 'acme/t-6' AND inputs[2] = {last + 3}"))
        self.assertEqual(self.rows("SELECT 1 FROM executor.parked WHERE key = 'acme/t-6'"), [])
        self.wait_until("the referral is relayed", lambda: not self.rows("SELECT 1 FROM executor.outbox WHERE aggregateid = 'acme/t-6'"))
        self.wait_until("approval has heard", lambda: self.rows(
            "SELECT 1 FROM approval.key_state a JOIN executor.key_state e USING (key) WHERE key = 'acme/t-6' AND a.inputs[1] = e.outputs[2]"))
        self.assertTrue(self.handoffs("acme/t-6"))


if __name__ == "__main__":
    main()
