"""Decisions that are well signed, by somebody who may not decide, or not any more, or not twice. Needs nothing but the approval service."""

import json
import time

import documents
import psycopg2
from bench import ENVIRONMENT
from people import Key, Person, digest_of
from roads import issuer_document, vouched
from wire import digest_of_token

GROUP = "Decisions of those who may not"


class Authority:
    def __init__(self, bench):
        self.bench = bench
        self.own = bench.case("asked-by-lea", requester="c-lea", refunds=1)
        self.shouted = bench.case("asked-by-lea-in-capitals", requester="C-LEA", refunds=1)
        self.nonces = bench.case("nonces", amount=documents.PAIR, refunds=1)
        self.issuers = bench.case("issuers", amount=documents.PAIR, refunds=1)
        self.subjects = bench.case("subjects", amount=documents.PAIR, refunds=1)
        self.beyond = bench.case("beyond", amount=documents.PAIR + 1, refunds=1)
        self.race = [bench.case(f"race-{number}") for number in range(8)]
        self.planted = bench.case("planted", refunds=1)

    def play(self):
        self.bench.play(GROUP, (self.ask_oneself, self.repeat_nonce, self.vouch_for_two, self.be_two, self.vouch_beyond, self.be_a_clerk,
                                self.race_each_other, self.plant_people))

    def finish(self):
        """Once the executor is there again: what was approved in the end ran once, and of each race what was decided."""
        bench = self.bench
        for case in (self.own, self.shouted, self.nonces, self.issuers, self.subjects, self.beyond, self.planted):
            bench.ended(case)
        ends = [(bench.wire.heard(case.key, "approval.granted") != [], bench.ended(case), bench.refunds(case)) for case in self.race]
        fair = all(end == (("resolved", 1) if granted else ("denied", 0)) for granted, *rest in ends for end in [tuple(rest)])
        for case, (granted, *_) in zip(self.race, ends):
            case.refunds = int(granted)
        self._row("… and each race ended as it was decided", ", ".join(f"{end} {paid}" for _, end, paid in ends), fair)

    def _row(self, tried, answer, holds):
        self.bench.table.add(GROUP, tried, answer, holds)

    def _expect(self, tried, approval, data, expected, state="requested"):
        answer = self.bench.decide(data)
        now = self.bench.approval_state(approval)
        self._row(tried, f"{answer}; it is {now}", (answer, now) == (expected, state))

    def ask_oneself(self):
        bench = self.bench
        for case, how in ((self.own, "approver = requester, under an alias"), (self.shouted, "… under an alias in capitals")):
            approval = bench.asked(case)
            self._expect(how, approval, bench.person("lea").decide(approval, "approve"), "excluded")
            self._expect("… somebody else", approval, bench.person("lou").decide(approval, "approve"), "counted", "approved")

    def repeat_nonce(self):
        bench, approval = self.bench, self.bench.asked(self.nonces)
        first = bench.person("lea").decide(approval, "approve", nonce="the-nonce-of-lea-1")
        self._expect("a nonce", approval, first, "counted")
        self._expect("… twice, by another person", approval, bench.person("lou").decide(approval, "approve", nonce="the-nonce-of-lea-1"), "nonce_spent")
        bench.wire.decide(first)
        self._expect("the very same decision again, and another's", approval, bench.person("lou").decide(approval, "approve"), "counted", "approved")
        kept = bench.rows("SELECT count(*) FROM approval.decision WHERE digest = %s", digest_of_token(first["decision"]))[0][0]
        self._row("… what came twice is one decision", f"recorded {kept} time", kept == 1)

    def vouch_for_two(self):
        bench, approval = self.bench, self.bench.asked(self.issuers)
        self._expect("an issuer vouches for one person", approval, vouched(bench, approval, "U1"), "counted")
        self._expect("… and for a second one", approval, vouched(bench, approval, "U2"), "issuer_spent")
        self._expect("… who decides by her own key instead", approval, bench.person("lou").decide(approval, "approve"), "counted", "approved")

    def be_two(self):
        bench, approval = self.bench, self.bench.asked(self.subjects)
        self._expect("one person by her own key", approval, bench.person("lea").decide(approval, "approve"), "counted")
        self._expect("… and as a subject of an issuer", approval, vouched(bench, approval, "U1"), "already_decided")
        self._expect("… and as another subject", approval, vouched(bench, approval, "U1-phone"), "already_decided")
        self._expect("… and as a subject that is nobody", approval, vouched(bench, approval, "U9"), "person_unknown")
        self._expect("… then a second person", approval, bench.person("lou").decide(approval, "approve"), "counted", "approved")

    def vouch_beyond(self):
        bench, approval = self.bench, self.bench.asked(self.beyond)
        self._expect("an issuer vouches for more money than it may", approval, vouched(bench, approval, "U1"), "vouching_limit")
        self._expect("… for somebody whom it may not speak for", approval, vouched(bench, approval, "U3"), "vouching_person")
        for person, state in (("max", "requested"), ("lou", "approved")):
            self._expect(f"… {person} by an own key", approval, bench.person(person).decide(approval, "approve"), "counted", state)

    def be_a_clerk(self):
        bench, approval = self.bench, self.bench.asked(self.planted)
        self._expect("somebody without the role", approval, bench.person("cleo").decide(approval, "approve"), "role_missing")

    def race_each_other(self):
        """Approve and deny at the same moment."""
        bench = self.bench
        pairs = []
        for number, case in enumerate(self.race):
            approval = bench.asked(case)
            both = [bench.person("lea").decide(approval, "approve"), bench.person("lou").decide(approval, "deny", "no")]
            pairs.append((approval, both[:: 1 if number % 2 else -1]))
        bench.wire.decide(*[data for _, both in pairs for data in both])
        answers = [sorted(bench.judged(data) for data in both) for _, both in pairs]
        states = [bench.approval_state(approval) for approval, _ in pairs]
        self._row("approve and deny at the same moment, eight times", f"{' or '.join(sorted({' and '.join(answer) for answer in answers}))}; "
                  f"{states.count('approved')} approved, {states.count('denied')} denied", all(answer == ["approval_not_open", "counted"] for answer in answers)
                  and set(states) <= {"approved", "denied"})

    def plant_people(self):
        """Who can write the database adds nobody and nothing."""
        bench, approval = self.bench, self.bench.asked(self.planted)
        eve = Person("acme", "eve", ["lead"], Key("acme.eve.1"), ENVIRONMENT)
        plant(bench, eve.document())
        self._expect("a person added by SQL", approval, eve.decide(approval, "approve"), "signer_unknown")
        sign(bench, eve.document(), eve, "eve")
        sign(bench, eve.document(), bench.person("lea"), "lea")
        self._expect("… signed by herself and by one lead", approval, eve.decide(approval, "approve"), "signer_unknown")
        clerk = {**bench.person("cleo").document(), "version": 2, "roles": ["lead"]}
        plant(bench, clerk)
        self._expect("a clerk's new role by SQL", approval, bench.person("cleo").decide(approval, "approve"), "role_missing")
        key = Key("acme.lea.2")
        plant(bench, {**bench.person("lea").document(), "version": 2, "keys": [{"kid": key.kid, "x": key.public}]})
        forged = Person("acme", "lea", ["lead"], key, ENVIRONMENT)
        self._expect("a lead's new key by SQL", approval, forged.decide(approval, "approve"), "jws_key_unknown")
        key = Key("decoy.1")
        plant(bench, issuer_document("decoy", key))
        self._expect("an issuer added by SQL", approval, vouched(bench, approval, "lea", "decoy", key), "signer_unknown")
        self._expect("a lead, by the key that two people know of", approval, bench.person("lea").decide(approval, "approve"), "counted", "approved")


