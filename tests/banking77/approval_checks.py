"""What must hold of approvals and of mail afterwards. Signatures are verified here, offline, with nothing but public keys."""

import base64
import collections
import hashlib
import json

import cases as made
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from people import digest_of

STATES = {"approved": "consumed", "denied": "denied", "expired": "expired"}  # by kind of case


def decode(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def claims_of(token, public):
    """The claims of a compact JWS that this key has signed; None when it has not."""
    signed, _, signature = token.rpartition(".")
    try:
        Ed25519PublicKey.from_public_bytes(decode(public)).verify(decode(signature), signed.encode())
        head, payload = (json.loads(decode(part)) for part in signed.split("."))
    except (InvalidSignature, ValueError):
        return None
    return payload if head["alg"] == "EdDSA" else None


def check_states(found, cases, query, dsn):
    states = collections.defaultdict(list)
    for tenant, ticket, state in query(dsn, "SELECT tenant_id, ticket_id, state FROM approval.approval"):
        states[(tenant, ticket)].append(state)
    expected = {(case.tenant, case.ticket): [STATES[case.kind]] for case in cases if case.kind in STATES}
    found.check("people were asked for exactly the tickets whose case needs them, and each approval ended as they said", len(expected),
                [(key, states.get(key), expected.get(key)) for key in set(states) | set(expected) if states.get(key) != expected.get(key)])
    waiting = query(dsn, "SELECT ticket_id, stage FROM executor.approval WHERE stage NOT IN ('consumed', 'denied', 'expired', 'withdrawn')")
    found.check("no approval waits in the executor", len(expected), waiting)
    return collections.Counter(state for some in states.values() for state in some)


def check_countersignatures(found, query, dsn, approval_key, people):
    """From the executor's row to people's own signatures. A claim that was certainly not sent may be made again, under another countersignature."""
    effects = query(dsn, f"""SELECT e.tenant_id, e.ticket_id, e.run, e.step, a.approval_id, a.action, a.action_digest, a.countersignature, a.jti,
                                    (SELECT count(*) FROM executor.countersignature u
                                      WHERE (u.tenant_id, u.ticket_id, u.run, u.step) = (e.tenant_id, e.ticket_id, e.run, e.step)),
                                    (SELECT count(*) FROM executor.transition c
                                      WHERE (c.tenant_id, c.ticket_id, c.run, c.step) = (e.tenant_id, e.ticket_id, e.run, e.step)
                                        AND c.what = 'step' AND c.new_state = 'claimed')
                               FROM executor.effect e LEFT JOIN executor.approval a USING (tenant_id, ticket_id, run, step)
                              WHERE e.tool = 'issue_refund' AND e.amount_minor > {made.LIMIT_MINOR}""")
    issued = dict(query(dsn, "SELECT jti::text, approval_id::text FROM approval.countersignature WHERE consumed_at IS NOT NULL"))
    decisions = dict(query(dsn, "SELECT digest, jws FROM approval.decision WHERE counted"))
    wrong = [(ticket, why) for _, ticket, *rest in effects for why in [_flaw(_, rest, issued, decisions, approval_key, people)] if why]
    found.check("each large refund has a consumed countersignature, one a claim at most, verified, over the very action on record and people's own decisions", len(effects), wrong)
    found.check("no countersignature was used otherwise", len(issued), _used_otherwise(query, dsn, issued))


def _flaw(tenant, effect, issued, decisions, approval_key, people):
    _, _, approval, action, digest, token, jti, uses, claims_made = effect
    if token is None or not 1 <= uses <= claims_made:
        return f"{uses} countersignatures used for {claims_made} claims"
    claims = claims_of(token, approval_key)
    if claims is None:
        return "the countersignature does not verify"
    if digest_of(action) != digest or claims["action_digest"] != digest or claims["tenant"] != tenant:
        return "it is about another action"
    if claims["approval_id"] != str(approval) or claims["jti"] != jti or issued.get(jti) != str(approval):
        return "approval does not know of its use"
    return _flaw_of_decisions(claims, tenant, decisions, people)


def _flaw_of_decisions(claims, tenant, decisions, people):
    for decided in claims["decisions"]:
        token = decisions.get(decided["decision"], "")
        said = token and hashlib.sha256(token.encode()).hexdigest() == decided["decision"] and claims_of(token, people[(tenant, decided["person"])].key.public)
        if not said or said["verb"] != "approve" or said["action_digest"] != claims["action_digest"]:
            return f"{decided['person']} has not signed it"
    return None if claims["decisions"] else "nobody has decided"


def _used_otherwise(query, dsn, issued):
    used = {jti for jti, in query(dsn, "SELECT jti FROM executor.countersignature")}
    astray = query(dsn, f"""SELECT u.jti FROM executor.countersignature u WHERE NOT EXISTS (
                                SELECT FROM executor.effect e WHERE (u.tenant_id, u.ticket_id, u.run, u.step) = (e.tenant_id, e.ticket_id, e.run, e.step)
                                  AND e.tool = 'issue_refund' AND e.amount_minor > {made.LIMIT_MINOR})""")
    return sorted(used ^ set(issued)) + [jti for jti, in astray]


def check_mail(found, cases, query, dsn, messages, mails):
    """messages: the data of every message.requested; mails: what the mail server took."""
    asked = {message["message_id"]: message for message in messages}
    deliveries = {message: (delivery, state, doubtful) for message, delivery, state, doubtful in query(
        dsn, "SELECT message_id, id::text, state, maybe_sent FROM outbox.delivery WHERE channel = 'email'")}
    taken = collections.Counter(mail["message_id"].strip("<>").split("@")[0] for mail in mails)
    wrong = [(message, deliveries.get(message)) for message in asked if not _fits(deliveries.get(message), taken)]
    known = {delivery for delivery, _, _ in deliveries.values()}
    found.check("each message asked for became one mail (one at most where the server's answer was lost)", len(asked),
                wrong + [delivery for delivery in taken if delivery not in known] + sorted(set(asked) ^ set(deliveries)))
    found.check("no mail came twice with the same Message-ID", len(mails), [one for one, times in taken.items() if times > 1])
    paid = {(case.tenant, case.ticket): case for case in cases if case.tenant == made.MAILING_TENANT and made.ENDS[case.kind][1]}
    written = collections.Counter((message["tenant"], message["ticket_id"]) for message in messages)
    found.check("exactly the customers of that tenant who were paid were written to, once", len(paid),
                [key for key in set(paid) | set(written) if written[key] != (1 if key in paid else 0)])
    found.check("each went to the address on record and names the sum", len(messages), [m for m in messages if not _right(m, paid)])


def _fits(delivery, taken):
    if delivery is None:
        return False
    identifier, state, doubtful = delivery
    return taken[identifier] <= 1 if doubtful else (state, taken[identifier]) == ("delivered", 1)


def _right(message, paid):
    case = paid.get((message["tenant"], message["ticket_id"]))
    return case is not None and message["to"] == made.mail_address(case.event["requester"]["id"]) \
        and f"{case.overcharge // 100}.{case.overcharge % 100:02} {made.CURRENCY}" in message["text"]


def doubtful_tickets(query, dsn):
    """Whose mail may have been sent: people are asked to look, so that their tickets end with them."""
    return set(query(dsn, "SELECT tenant_id, ticket_id FROM outbox.delivery WHERE channel = 'email' AND maybe_sent"))
