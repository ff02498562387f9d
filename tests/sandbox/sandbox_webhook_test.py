"""The webhook sink and its signatures: python3 sandbox_webhook_test.py PATH_OF_SANDBOX."""

import json
import os
import sys
import time

from sandbox_case import BINARY, OLDER_SECRET, SECRET, SandboxCase, main
from sandbox_client import SandboxProcess, sign, write

DATA = os.environ.get("COUNTERSIGN_DATA", os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared", "data"))


class WebhookSinkTest(SandboxCase):
    BODY = json.dumps({"type": "ticket.resolved", "data": {"ticket_id": "t-1"}}).encode()

    def headers(self, body=BODY, shift=0, secret=SECRET, webhook_id="msg_1"):
        stamp = str(int(time.time()) + shift)
        return {"webhook-id": webhook_id, "webhook-timestamp": stamp, "webhook-signature": sign(secret, webhook_id, stamp, body)}

    def deliver(self, headers, body=BODY, path="/acme/webhooks"):
        return self.ask("POST", path, body, headers)

    def test_accepts_and_journals_a_good_signature(self):
        before = time.monotonic_ns(), time.time_ns()
        self.assertEqual(self.deliver(self.headers()).status, 204)
        [line] = self.journal()
        self.assertEqual({k: line[k] for k in ("kind", "tenant", "path", "id", "type", "ticket_id", "valid")},
                         {"kind": "webhook", "tenant": "acme", "path": "/acme/webhooks", "id": "msg_1", "type": "ticket.resolved",
                          "ticket_id": "t-1", "valid": True})
        self.assertEqual(len(line["digest"]), 64)
        self.assertGreaterEqual(line["received_mono_ns"], before[0])
        self.assertGreaterEqual(line["received_wall_ns"], before[1])

    def test_accepts_the_other_secret_of_a_rotation(self):
        self.assertEqual(self.deliver(self.headers(secret=OLDER_SECRET)).status, 204)

    def test_refuses_and_counts_bad_signatures(self):
        self.assert_problem(self.deliver(self.headers(), body=self.BODY + b" "), 401, "bad_signature")
        self.assert_problem(self.deliver(self.headers(shift=-302)), 401, "timestamp_out_of_tolerance")
        self.assert_problem(self.deliver(self.headers(), path="/globex/webhooks"), 401, "no_secret")
        self.assertEqual(self.deliver(self.headers(), path="/nobody/webhooks").status, 404)
        self.assertEqual([line["valid"] for line in self.journal()], [False] * 3)
        self.assertEqual(self.summary()["webhooks"]["invalid_signatures"], 3)

    def test_counts_repeats_by_id(self):
        for path in ("/acme/webhooks", "/acme/webhooks/second"):
            self.assertEqual(self.deliver(self.headers(), path=path).status, 204)
        self.deliver(self.headers(webhook_id="msg_2"))
        webhooks = self.summary("?by_id=true")["webhooks"]
        self.assertEqual((webhooks["received"], webhooks["distinct_ids"]), (3, 2))
        self.assertEqual((webhooks["repeated_ids"], webhooks["by_id"]), ({"msg_1": 2}, {"msg_1": 2, "msg_2": 1}))

    def test_misbehaves_per_endpoint(self):
        self.program("status", match={"path_prefix": "/webhooks/gone"}, status=410)
        self.assertEqual(self.deliver(self.headers(), path="/acme/webhooks/gone").status, 410)
        self.assertEqual(self.deliver(self.headers(), path="/acme/webhooks/well").status, 204)
        self.assertEqual(len(self.journal()), 1)

    def test_does_not_start_with_an_empty_secret(self):
        for text in ("", "whsec_", "whsec_!!"):
            with self.assertRaisesRegex(RuntimeError, "exit 78"):
                SandboxProcess(BINARY, self.folder, "--webhook-secret", "acme=" + write(self.folder, "bad", text))


class StandardWebhooksVectorTest(SandboxCase):
    """The cases of the Standard Webhooks reference libraries."""

    def setUp(self):
        path = os.path.join(DATA, "webhooks", "vectors.json")
        if not os.path.exists(path):
            reason = f"no vectors at {path}: set COUNTERSIGN_DATA to the folder that has webhooks/vectors.json"
            print("skipped:", reason, file=sys.stderr)
            self.skipTest(reason)
        with open(path, encoding="utf-8") as file:
            self.vectors = json.load(file)
        super().setUp()

    def mutated(self, mutation, body):
        shift = int(mutation.split()[1]) if mutation.startswith("timestamp") else 0
        stamp = str(int(time.time()) + shift)
        headers = {"webhook-id": "msg_v", "webhook-timestamp": stamp, "webhook-signature": sign(SECRET, "msg_v", stamp, body)}
        if mutation.startswith("del "):
            del headers[mutation[4:]]
        elif mutation.startswith("webhook-"):
            name, value = mutation.split(": ", 1)
            headers[name] = value.replace("<valid>", headers["webhook-signature"])
        return headers

    def test_reproduces_the_fixed_signatures(self):
        for fixed in self.vectors["fixed"]:
            made = sign(fixed["secret"], fixed["msg_id"], fixed["timestamp"], fixed["payload"].encode())
            self.assertEqual(made, fixed["signature"])

    def test_judges_every_case_as_the_reference_does(self):
        body = self.vectors["fixed"][0]["payload"].encode()
        for case in self.vectors["cases"]:
            mutation = case["mutate"] or ""
            if mutation == "secret empty":
                continue  # WebhookSinkTest.test_does_not_start_with_an_empty_secret
            if mutation == "prefix":
                self.sandbox.stop()
                secret = write(self.folder, "bare", SECRET.removeprefix("whsec_"))
                self.sandbox = SandboxProcess(BINARY, self.folder, "--webhook-secret", "acme=" + secret)
                self.addCleanup(self.sandbox.stop)
            with self.subTest(case["name"]):
                reply = self.sandbox.ask("POST", "/acme/webhooks", body, self.mutated(mutation, body))
                self.assertEqual(reply.status, 204 if case["valid"] else 401)


if __name__ == "__main__":
    main()
