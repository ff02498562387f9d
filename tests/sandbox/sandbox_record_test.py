"""Records and what may be done to them: python3 sandbox_record_test.py PATH_OF_SANDBOX."""

from sandbox_case import SandboxCase, main
from sandbox_client import money

HOME = {"street": "Am Kai 1", "postcode": "20457", "city": "Hamburg", "country": "DE"}


class RecordCase(SandboxCase):
    def do(self, path, body=None, key="k1", **headers):
        return self.ask("POST", "/acme" + path, body or {}, {"Idempotency-Key": key, **headers} if key else headers)

    def read(self, path):
        return self.ask("GET", "/acme" + path).json()

    def change(self, collection, record, patch, tenant="acme"):
        return self.ask("POST", "/_control/change", {"tenant": tenant, "collection": collection, "id": record, "set": patch})


class ReadRecordTest(RecordCase):
    def test_answers_records_as_they_were_seeded(self):
        self.assertEqual(self.read("/articles/export")["version"], 4)
        self.assertEqual(self.read("/histories/c1")["tickets"], [{"id": "t0", "status": "resolved"}])
        self.assertEqual(self.read("/shipments/s1")["received"], 114)
        for path in ("/articles/other", "/other/export", "/articles", "/articles/export/x"):
            self.assert_problem(self.ask("GET", "/acme" + path), 404, "not_found")

    def test_answers_counts_of_two_systems_that_disagree(self):
        self.assertEqual(self.read("/wms/K-1/HAM"), {"sku": "K-1", "location": "HAM", "quantity": 114, "version": 1})
        self.assertEqual(self.read("/erp/K-1/HAM"), {"sku": "K-1", "location": "HAM", "quantity": 120, "version": 7})
        self.assert_problem(self.ask("GET", "/acme/wms/K-1/MUC"), 404, "not_found")


class ActionTest(RecordCase):
    def test_gives_credit_once_and_journals_it(self):
        first = self.do("/customers/c1/credits", {"amount": money(500)}, **{"Countersign-Run": "t/1/2", "Countersign-Actor": "ada"})
        self.assertEqual(first.status, 201)
        again = self.do("/customers/c1/credits", {"amount": money(500)})
        self.assertEqual((again.body, again.headers["idempotency-replayed"]), (first.body, "true"))
        self.do("/customers/c1/credits", {"amount": money(250)}, key="k2")
        self.assertEqual((self.read("/customers/c1")["credit"], self.read("/customers/c1")["version"]), (money(750), 3))
        lines = self.journal()
        self.assertEqual([(l["kind"], l["target"], l["amount"], l["key"]) for l in lines],
                         [("credit", "c1", money(500), "k1"), ("credit", "c1", money(250), "k2")])
        self.assertEqual((lines[0]["run"], lines[0]["actor"]), ("t/1/2", "ada"))
        self.assertNotIn("run", lines[1])
        self.assertEqual([d["amount"] for d in self.read("/customers/c1/credits?key=k2")["credits"]], [money(250)])
        self.assertEqual(len(self.read("/customers/c1/credits")["credits"]), 2)
        self.assertEqual(self.read("/customers/c1/closings"), {"closings": []})

    def test_previews_without_doing(self):
        before = self.read("/customers/c1")
        reply = self.do("/customers/c1/credit-previews", {"amount": money(500)}, key=None)
        self.assertEqual((reply.status, reply.json()["before"], reply.json()["after"]), (200, {}, {"credit": money(500)}))
        self.assertEqual(self.do("/customers/c1/closing-previews", key=None).json()["after"], {"status": "closed"})
        self.assertEqual((self.read("/customers/c1"), self.journal()), (before, []))

    def test_suspends_reinstates_and_closes_for_good(self):
        steps = ("suspensions", 201), ("suspensions", 422), ("reinstatements", 201), ("reinstatements", 422), ("closings", 201), \
            ("closings", 422), ("suspensions", 422), ("reinstatements", 422)
        for number, (noun, status) in enumerate(steps):
            self.assertEqual(self.do(f"/customers/c1/{noun}", key=f"k{number}").status, status, number)
        self.assertEqual(self.read("/customers/c1")["status"], "closed")
        self.assert_problem(self.do("/customers/c1/closing-previews", key=None), 422, "wrong_status")
        self.assert_problem(self.do("/customers/c1/credits", {"amount": money(1)}, key="late"), 422, "wrong_status")
        self.assertEqual(self.summary()["effects"]["by_kind"], {"suspension": 1, "reinstatement": 1, "closing": 1})

    def test_changes_an_address_and_rolls_it_back(self):
        self.assert_problem(self.do("/customers/c1/address-rollbacks"), 422, "nothing_to_roll_back")
        self.assertEqual(self.do("/customers/c1/address-changes", {"address": HOME}).status, 201)
        self.assertEqual(self.read("/customers/c1")["address"], HOME)
        self.assertEqual(self.do("/customers/c1/address-rollbacks", key="k2").status, 201)
        self.assertIsNone(self.read("/customers/c1")["address"])

    def test_moves_stock_in_the_ledger(self):
        move = {"from": "HAM", "to": "BER", "quantity": 6}
        self.assertEqual(self.do("/erp/K-1/move-previews", move, key=None).json()["after"], {"stock": {"HAM": 114, "BER": 46}})
        self.assertEqual(self.do("/erp/K-1/moves", move).status, 201)
        self.assertEqual([self.read(f"/erp/K-1/{place}")["quantity"] for place in ("HAM", "BER")], [114, 46])
        for body, code in (({"quantity": 115}, "stock_too_low"), ({"quantity": 0}, "nothing_to_move"), ({"to": "HAM"}, "nothing_to_move"),
                           ({"to": "MUC"}, "unknown_location")):
            self.assert_problem(self.do("/erp/K-1/moves", {**move, **body}, key=code), 422, code)
        self.assert_problem(self.do("/erp/K-1/moves", {**move, "quantity": "6"}, key="text"), 400, "malformed_body")

    def test_keeps_drafts(self):
        reply = self.do("/tickets/t1/drafts", {"text": "Dear Ada", "policy_version": 7}).json()
        self.assertEqual(self.read("/drafts/" + reply["id"]),
                         {"id": reply["id"], "of": "t1", "text": "Dear Ada", "policy_version": 7, "status": "draft"})
        self.assertEqual(self.read("/tickets/t1/drafts?key=k1")["drafts"], [reply])

    def test_refuses_what_it_does_not_know(self):
        self.assert_problem(self.do("/customers/c9/closings"), 422, "unknown_record")
        self.assert_problem(self.do("/customers/c1/promotions"), 404, "not_found")
        self.assert_problem(self.do("/shipments/s1/closings"), 404, "not_found")
        self.assert_problem(self.do("/customers/c1/credits"), 400, "malformed_body")
        self.assert_problem(self.do("/customers/c1/credits", {"amount": money(1)}, key=None), 400, "missing_idempotency_key")

    def test_acts_twice_where_keys_are_not_honoured(self):
        self.program(match={"tenant": "acme"}, honour_keys=False)
        for _ in range(2):
            self.do("/customers/c1/credits", {"amount": money(500)})
        self.assertEqual(self.read("/customers/c1")["credit"], money(1000))
        self.assertEqual(self.summary()["effects"]["repeated_keys"], {"acme": {"k1": 2}})

    def test_misbehaves_as_told(self):
        self.program("do_then_drop", match={"path_prefix": "/customers/c1/closings"}, count=1)
        with self.assertRaises(ConnectionError):
            self.do("/customers/c1/closings")
        self.assertEqual(self.read("/customers/c1/closings?key=k1")["closings"][0]["after"]["status"], "closed")


