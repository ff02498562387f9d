"""A test case with a seeded sandbox of its own. The file's first argument is the path of the binary."""

import json
import os
import sys
import unittest

from sandbox_client import SandboxProcess, money, scratch, write

BINARY = sys.argv[1] if len(sys.argv) > 1 else ""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLDER_SECRET = "whsec_b2xkZXIgc2VjcmV0IGluIHJvdGF0aW9u"
SEED = {"tenants": {
    "acme": {
        "customers": [{"id": "c1", "name": "Ada", "tier": "gold"}],
        "orders": [{"id": "o1", "customer_id": "c1", "total": money(5000), "updated_at": "2024-05-01T10:00:00Z", "version": 3}],
        "payments": [{"id": "p1", "order_id": "o1", "amount": money(3000)},
                     {"id": "p2", "order_id": "o1", "amount": money(2000), "captured_at": "2024-05-01T10:00:00Z"}],
        "records": {
            "articles": [{"id": "export", "version": 4, "title": "Your data", "text": "Ask for it in your profile."}],
            "histories": [{"id": "c1", "tickets": [{"id": "t0", "status": "resolved"}]}],
            "shipments": [{"id": "s1", "sku": "K-1", "from": "BER", "to": "HAM", "expected": 120, "received": 114}],
            "wms": [{"id": "K-1", "stock": {"HAM": 114, "BER": 46}}],
            "erp": [{"id": "K-1", "stock": {"HAM": 120, "BER": 40}, "version": 7}]}},
    "globex": {"generate": {"orders": 3, "prefix": "g-", "total": money(700)}}}}


class SandboxCase(unittest.TestCase):
    def setUp(self):
        folder = scratch()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.journal_file = os.path.join(self.folder, "journal.jsonl")
        self.arguments = ["--seed", write(self.folder, "seed.json", json.dumps(SEED)), "--journal", self.journal_file,
                          "--webhook-secret", "acme=" + write(self.folder, "secret", SECRET + "\n"),
                          "--webhook-secret", "acme=" + write(self.folder, "older", OLDER_SECRET)]
        self.sandbox = SandboxProcess(BINARY, self.folder, *self.arguments)
        self.addCleanup(self.sandbox.stop)
        self.ask = self.sandbox.ask

    def refund(self, key="k1", minor=1000, order="o1", currency="EUR", connection=None, tenant="acme"):
        body = {"order_id": order, "amount": money(minor, currency), "reason": "late"}
        return (connection or self.sandbox).ask("POST", f"/{tenant}/refunds", body, {"Idempotency-Key": key} if key else {})

    def program(self, what=None, **settings):
        body = dict(settings, what=what) if what else settings
        reply = self.ask("POST", "/_control/behaviour", body)
        self.assertIn(reply.status, (201, 204), reply.body)
        return reply

    def journal(self, after=0):
        return self.ask("GET", f"/_control/journal?after={after}").json()["entries"]

    def summary(self, query=""):
        return self.ask("GET", "/_control/summary" + query).json()

    def connect(self):
        connection = self.sandbox.connect()
        self.addCleanup(connection.close)
        return connection

    def assert_problem(self, reply, status, code):
        self.assertEqual((reply.status, reply.headers["content-type"]), (status, "application/problem+json"))
        self.assertEqual(reply.json()["type"], "urn:countersign:sandbox:" + code)


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
