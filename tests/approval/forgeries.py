"""Messages between services from somebody who has got hold of a service's Kafka user: referrals as the executor, verdicts as approval.

The sequence of a forged message is the one that is due, so that nothing but its content stands against it.
"""

import copy
import secrets
import time

from bench import ENVIRONMENT
from people import Key, base64url, canonical, digest_of

HOUR = 3600


class Referrals:
    """Requests that would ask for less than policy does."""

    GROUP = "Requests that the executor did not make"

    def __init__(self, bench):
        self.bench = bench
        self.cases = [bench.case(f"softened-{number}") for number in range(6)]

    def play(self):
        bench = self.bench
        theft = Key(bench.service_key("executor").kid)
        for case, (tried, forge, expected) in zip(self.cases, [
            ("a softer requirement, its digests left as they were", lambda genuine: _softened(genuine, resealed=False), "requirement_digest_wrong"),
            ("… with new digests and the executor's old signature", _softened, "request_contradicts_referral"),
            ("… signed by another key under its kid", lambda genuine: _signed(_softened(genuine), theft), "jws_signature_invalid"),
            ("… signed by approval's own key", lambda genuine: _signed(_softened(genuine), bench.service_key("approval")), "jws_key_unknown"),
            ("… under the id of a request that waits", lambda genuine: {**_softened(genuine), "approval_id": genuine["approval_id"]},
             "approval_contradicted"),
            ("a genuine one of another deployment", lambda genuine: _moved(genuine, bench.service_key("executor")), "environment_wrong"),
        ]):
            self._try(case, tried, forge, expected)

    def _try(self, case, tried, forge, expected):
        bench = self.bench
        approval = bench.asked(case)
        forged = forge(copy.deepcopy(bench.wire.wait_for(case.key, "referral.approval")))
        bench.wire.forge("executor", "referrals", case.key, "referral.approval", forged)
        answer = bench.until(lambda: bench.rows("SELECT reason FROM approval.dead_letter WHERE topic = 'referrals' AND key = %s", case.key.encode()))
        reason = answer[0][0] if answer else "no dead letter"
        asked = len(bench.wire.heard(case.key, "approval.requested"))
        clerk = bench.decide(bench.person("cleo").decide(approval, "approve"))
        state = bench.approval_state(approval)
        bench.table.add(self.GROUP, tried, f"dead letter {reason}; people asked {asked} time; the genuine one is {state}, a clerk's approval {clerk}",
                        (reason, asked, clerk, state) == (expected, 1, "role_missing", "requested"))


def _softened(genuine, resealed=True):
    """What a clerk alone could approve."""
    forged = {**genuine, "approval_id": _new_id()}
    forged["requirement"] = {**genuine["requirement"], "roles": [{"role": "clerk", "people": 1}]}
    return _sealed(forged) if resealed else forged


def _sealed(forged):
    forged["requirement_digest"] = forged["action"]["requirement_digest"] = digest_of(forged["requirement"])
    forged["action_digest"] = digest_of(forged["action"])
    return forged


def _signed(forged, key):
    shown = {name: value for name, value in forged.items() if name != "request"}
    claims = {
        "iss": "executor", "aud": "approval", "environment": ENVIRONMENT, "tenant": forged["tenant"], "approval_id": forged["approval_id"],
        "action_digest": forged["action_digest"], "requirement_digest": forged["requirement_digest"], "shown_digest": digest_of(shown), "iat": int(time.time()),
    }
    return {**forged, "request": key.sign("approval-request+jwt", claims)}


def _moved(genuine, key):
    forged = {**genuine, "approval_id": _new_id()}
    forged["action"]["environment"] = "staging"
    return _signed(_sealed(forged), key)


def _new_id():
    digits = secrets.token_hex(16)
    return f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


