"""People: reviewers with keys of their own, the documents that make them known to a fleet, and the decisions that they sign.

Everything is made here from scratch (RFC 7515, RFC 8037, RFC 8785) and nothing of the product is used, so that the product is held to what it
promises to other people's tools.
"""

import base64
import hashlib
import json
import os
import secrets
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
RAW_PRIVATE = (serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def canonical(document):
    """RFC 8785 for documents whose numbers are integers and whose names are ASCII, as all of ours are."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(document):
    return hashlib.sha256(canonical(document)).hexdigest()


class Key:
    """An Ed25519 key with a name."""

    def __init__(self, kid, private=None):
        self.kid = kid
        self._private = private or Ed25519PrivateKey.generate()

    @property
    def public(self):
        return base64url(self._private.public_key().public_bytes(*RAW))

    def public_jwk(self):
        return {"kty": "OKP", "crv": "Ed25519", "kid": self.kid, "x": self.public}

    def private_jwk(self):
        return {**self.public_jwk(), "d": base64url(self._private.private_bytes(*RAW_PRIVATE))}

    def sign(self, typ, payload, header=None):
        """A compact JWS; `header` replaces members of the ordinary one, for those who try what must fail."""
        head = base64url(canonical({"alg": "EdDSA", "kid": self.kid, "typ": typ, **(header or {})}))
        return self.sign_text(f"{head}.{base64url(canonical(payload))}")

    def sign_text(self, text):
        return f"{text}.{base64url(self._private.sign(text.encode()))}"

    @classmethod
    def at(cls, path, kid):
        """The key in this file, made when there is none."""
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                jwk = json.load(file)
            seed = base64.urlsafe_b64decode(jwk["d"] + "=" * (-len(jwk["d"]) % 4))
            return cls(jwk["kid"], Ed25519PrivateKey.from_private_bytes(seed))
        key = cls(kid)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(key.private_jwk(), file)
        return key


class Person:
    """Someone of a tenant who may decide."""

    def __init__(self, tenant, name, roles, key, environment, **more):
        self.tenant, self.name, self.roles, self.key, self.environment = tenant, name, list(roles), key, environment
        self.more = more

    def document(self):
        return {
            "kind": "person", "tenant": self.tenant, "name": self.name, "version": 1, "display_name": self.more.get("display_name", self.name.title()),
            "roles": self.roles, "identities": self.more.get("identities", []), "keys": [{"kid": self.key.kid, "x": self.key.public}],
            "aliases": self.more.get("aliases", []),
        }

    def claims(self, approval, verb, reason=None, now=None, **other):
        """What a decision on this approval.requested says; `other` replaces claims."""
        issued = int(now if now is not None else time.time())
        claims = {
            "iss": "person", "sub": self.name, "aud": f"countersign/{self.environment}", "tenant": self.tenant, "approval_id": approval["approval_id"],
            "action_digest": approval["action_digest"], "verb": verb, "nonce": secrets.token_urlsafe(16), "iat": issued, "exp": issued + 300,
        }
        if reason is not None:
            claims["reason"] = reason
        claims.update(other)
        return {name: value for name, value in claims.items() if value is not None}

    def decide(self, approval, verb, reason=None, **other):
        """The data of a decision.submitted."""
        return decision_data(approval, self.key.sign("decision+jwt", self.claims(approval, verb, reason, **other)))


def decision_data(approval, jws):
    return {"tenant": approval["tenant"], "ticket_id": approval["ticket_id"], "approval_id": approval["approval_id"], "decision": jws}


def decision_headers(data, event_id=None):
    """CloudEvents in binary mode, as (name, value) pairs."""
    return [
        ("ce_specversion", b"1.0"), ("ce_id", (event_id or secrets.token_hex(12)).encode()), ("ce_source", b"urn:reviewers:desk"),
        ("ce_type", b"decision.submitted"), ("ce_tenant", data["tenant"].encode()), ("ce_subject", data["ticket_id"].encode()),
        ("content-type", b"application/json"),
    ]
