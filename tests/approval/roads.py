"""The round trip on all of its roads: a refund waits, people say something, and what comes of it is looked at in the shop's own journal."""

import json
import os
import tempfile

import documents
from bench import BRIDGE, ENVIRONMENT
from people import Key, decision_data

GROUP = "The round trip"
REASON = "internal: looks like the fraud of last week"


class Roads:
    def __init__(self, bench):
        self.bench = bench
        case = bench.case
        self.approved = case("approved", refunds=1)
        self.denied = case("denied")
        self.changed = case("changed", refunds=1)
        self.expired = case("expired", amount=documents.HASTY)
        self.corrected = case("corrected", refunds=1)
        self.drifted = case("drifted", refunds=1)
        self.first = case("first-of-two", refunds=1)
        self.second = None
        self.refused = case("refused-first", refunds=0)
        self.again = None
        self.pair = case("two-leads", amount=documents.PAIR, refunds=1)
        self.vouched = case("vouched-for", refunds=1)
        self.instructed = case("instructed", refunds=1, actor={"id": "lea"}, instruction="pay it back")
        self.joined = case("joined", refunds=1)
        self.by_command = {verb: case(f"by-command-{verb}", refunds=int(verb != "deny")) for verb in ("approve", "deny", "request-changes")}

    def play(self):
        self.bench.play(GROUP, (self.approve, self.deny, self.request_changes, self.expire, self.correct, self.drift, self.hold, self.deny_first,
                                self.take_two, self.vouch, self.instruct, self.join, self.use_commands))

    def _row(self, tried, answer, holds):
        self.bench.table.add(GROUP, tried, answer, holds)

    def approve(self):
        bench, case = self.bench, self.approved
        approval = bench.asked(case)
        said = bench.decide(bench.person("lea").decide(approval, "approve"))
        end, state = bench.ended(case), bench.becomes(approval, "consumed")
        paid = bench.refunds(case)
        shown = approval.get("preview", {}).get("after", {}).get("refunded")
        self._row("a lead approves what a preview showed", f"{said}, {state}; {end}, paid {paid} time", (said, state, end, paid, shown) == (
            "counted", "consumed", "resolved", 1, documents.money(case.amount)))

    def deny(self):
        bench, case = self.bench, self.denied
        approval = bench.asked(case)
        said = bench.decide(bench.person("lea").decide(approval, "deny", REASON))
        end, paid = bench.ended(case), bench.refunds(case)
        outcome = bench.wire.wait_for(case.key, "ticket.denied")
        leaked = "internal" in json.dumps(outcome)
        wording = outcome.get("outcome", outcome).get("wording", outcome.get("wording"))
        safe = wording == ["We could not pay the amount back."] and not leaked
        self._row("a lead denies", f"{said}, {bench.approval_state(approval)}; {end}, paid {paid} times; the customer may be told {wording}",
                  (said, end, paid, safe) == ("counted", "denied", 0, True))

    def request_changes(self):
        bench, case = self.bench, self.changed
        first = bench.asked(case)
        said = bench.decide(bench.person("lea").decide(first, "request_changes", "look at the history first"))
        second = bench.asked(case, 2)
        own = bench.decide(bench.person("lea").decide(second, "approve"))
        other = bench.decide(bench.person("lou").decide(second, "approve"))
        end, paid = bench.ended(case), bench.refunds(case)
        self._row("a lead requests changes; it is proposed again", f"{said}, {bench.approval_state(first)}; asked again",
                  said == "counted" and bench.approval_state(first) == "changes_requested" and second["approval_id"] != first["approval_id"])
        self._row("… who asked for changes approves what came of it", own, own == "contributed")
        self._row("… another lead approves", f"{other}; {end}, paid {paid} time", (other, end, paid) == ("counted", "resolved", 1))

    def expire(self):
        bench, case = self.bench, self.expired
        approval = bench.asked(case)
        state, end = bench.becomes(approval, "expired"), bench.ended(case)
        step, codes = bench.step_codes(case)
        paid = bench.refunds(case)
        self._row("nobody decides in time", f"{state}; step {step} {codes}, {end}, paid {paid} times",
                  (state, step, end, paid) == ("expired", "expired", "escalated", 0))
        late = bench.decide(bench.person("lea").decide(approval, "approve"))
        self._row("… and an approval comes afterwards", f"{late}; {bench.approval_state(approval)}, paid {bench.refunds(case)} times",
                  (late, bench.approval_state(approval), bench.refunds(case)) == ("approval_expired", "expired", 0))

    def correct(self):
        """Also: an approval of the older plan."""
        bench, case = self.bench, self.corrected
        old = bench.asked(case)
        bench.send({"type": "ticket.updated", "tenant": case.tenant, "ticket_id": case.ticket, "fields": {"amount": documents.money(6000)}})
        new = bench.asked(case, 2)
        state = bench.becomes(old, "withdrawn")
        self._row("the ticket changes while people think", f"{state}; asked again about {new['action']['amount']['minor']}",
                  state == "withdrawn" and new["action"]["amount"] == documents.money(6000))
        lea = bench.person("lea")
        stale = bench.decide(lea.decide(old, "approve"))
        self._row("… approval of the older plan", stale, stale == "approval_not_open")
        mixed = bench.decide(lea.decide({**new, "action_digest": old["action_digest"]}, "approve"))
        self._row("… approval of the newer one with the older one's digest", mixed, mixed == "action_digest_wrong")
        said = bench.decide(lea.decide(new, "approve"))
        end, paid = bench.ended(case), bench.refunds(case)
        self._row("… approval of the newer one", f"{said}; {end}, paid {paid} time", (said, end, paid) == ("counted", "resolved", 1))

    def drift(self):
        bench, case = self.bench, self.drifted
        old = bench.asked(case)
        bench.change_order(case, refunded=documents.money(700))
        said = bench.decide(bench.person("lea").decide(old, "approve"))
        new = bench.asked(case, 2)
        state = bench.becomes(old, "withdrawn")
        was, now = ((new.get("difference") or {}).get(side, {}).get("refunded", {}).get("minor") for side in ("was", "is"))
        self._row("the order changes between preview and claim", f"{said}, then {state}; shown again: refunded was {was}, is {now}",
                  (said, state, was, now) == ("counted", "withdrawn", "0", "700"))
        said = bench.decide(bench.person("lea").decide(new, "approve"))
        end, paid = bench.ended(case), bench.refunds(case)
        self._row("… approved as it is now", f"{said}; {end}, paid {paid} time", (said, end, paid) == ("counted", "resolved", 1))

    def hold(self):
        bench, first = self.bench, self.first
        bench.decide(bench.person("lea").decide(bench.asked(first), "approve"))
        bench.ended(first)
        self.second = second = bench.case("second-of-two", order=first.order, requester=first.requester, amount=4000, refunds=1)
        bench.publish()
        approval = bench.asked(second)
        holder = approval.get("holder") or {}
        said = bench.decide(bench.person("lea").decide(approval, "approve"))
        end, paid = bench.ended(second), bench.refunds(second)
        self._row("a second refund on the same order: the first is shown, and accepted",
                  f"holder {holder.get('ticket_id')} {holder.get('state')}; {said}; {end}, paid {paid} times",
                  (holder.get("ticket_id"), said, end, paid) == (first.ticket, "counted", "resolved", 2))

    def deny_first(self):
        bench, refused = self.bench, self.refused
        bench.decide(bench.person("lea").decide(bench.asked(refused), "deny", "not without a receipt"))
        bench.ended(refused)
        self.again = again = bench.case("proposed-again", order=refused.order, requester=refused.requester, refunds=1)
        bench.publish()
        approval = bench.asked(again)
        before = [denial["person"] for denial in approval.get("denied_before", [])]
        other = bench.decide(bench.person("lou").decide(approval, "approve"))
        self._row("an operation that was denied is proposed again", f"denied before by {before}; another lead approves: {other}",
                  before == ["lea"] and other == "denied_before")
        said = bench.decide(bench.person("lea").decide(approval, "approve"))
        end, paid = bench.ended(again), bench.refunds(again)
        self._row("… who denied it approves it", f"{said}; {end}, paid {paid} time", (said, end, paid) == ("counted", "resolved", 1))

    def take_two(self):
        bench, case = self.bench, self.pair
        approval = bench.asked(case)
        one = bench.decide(bench.person("lea").decide(approval, "approve"))
        between = bench.approval_state(approval)
        repeated = bench.decide(bench.person("lea").decide(approval, "approve"))
        two = bench.decide(bench.person("lou").decide(approval, "approve"))
        end, paid = bench.ended(case), bench.refunds(case)
        people = sorted(one["person"] for one in bench.wire.wait_for(case.key, "approval.granted")["people"])
        self._row("two leads are needed, and approve", f"{one}, {between}, again {repeated}; {two}, by {people}; {end}, paid {paid} time",
                  (one, between, repeated, two, people, end, paid)
                  == ("counted", "requested", "already_decided", "counted", ["lea", "lou"], "resolved", 1))

    def vouch(self):
        bench, case = self.bench, self.vouched
        answers = register_bridge(bench)
        self._row("an issuer is registered by one person; by two", f"exit {answers[0]}; exit {answers[1]}", answers[0] != 0 and answers[1] == 0)
        approval = bench.asked(case)
        said = bench.decide(vouched(bench, approval, "U1"))
        end, paid = bench.ended(case), bench.refunds(case)
        self._row("a bridge vouches for a lead", f"{said}; {end}, paid {paid} time", (said, end, paid) == ("counted", "resolved", 1))

    def instruct(self):
        self._leave_to_another("a lead instructed the agent, and approves what it proposes", self.instructed, self.bench.asked(self.instructed))

    def join(self):
        bench, case = self.bench, self.joined
        bench.asked(case)
        bench.send({"type": "ticket.message_added", "tenant": case.tenant, "ticket_id": case.ticket, "author": {"kind": "agent", "id": "lea"},
                    "text": "We should pay this."})
        self._leave_to_another("a lead wrote into the ticket, and approves what is proposed then", case, bench.asked(case, 2))

    def _leave_to_another(self, tried, case, approval):
        bench = self.bench
        own = bench.decide(bench.person("lea").decide(approval, "approve"))
        self._row(tried, f"{own}; it is {bench.approval_state(approval)}", (own, bench.approval_state(approval)) == ("excluded", "requested"))
        other = bench.decide(bench.person("lou").decide(approval, "approve"))
        end, paid = bench.ended(case), bench.refunds(case)
        self._row("… another lead approves", f"{other}; {end}, paid {paid} time", (other, end, paid) == ("counted", "resolved", 1))

    # ---- the command line

    def _command(self, verb, approval, person, *more):
        fleet = self.bench.fleet
        return fleet.cli(verb, approval["approval_id"], "--as", person, "--key", fleet.key_file(f"acme/{person}"), *more, check=False)

    def use_commands(self):
        bench = self.bench
        approval = bench.asked(self.by_command["approve"])
        listed = bench.fleet.cli("approvals").stdout
        whole = bench.fleet.cli("approvals", approval["approval_id"], "--json").stdout
        found = approval["approval_id"][:8] in listed, approval["action_digest"] in whole
        self._row("countersign approvals, without and with an id", f"lists it: {found[0]}; shows its digest: {found[1]}", all(found))
        wrong = self._command("approve", approval, "cleo")
        done = self._command("approve", approval, "lou")
        again = self._command("approve", approval, "lea")
        case = self.by_command["approve"]
        end, paid = bench.ended(case), bench.refunds(case)
        self._row("countersign approve, by a clerk, a lead, and another lead too late",
                  f"exit {wrong.returncode}, {done.returncode}, {again.returncode}; {end}, paid {paid} time",
                  (wrong.returncode, done.returncode, again.returncode, end, paid) == (1, 0, 3, "resolved", 1))

        case = self.by_command["deny"]
        bare = self._command("deny", bench.asked(case), "lea")
        done = self._command("deny", bench.asked(case), "lea", "--reason", REASON)
        end, paid = bench.ended(case), bench.refunds(case)
        self._row("countersign deny, without and with a reason", f"exit {bare.returncode}, {done.returncode}; {end}, paid {paid} times",
                  bare.returncode != 0 and (done.returncode, end, paid) == (0, "denied", 0))

        case = self.by_command["request-changes"]
        done = self._command("request-changes", bench.asked(case), "lea", "--reason", "ask the customer first")
        later = self._command("approve", bench.asked(case, 2), "lou")
        end, paid = bench.ended(case), bench.refunds(case)
        self._row("countersign request-changes, then approve", f"exit {done.returncode}, {later.returncode}; {end}, paid {paid} time",
                  (done.returncode, later.returncode, end, paid) == (0, 0, "resolved", 1))


