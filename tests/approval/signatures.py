"""Decisions that must not count because of how they are signed or what they say. Needs nothing but the approval service.

All of them are sent about one and the same waiting approval, which stays as it is until, at the end, a genuine one counts.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time

from people import Key, base64url, canonical, decision_data

GROUP = "Decisions that are not what they should be"
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the group of Ed25519


def _decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def unsigned(claims):
    """RFC 7515's own way of not signing."""
    return f"{base64url(canonical({'alg': 'none'}))}.{base64url(canonical(claims))}."


def unsigned_in_form(claims, kid):
    head = {"alg": "none", "kid": kid, "typ": "decision+jwt"}
    return f"{base64url(canonical(head))}.{base64url(canonical(claims))}.{base64url(bytes(64))}"


def sealed_with_public_key(key, claims, alg="HS256"):
    """What a verifier accepts that takes the algorithm from the header and the key from its anchors."""
    head = {"alg": alg, "kid": key.kid, "typ": "decision+jwt"}
    text = f"{base64url(canonical(head))}.{base64url(canonical(claims))}"
    return f"{text}.{base64url(hmac.new(_decode(key.public), text.encode(), hashlib.sha256).digest())}"


def malleable(token):
    """The same signature with another S: valid for a verifier that does not check its range."""
    text, _, signature = token.rpartition(".")
    raw = _decode(signature)
    shifted = (int.from_bytes(raw[32:], "little") + ORDER).to_bytes(32, "little")
    return f"{text}.{base64url(raw[:32] + shifted)}"