class Verdicts:
    """Grants that people did not give."""

    GROUP = "Countersignatures that do not hold"

    def __init__(self, bench):
        self.bench = bench
        self.used = bench.case("used", refunds=1)
        self.cases = []
        self.attempts = self._attempts()
        for number, _ in enumerate(self.attempts):
            self.cases.append(bench.case(f"forged-{number}"))
        self.elsewhere = bench.case("of-another-action")

    def _attempts(self):
        bench, now = self.bench, int(time.time())
        approval, executor = bench.service_key, bench.service_key
        return [
            ("alg none", lambda a: _unsigned(a, approval("approval").kid), "jws_algorithm_refused"),
            ("another key under approval's kid", lambda a: _countersigned(a, Key(approval("approval").kid)), "jws_signature_invalid"),
            ("unknown kid", lambda a: _countersigned(a, Key("approval.9")), "jws_key_unknown"),
            ("the executor's own key", lambda a: _countersigned(a, executor("executor")), "jws_key_unknown"),
            ("a lead's decision in its place", lambda a: bench.person("lea").decide(a, "approve")["decision"], "jws_type_wrong"),
            ("right key, another environment", lambda a: _countersigned(a, approval("approval"), aud="executor/production"), "token_audience_wrong"),
            ("right key, another manifest", lambda a: self._of_action(a, manifest_digest="0" * 64), "countersignature_contradicts"),
            ("right key, another ticket version", lambda a: self._of_action(a, ticket_version=2), "countersignature_contradicts"),
            ("right key, other arguments", lambda a: self._of_action(a, arguments={}), "countersignature_contradicts"),
            ("right key, another tenant", lambda a: _countersigned(a, approval("approval"), tenant="globex"), "countersignature_contradicts"),
            ("right key, another approval", lambda a: _countersigned(a, approval("approval"), approval_id=_new_id()), "countersignature_contradicts"),
            ("right key, a softer requirement", lambda a: _countersigned(a, approval("approval"), requirement_digest="0" * 64),
             "countersignature_contradicts"),
            ("right key, not yet valid", lambda a: _countersigned(a, approval("approval"), iat=now + HOUR, exp=now + HOUR + 60), "token_not_yet_valid"),
            ("right key, valid for a year", lambda a: _countersigned(a, approval("approval"), exp=now + 365 * 24 * HOUR), "token_lives_too_long"),
            ("right key, nobody's decision in it", lambda a: _countersigned(a, approval("approval"), decisions=[]), "member_invalid"),
            ("right key, jti of one that was used", lambda a: _countersigned(a, approval("approval"), jti=self._used_jti()), "countersignature_used"),
        ]

    def _of_action(self, asked, **other):
        return _countersigned(asked, self.bench.service_key("approval"), action_digest=digest_of({**asked["action"], **other}))

    def _used_jti(self):
        return self.bench.wire.wait_for(self.used.key, "referral.consumed")["jti"]

    def play(self):
        bench = self.bench
        bench.decide(bench.person("lea").decide(bench.asked(self.used), "approve"))
        for case, (tried, token, expected) in zip(self.cases, self.attempts):
            asked = bench.asked(case)
            bench.wire.forge("approval", "verdicts", case.key, "verdict.granted", _granted(asked, token(asked)))
            self._look(case, tried, expected)
        self._grant_another_action()

    def _look(self, case, tried, expected):
        bench = self.bench
        end = bench.ended(case)
        step, codes = bench.step_codes(case)
        paid, told = bench.refunds(case), bench.until(lambda: bench.handoff_open(case))
        bench.table.add(self.GROUP, tried, f"{step} {', '.join(codes)}; {end}, handoff {'open' if told else 'missing'}, paid {paid} times",
                        (step, codes, end, paid, told) == ("denied", ["countersignature_invalid", expected], "escalated", 0, True))

    def _grant_another_action(self):
        """A verdict about an action that nobody asked about is about nothing: who waits goes on waiting."""
        bench, case = self.bench, self.elsewhere
        asked = bench.asked(case)
        other = digest_of({**asked["action"], "ticket_version": 2})
        token = _countersigned(asked, bench.service_key("approval"), action_digest=other)
        bench.wire.forge("approval", "verdicts", case.key, "verdict.granted", {**_granted(asked, token), "action_digest": other})
        read = bench.until(lambda: bench.rows("SELECT inputs FROM executor.key_state WHERE key = %s AND 1 <= ANY (inputs[3:])", case.key))
        step, _ = bench.step_codes(case)
        bench.table.add(self.GROUP, "right key, verdict and all about another action",
                        f"{'read' if read else 'not read'}; the step is {step}, paid {bench.refunds(case)} times",
                        bool(read) and step == "waiting_approval" and bench.refunds(case) == 0)


def _countersigned(asked, key, **other):
    now = int(time.time())
    claims = {
        "iss": "approval", "aud": f"executor/{ENVIRONMENT}", "tenant": asked["tenant"], "jti": _new_id(), "iat": now, "exp": now + 120,
        "approval_id": asked["approval_id"], "action_digest": asked["action_digest"], "requirement_digest": asked["requirement_digest"],
        "decisions": [{"person": "lea", "roles": ["lead"], "decision": "0" * 64}], **other,
    }
    return key.sign("countersignature+jwt", claims)


def _unsigned(asked, kid):
    _, payload, _ = _countersigned(asked, Key(kid)).split(".")
    head = base64url(canonical({"alg": "none", "kid": kid, "typ": "countersignature+jwt"}))
    return f"{head}.{payload}.{base64url(bytes(64))}"


def _granted(asked, token):
    same = {name: asked[name] for name in ("tenant", "ticket_id", "approval_id", "run", "step", "action_digest", "requirement_digest")}
    return {**same, "countersignature": token, "people": [{"person": "lea", "role": "lead"}]}
