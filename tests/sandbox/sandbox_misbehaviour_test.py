"""Every way in which the stand-in lets its callers down: python3 sandbox_misbehaviour_test.py PATH_OF_SANDBOX."""

import socket
import time

from sandbox_case import SandboxCase, main
from sandbox_client import money


class MisbehaviourTest(SandboxCase):
    def assert_dropped(self, connection):
        with self.assertRaises(ConnectionError):
            connection.read_reply()

    def test_answers_a_status_with_retry_after_as_often_as_told(self):
        self.program("status", match={"method": "POST", "path_prefix": "/refunds", "tenant": "acme"}, status=503, retry_after=7, count=2)
        self.assertEqual(self.refund(tenant="globex", order="g-1", minor=1).status, 201)
        self.assertEqual(self.ask("GET", "/acme/orders/o1").status, 200)
        for _ in range(2):
            reply = self.refund()
            self.assertEqual((reply.status, reply.headers["retry-after"]), (503, "7"))
        self.assertEqual(self.refund().status, 201)
        self.assertEqual(len(self.journal()), 2)

    def test_fails_after_doing_the_work_when_told(self):
        self.program("fail", match={"path_prefix": "/acme/refunds"}, work="first", count=1)
        self.assertEqual(self.refund().status, 500)
        self.assertEqual(len(self.journal()), 1)
        self.assertEqual(self.refund().headers["idempotency-replayed"], "true")

    def test_redirects_to_where_nobody_should_go(self):
        self.program("redirect", count=1)
        reply = self.refund()
        self.assertEqual((reply.status, reply.headers["location"]), (302, "http://169.254.169.254/latest/meta-data/"))
        self.program("redirect", status=307, location="http://127.0.0.1:1/", count=1)
        self.assertEqual(self.refund().headers["location"], "http://127.0.0.1:1/")
        self.assertEqual(self.journal(), [])

    def test_delays_and_then_answers(self):
        self.program("delay", delay_ms=150, count=1)
        start = time.monotonic()
        self.assertEqual(self.refund().status, 201)
        self.assertGreaterEqual(time.monotonic() - start, 0.15)

    def test_carries_a_delayed_request_out_before_or_after_the_wait(self):
        for work in ("first", "last"):
            with self.subTest(work):
                self.program("delay", delay_ms=200, count=1, work=work)
                sent = time.monotonic_ns()
                self.assertEqual(self.refund(key=work, minor=5).status, 201)
                answered = time.monotonic_ns()
                carried_out = self.journal()[-1]["at_ns"]
                waited_before, waited_after = carried_out - sent, answered - carried_out
                self.assertGreaterEqual(waited_before if work == "last" else waited_after, 200_000_000)

    def test_hangs_until_the_caller_gives_up(self):
        self.program("hang", count=1)
        connection = self.connect()
        connection.socket.settimeout(0.2)
        with self.assertRaises(socket.timeout):
            self.refund(connection=connection)
        self.assertEqual(self.refund().status, 201)

    def test_hangs_up_after_a_hang_with_a_length(self):
        self.program("hang", delay_ms=50, count=1)
        with self.assertRaises(ConnectionError):
            self.refund(connection=self.connect())
        self.assertEqual(self.journal(), [])

    def test_resets_without_doing_anything(self):
        self.program("reset", count=1)
        with self.assertRaises(ConnectionResetError):
            self.refund(connection=self.connect())
        self.assertEqual(self.journal(), [])

    def test_resets_only_a_reused_connection(self):
        self.program("reset_reused", match={"method": "POST"}, count=1, work="first")
        connection = self.connect()
        self.assertEqual(self.refund(connection=connection).status, 201)
        with self.assertRaises(ConnectionError):
            self.refund(key="k2", connection=connection)
        self.assertEqual([e["key"] for e in self.journal()], ["k1", "k2"])
        connection = self.connect()
        self.refund(key="k3", connection=connection)
        self.assertEqual(self.refund(key="k4", connection=connection).status, 201)

    def test_resets_a_reused_connection_before_the_work(self):
        self.program("reset_reused", match={"method": "POST"}, count=1)
        connection = self.connect()
        self.assertEqual(connection.ask("GET", "/acme/orders/o1").status, 200)
        with self.assertRaises(ConnectionError):
            self.refund(connection=connection)
        self.assertEqual(self.journal(), [])

    def test_does_the_work_and_drops_the_connection(self):
        self.program("do_then_drop", count=1)
        connection = self.connect()
        connection.send("POST", "/acme/refunds", {"order_id": "o1", "amount": money(5), "reason": ""}, {"Idempotency-Key": "k"})
        self.assert_dropped(connection)
        self.assertEqual(connection.unread, b"")
        self.assertEqual(len(self.ask("GET", "/acme/refunds?key=k").json()["refunds"]), 1)

    def test_sends_a_body_byte_by_byte(self):
        self.program("slow_body", delay_ms=5, count=1)
        connection = self.connect()
        start = time.monotonic()
        reply = connection.ask("GET", "/acme/customers/c1")
        self.assertEqual(reply.json()["id"], "c1")
        self.assertGreaterEqual(time.monotonic() - start, 0.005 * len(reply.body))

    def test_sends_a_body_without_end(self):
        self.program("endless_body", count=1)
        connection = self.connect()
        connection.send("GET", "/acme/customers/c1")
        _, headers = connection.read_head()
        self.assertNotIn("content-length", headers)
        while len(connection.unread) < 5_000_000:
            connection.more()
        connection.close()
        self.assertEqual(self.ask("GET", "/acme/customers/c1").status, 200)

    def test_throws_the_same_dice_from_the_same_seed(self):
        self.program("status", status=503, probability=0.5)
        connection = self.connect()

        def fates(seed):
            self.assertEqual(self.ask("POST", "/_control/random_seed", {"seed": seed}).status, 204)
            return [connection.ask("GET", "/acme/orders/o1").status for _ in range(40)]

        first, other, again = fates(7), fates(8), fates(7)
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)
        self.assertEqual(set(first), {200, 503})

    def test_removes_one_or_all(self):
        one = self.program("fail").json()["id"]
        self.program("status", status=418)
        self.assertEqual(self.refund().status, 500)
        self.assertEqual(self.ask("DELETE", f"/_control/behaviour?id={one}").status, 204)
        self.assertEqual(self.refund().status, 418)
        self.assertEqual(self.ask("DELETE", f"/_control/behaviour?id={one}").status, 404)
        self.ask("DELETE", "/_control/behaviour")
        self.assertEqual(self.refund().status, 201)

    def test_refuses_rules_it_cannot_follow(self):
        for rule in ({}, {"what": "explode"}, {"what": "status"}, {"what": "fail", "status": 99}, {"what": "fail", "count": 0},
                     {"what": "do_then_drop", "work": "none"}, {"what": "fail", "work": "last"}, {"what": "fail", "probability": 2},
                     {"what": "fail", "match": 5}, {"what": 5}, {"honour_keys": "no"}):
            with self.subTest(rule):
                self.assertEqual(self.ask("POST", "/_control/behaviour", rule).status, 400)


if __name__ == "__main__":
    main()