class RefundPreviewTest(RecordCase):
    def preview(self, minor, order="o1"):
        return self.do(f"/orders/{order}/refund-previews", {"amount": money(minor)}, key=None)

    def test_shows_what_a_refund_would_leave(self):
        shown = self.preview(5000).json()
        self.assertEqual(shown["before"], {"captured": money(5000), "refunded": money(0), "status": "paid"})
        self.assertEqual(shown["after"], {"captured": money(5000), "refunded": money(5000), "status": "refunded"})
        self.assertEqual((self.read("/orders/o1")["version"], self.journal()), (3, []))

    def test_refuses_as_the_refund_would(self):
        self.assert_problem(self.preview(5001), 422, "amount_above_remaining")
        self.assert_problem(self.preview(1, "o9"), 422, "unknown_order")
        self.assert_problem(self.do("/orders/o1/refund-previews", key=None), 400, "malformed_body")


class ChangeTest(RecordCase):
    def test_changes_an_order_behind_the_callers_back(self):
        self.assertEqual(self.change("orders", "o1", {"refunded": money(700)}).status, 204)
        self.assertEqual(self.read("/orders/o1/payments")["refunded"], money(700))
        self.assertEqual((self.read("/orders/o1")["status"], self.read("/orders/o1")["version"]), ("partially_refunded", 4))
        self.assertEqual(self.change("orders", "o1", {"status": "disputed"}).status, 204)
        self.assertEqual(self.read("/orders/o1")["status"], "disputed")
        self.assertEqual(self.journal(), [])

    def test_changes_a_record(self):
        self.assertEqual(self.change("customers", "c1", {"tier": None, "status": "suspended"}).status, 204)
        self.assertEqual(self.read("/customers/c1"), {"id": "c1", "name": "Ada", "status": "suspended", "version": 2})

    def test_refuses_changes_of_nothing(self):
        self.assert_problem(self.change("customers", "c9", {}), 422, "unknown_record")
        self.assert_problem(self.change("orders", "o9", {}), 422, "unknown_order")
        self.assert_problem(self.change("orders", "o1", {"refunded": money(5001)}), 422, "amount_above_captured")
        self.assert_problem(self.change("orders", "o1", {"refunded": 5}), 400, "malformed_body")
        self.assert_problem(self.change("orders", "o1", {}, tenant="nobody"), 422, "unknown_tenant")


if __name__ == "__main__":
    main()