def plant(bench, document):
    """As somebody who owns the database, with everything that a genuine change leaves there, and waits until approval has read it."""
    connection = psycopg2.connect(bench.fleet.admin_dsn)
    with connection, connection.cursor() as cursor:
        place = (document["tenant"], document["kind"], document["name"], document["version"])
        cursor.execute("INSERT INTO core.document (tenant_id, kind, name, version, body, digest) VALUES (%s, %s, %s, %s, %s, %s)",
                       (*place, json.dumps(document), digest_of(document)))
        cursor.execute("INSERT INTO core.activation (tenant_id, kind, name, version) VALUES (%s, %s, %s, %s) "
                       "ON CONFLICT (tenant_id, kind, name) DO UPDATE SET version = excluded.version", place)
        cursor.execute("UPDATE core.configuration SET revision = revision + 1")
    connection.close()


def sign(bench, document, person, name):
    """One more signature on a planted document, in the database's own table."""
    claims = {"iss": "person", "sub": name, "aud": f"countersign/{ENVIRONMENT}", "tenant": document["tenant"], "kind": document["kind"],
              "name": document["name"], "version": document["version"], "digest": digest_of(document), "iat": int(time.time())}
    connection = psycopg2.connect(bench.fleet.admin_dsn)
    with connection, connection.cursor() as cursor:
        jws = person.key.sign("change+jwt", claims)
        cursor.execute("INSERT INTO core.signature (tenant_id, kind, name, version, person, jws, jws_sha256)"
                       " VALUES (%s, %s, %s, %s, %s, %s, sha256(convert_to(%s, 'UTF8')))",
                       (document["tenant"], document["kind"], document["name"], document["version"], name, jws, jws))
        cursor.execute("UPDATE core.configuration SET revision = revision + 1")
    connection.close()