def respelled(token):
    """The same bytes in another spelling of base64url: the last letter has bits that nobody reads."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def with_twice(key, claims, name, value):
    """A payload that says something twice."""
    text = canonical(claims).decode()
    doubled = text[:-1] + f",{json.dumps(name)}:{json.dumps(value)}}}"
    head = base64url(canonical({"alg": "EdDSA", "kid": key.kid, "typ": "decision+jwt"}))
    return key.sign_text(f"{head}.{base64url(doubled.encode())}")


class Signatures:
    def __init__(self, bench):
        self.bench = bench
        self.target = bench.case("target", refunds=1)
        self.approval = None

    def play(self):
        bench = self.bench
        self.approval = bench.asked(self.target)
        for tried, token, expected in [*self._heads(), *self._signatures(), *self._claims(), *self._services()]:
            self._try(tried, decision_data(self.approval, token), expected)
        self._try_other_tenants()

    def finish(self):
        """After all that: the real thing still counts."""
        bench, case = self.bench, self.target
        said = bench.decide(bench.person("lea").decide(self.approval, "approve"))
        end, paid = bench.ended(case), bench.refunds(case)
        bench.table.add(GROUP, "… and then a genuine approval", f"{said}; {end}, paid {paid} time", (said, end, paid) == ("counted", "resolved", 1))

    def _try(self, tried, data, expected):
        answer = self.bench.decide(data)
        state = self.bench.approval_state(self.approval)
        self.bench.table.add(GROUP, tried, f"{answer}; it is {state}", answer == expected and state == "requested")

    def _said(self, **other):
        claims = {**self.bench.person("lea").claims(self.approval, "approve"), **other}
        return {name: value for name, value in claims.items() if value is not None}

    def _heads(self):
        key, claims = self.bench.person("lea").key, self._said()
        yield "alg none, without a signature", unsigned(claims), "jws_algorithm_refused"
        yield "alg none, in our form", unsigned_in_form(claims, key.kid), "jws_algorithm_refused"
        yield "HMAC with the public key, alg HS256", sealed_with_public_key(key, claims), "jws_algorithm_refused"
        yield "HMAC with the public key, alg EdDSA", sealed_with_public_key(key, claims, "EdDSA"), "jws_signature_invalid"
        yield "unknown kid", Key("acme.lea.9").sign("decision+jwt", self._said()), "jws_key_unknown"
        yield "jku that names a key set", key.sign("decision+jwt", self._said(), {"jku": "https://keys.example/lea.json"}), "jws_header_invalid"
        yield "jwk with the key itself", key.sign("decision+jwt", self._said(), {"jwk": key.public_jwk()}), "jws_header_invalid"
        yield "crit", key.sign("decision+jwt", self._said(), {"crit": ["exp"]}), "jws_header_invalid"
        yield "typ of a countersignature", key.sign("countersignature+jwt", self._said()), "jws_type_wrong"

    def _signatures(self):
        key = self.bench.person("lea").key
        token = key.sign("decision+jwt", self._said())
        yield "another's key under her kid", Key(key.kid).sign("decision+jwt", self._said()), "jws_signature_invalid"
        yield "trailing bytes after the signature", token + "AAAA", "jws_signature_invalid"
        yield "a fourth part", token + ".AAAA", "jws_malformed"
        yield "non-canonical signature: S beyond the order", malleable(token), "jws_signature_invalid"
        yield "non-canonical signature: another base64url spelling", respelled(token), "jws_malformed"
        yield "a claim altered after signing", _altered(token), "jws_signature_invalid"

    def _claims(self):
        key, now = self.bench.person("lea").key, int(time.time())

        def said(**other):
            return key.sign("decision+jwt", self._said(**other))

        digest = self.approval["action_digest"]
        yield "expired", said(iat=now - 400, exp=now - 100), "token_expired"
        yield "not yet valid", said(iat=now + 300, exp=now + 600), "token_not_yet_valid"
        yield "valid for a day", said(iat=now, exp=now + 86_400), "token_lives_too_long"
        yield "wrong audience: another deployment", said(aud="countersign/production"), "token_audience_wrong"
        yield "wrong audience: the executor's", said(aud="executor/trial"), "token_audience_wrong"
        yield "wrong tenant", said(tenant="globex"), "decision_contradicts_message"
        yield "digest of other arguments", said(action_digest=_digest_of_more(self.approval)), "action_digest_wrong"
        yield "digest spelled in capitals", said(action_digest=digest.upper()), "member_invalid"
        yield "a verb of its own", said(verb="escalate"), "member_invalid"
        yield "deny without a reason", said(verb="deny"), "member_missing"
        yield "a claim that nobody knows", said(only_until="tomorrow"), "claim_unknown"
        yield "a claim twice", with_twice(key, self._said(), "verb", "deny"), "json_key_duplicate"
        yield "no nonce", said(nonce=None), "member_missing"
        yield "a nonce that can be guessed", said(nonce="1"), "member_invalid"

    def _services(self):
        for service in ("executor", "approval"):
            key = self.bench.service_key(service)
            yield f"{service}'s key, in a person's name", key.sign("decision+jwt", self._said()), "jws_key_unknown"
            yield f"{service}'s key, in its own name", key.sign("decision+jwt", self._said(iss=service, sub=service)), "signer_unknown"

    def _try_other_tenants(self):
        bench = self.bench
        gil = bench.person("gil", "globex")
        self._try("somebody of another tenant", gil.decide(self.approval, "approve"), "signer_unknown")
        abroad = {**self.approval, "tenant": "globex"}
        self._try("… by way of that tenant", gil.decide(abroad, "approve"), "approval_unknown")
        elsewhere = {**self.approval, "ticket_id": "another-ticket"}
        self._try("… sent for another ticket", bench.person("lea").decide(elsewhere, "approve"), "approval_unknown")


def _altered(token):
    head, payload, signature = token.split(".")
    claims = json.loads(_decode(payload))
    return f"{head}.{base64url(canonical({**claims, 'nonce': secrets.token_urlsafe(16)}))}.{signature}"


def _digest_of_more(approval):
    action = json.loads(json.dumps(approval["action"]))
    action["arguments"]["amount"]["minor"] += "0"
    return hashlib.sha256(canonical(action)).hexdigest()
