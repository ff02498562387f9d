"""The books, the keys and the journal of the stand-in over raw sockets: python3 sandbox_test.py PATH_OF_SANDBOX."""

import json
import os
import time

from sandbox_case import BINARY, SEED, SandboxCase, main
from sandbox_client import SandboxProcess, money


class ReadTest(SandboxCase):
    def test_answers_customers_as_they_were_seeded(self):
        self.assertEqual(self.ask("GET", "/acme/customers/c1").json(), SEED["tenants"]["acme"]["customers"][0])
        self.assert_problem(self.ask("GET", "/globex/customers/c1"), 404, "not_found")

    def test_answers_orders_and_their_payments(self):
        self.assertEqual(self.ask("GET", "/acme/orders/o1").json(),
                         {"id": "o1", "customer_id": "c1", "status": "paid", "total": money(5000),
                          "updated_at": "2024-05-01T10:00:00Z", "version": 3})
        payments = self.ask("GET", "/acme/orders/%6F1/payments").json()
        self.assertEqual((payments["captured"], payments["refunded"]), (money(5000), money(0)))
        self.assertEqual([p["id"] for p in payments["payments"]], ["p1", "p2"])
        self.assertEqual(payments["payments"][1]["captured_at"], "2024-05-01T10:00:00Z")

    def test_generates_orders_for_benchmarks(self):
        self.assertEqual(self.ask("GET", "/globex/orders/g-3/payments").json()["captured"], money(700))
        self.assert_problem(self.ask("GET", "/globex/orders/g-4"), 404, "not_found")

    def test_refuses_what_is_no_http_and_goes_on(self):
        connection = self.connect()
        connection.socket.sendall(b"nonsense\r\n\r\n")
        self.assertEqual(connection.read_reply().status, 400)
        self.assertEqual(self.ask("GET", "/acme/orders/o1").status, 200)

    def test_asks_for_the_body_when_the_caller_waits(self):
        connection = self.connect()
        body = json.dumps({"ticket_id": "t1", "text": "hello"}).encode()
        connection.socket.sendall(b"POST /acme/notes HTTP/1.1\r\nHost: s\r\nIdempotency-Key: k\r\nExpect: 100-continue\r\n"
                                  b"Transfer-Encoding: chunked\r\n\r\n")
        self.assertEqual(connection.read_head()[0], 100)
        connection.socket.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        self.assertEqual(connection.read_reply().status, 201)


class RefundTest(SandboxCase):
    def test_gives_money_back_once_and_journals_it(self):
        reply = self.refund()
        self.assertEqual((reply.status, reply.json()["amount"], reply.json()["status"]), (201, money(1000), "succeeded"))
        order = self.ask("GET", "/acme/orders/o1").json()
        self.assertEqual((order["status"], order["version"]), ("partially_refunded", 4))
        self.assertEqual(self.ask("GET", "/acme/orders/o1/payments").json()["refunded"], money(1000))
        [line] = self.journal()
        self.assertEqual({k: line[k] for k in ("n", "kind", "tenant", "key", "target", "amount", "replayed")},
                         {"n": 1, "kind": "refund", "tenant": "acme", "key": "k1", "target": "o1", "amount": money(1000),
                          "replayed": False})
        self.assertLess(abs(line["at_ns"] - time.monotonic_ns()), 60e9)

    def test_marks_a_fully_refunded_order(self):
        self.refund(minor=5000)
        self.assertEqual(self.ask("GET", "/acme/orders/o1").json()["status"], "refunded")

    def test_refuses_what_must_not_be_paid(self):
        self.assert_problem(self.refund(order="o9"), 422, "unknown_order")
        self.assert_problem(self.refund(currency="USD"), 422, "currency_mismatch")
        self.assert_problem(self.refund(minor=0), 422, "amount_not_positive")
        self.assert_problem(self.refund(minor=-5), 422, "amount_not_positive")
        self.assert_problem(self.refund(minor=5001), 422, "amount_above_remaining")
        self.assertEqual(self.refund(minor=4000).status, 201)
        self.assert_problem(self.refund(key="k2", minor=1001), 422, "amount_above_remaining")
        self.assertEqual(len(self.journal()), 1)

    def test_refuses_bodies_it_cannot_read(self):
        headers = {"Idempotency-Key": "k"}
        for body in (b"", b"[1]", b'{"order_id":1}', b'{"order_id":"o1","amount":{"minor":5,"currency":"EUR"},"reason":""}',
                     b'{"order_id":"o1","amount":{"minor":"05","currency":"EUR"},"reason":""}', b"[" * 200000):
            self.assert_problem(self.ask("POST", "/acme/refunds", body, headers), 400, "malformed_body")

    def test_replays_the_answer_of_a_used_key(self):
        first, second = self.refund(), self.refund()
        self.assertEqual((second.status, second.body), (201, first.body))
        self.assertEqual(second.headers["idempotency-replayed"], "true")
        self.assertNotIn("idempotency-replayed", first.headers)
        self.assertEqual(len(self.journal()), 1)
        effects = self.summary()["effects"]
        self.assertEqual((effects["total"], effects["replays"], effects["repeated_keys"]), (1, 1, {}))

    def test_knows_the_same_body_in_another_order(self):
        self.refund()
        body = b'{ "reason":"late", "amount":{"currency":"EUR","minor":"1000"}, "order_id":"o1"}'
        self.assertEqual(self.ask("POST", "/acme/refunds", body, {"Idempotency-Key": "k1"}).status, 201)

    def test_refuses_a_used_key_with_another_request(self):
        self.refund()
        self.assert_problem(self.refund(minor=999), 409, "idempotency_key_reused")
        note = self.ask("POST", "/acme/notes", {"ticket_id": "t", "text": "x"}, {"Idempotency-Key": "k1"})
        self.assert_problem(note, 409, "idempotency_key_reused")
        self.assertEqual(self.refund(tenant="globex", order="g-1", minor=5).status, 201)

    def test_forgets_the_key_of_a_refused_refund(self):
        self.refund(minor=9000)
        self.assertEqual(self.refund(minor=1000).status, 201)

    def test_wants_a_key_while_keys_are_honoured(self):
        self.assert_problem(self.refund(key=None), 400, "missing_idempotency_key")

    def test_finds_refunds_by_key_and_by_order(self):
        self.refund(key="a b")
        self.refund(key="other")
        self.assertEqual([r["order_id"] for r in self.ask("GET", "/acme/refunds?key=a%20b").json()["refunds"]], ["o1"])
        self.assertEqual(self.ask("GET", "/acme/refunds?key=none").json(), {"refunds": []})
        self.assertEqual(len(self.ask("GET", "/acme/refunds?order_id=o1").json()["refunds"]), 2)
        self.assertEqual(self.ask("GET", "/acme/refunds").status, 400)

    def test_pays_twice_where_keys_are_not_honoured(self):
        self.program(match={"tenant": "acme"}, honour_keys=False)
        self.refund()
        self.refund()
        self.refund(key=None)
        self.refund(tenant="globex", order="g-1", minor=5)
        self.refund(tenant="globex", order="g-1", minor=5)
        self.assertEqual(self.summary()["effects"]["repeated_keys"], {"acme": {"k1": 2}})
        self.assertEqual(len(self.ask("GET", "/acme/refunds?key=k1").json()["refunds"]), 2)
        self.program(honour_keys=False)
        self.refund(tenant="globex", order="g-1", minor=5)
        self.assertEqual(self.summary()["effects"]["repeated_keys"]["globex"], {"k1": 2})
        self.assertEqual(self.ask("DELETE", "/_control/behaviour").status, 204)
        self.refund()
        self.assertEqual(self.summary()["effects"]["repeated_keys"]["acme"], {"k1": 2})