# ---- the bridge

def bridge_key(bench):
    return Key.at(bench.fleet.key_file("acme/" + BRIDGE), BRIDGE + ".1")


def vouched(bench, approval, subject, issuer=BRIDGE, key=None):
    """An approval that an issuer passes on."""
    claims = bench.person("lea").claims(approval, "approve", iss=issuer, sub=subject)
    return decision_data(approval, (key or bridge_key(bench)).sign("decision+jwt", claims))


def issuer_document(name, key):
    return {
        "kind": "issuer", "tenant": "acme", "name": name, "version": 1, "keys": [{"kid": key.kid, "x": key.public}],
        "may_vouch": {"people": ["lea", "lou"], "up_to": [documents.money(documents.PAIR)]},
    }


def register_bridge(bench):
    """Exit codes of registering it with one person's signature and with those of two."""
    document = issuer_document(BRIDGE, bridge_key(bench))
    with tempfile.TemporaryDirectory(prefix="countersign-issuer-") as folder:
        path = os.path.join(folder, "bridge.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        signatures = []
        for person in ("lea", "lou"):
            signed = bench.fleet.cli("sign", path, "--as", person, "--key", bench.fleet.key_file(f"acme/{person}"), "--environment", ENVIRONMENT)
            signatures += ["--signature", os.path.join(folder, person + ".jws")]
            with open(signatures[-1], "w", encoding="ascii") as file:
                file.write(signed.stdout)
        common = ["issuers", "register", path, "--environment", ENVIRONMENT]
        return [bench.fleet.cli(*common, *some, check=False).returncode for some in (signatures[:2], signatures)]