class JournalTest(SandboxCase):
    def note(self, n, connection):
        body = {"ticket_id": f"t{n}", "text": "hello"}
        reply = connection.ask("POST", "/acme/notes", body, {"Idempotency-Key": f"n{n}"})
        self.assertEqual((reply.status, reply.json()["ticket_id"]), (201, f"t{n}"))

    def test_numbers_pages_and_survives_a_restart(self):
        connection = self.connect()
        for n in range(1, 51):
            self.note(n, connection)
        page = self.ask("GET", "/_control/journal?after=10&limit=5").json()
        self.assertEqual((page["last"], [e["n"] for e in page["entries"]]), (50, [11, 12, 13, 14, 15]))
        self.assertEqual(page["entries"][0]["target"], "t11")
        self.assertEqual(self.journal(after=50), [])
        self.assertEqual(self.sandbox.stop(), 0)

        with open(self.journal_file, "a", encoding="utf-8") as file:
            file.write('{"n":51,"half a li')
        again = SandboxProcess(BINARY, self.folder, *self.arguments)
        self.addCleanup(again.stop)
        reply = again.ask("POST", "/acme/notes", {"ticket_id": "t51", "text": ""}, {"Idempotency-Key": "n51"})
        self.assertEqual(reply.status, 201)
        self.assertEqual(again.stop(), 0)
        with open(self.journal_file, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual([line["n"] for line in lines], list(range(1, 52)))
        self.assertEqual({line["kind"] for line in lines}, {"note"})

    def test_writes_without_being_asked(self):
        self.note(1, self.connect())
        deadline = time.monotonic() + 5
        while os.path.getsize(self.journal_file) == 0:
            self.assertLess(time.monotonic(), deadline)
            self.ask("GET", "/acme/orders/o1")

    def test_learns_more_while_it_runs(self):
        more = {"tenants": {"new": {"customers": [{"id": "c9"}]}}}
        self.assertEqual(self.ask("POST", "/_control/seed", more).status, 204)
        self.assertEqual(self.ask("GET", "/new/customers/c9").status, 200)
        self.assertEqual(self.ask("POST", "/_control/seed", {"tenants": {"new": {"orders": [{"id": "x"}]}}}).status, 400)
        orphan = {"tenants": {"new": {"payments": [{"id": "p", "order_id": "x", "amount": money(1)}]}}}
        self.assert_problem(self.ask("POST", "/_control/seed", orphan), 400, "unknown_order")


if __name__ == "__main__":
    main()
