"""Invariants 1, 2, 7, 8, 9 and 14: what became of every ticket, and what happened in the world because of it."""

import collections
import json

import neighbours  # noqa: F401
import approval_checks
import tickets as drawn
from legal_moves import FINAL, MOVES

ONCE = "one refund for an order at most"


def check(scene, found):
    ended = tickets(scene, found)
    effects(scene, found)
    mail(scene, found)
    countersignatures(scene, found)
    finality(scene, found)
    moves(scene, found)
    balance(scene, found, ended)


def tickets(scene, found):
    rows = scene.rows("""SELECT t.tenant_id, t.ticket_id, r.state, r.stop_reason, t.status FROM executor.ticket t
                         LEFT JOIN LATERAL (SELECT state, stop_reason FROM executor.run r WHERE (r.tenant_id, r.ticket_id) = (t.tenant_id, t.ticket_id)
                                            ORDER BY run DESC LIMIT 1) r ON true""")
    ended = {(tenant, ticket): reason for tenant, ticket, state, reason, _ in rows if state == "stopped" and reason != "superseded"}
    ended.update({(tenant, ticket): "cancelled" for tenant, ticket, state, _, status in rows if state is None and status == "closed"})  # without a run
    known = {(tenant, ticket): (state, reason, status) for tenant, ticket, state, reason, status in rows}
    published = [key for key, ids in scene.published.items() if any(one.endswith("/0") for one in ids)]
    lost = [key for key in published if key not in known]
    stuck = [(key, known[key]) for key in published if key in known and key not in ended]
    excused = troubled(scene)
    outcomes = collections.defaultdict(set)
    for message in scene.of_topic("outcomes"):
        if message.type.startswith("ticket."):
            outcomes[tuple(message.key.split("/"))].add(message.id)
    odd = [(key, ended[key]) for key in published if key in ended and ended[key] not in allowed_ends(scene, key)]
    unexplained = [(key, reason, scene.rows("SELECT tool, state, codes FROM executor.step WHERE tenant_id = %s AND ticket_id = %s ORDER BY run, step", key))
                   for key, reason in odd if key not in excused]
    found.counts.update(f"{scene.kind(key)} ended {reason} in {key[0]}" for key, reason in odd)
    found.counts.update(tickets=len(published), lost=len(lost) + len(stuck), ended_by_fault=len(odd))
    found.check(1, "every ticket that was sent is known", len(published), lost, True)
    found.check(1, "every ticket ended", len(published), stuck, True)
    told = set(scene.rows("SELECT tenant_id, ticket_id FROM executor.transition WHERE what = 'ticket' AND outbox_id IS NOT NULL AND new_state <> 'handed_off'"))
    found.check(1, "every end owed its outcome", len(ended), [key for key in ended if key not in told])
    found.check(1, "every end has its outcome", len(ended), [key for key in ended if not outcomes[key]], True)
    found.check(1, "nothing is known that was not sent", len(known), [key for key in known if key not in scene.published and key not in scene.tickets and "poison" not in key[1]])
    found.check(1, "every ticket ended as its kind says, or because of a call that failed", len(published), unexplained)
    webhooks(scene, found, outcomes)
    return ended


def allowed_ends(scene, key):
    """Where two reviewers contradict each other, either may have been heard first."""
    ends = drawn.KINDS[scene.kind(key)][1]
    return {"resolved", "denied"} if scene.about.get("rivals") and scene.kind(key) in ("approved", "denied") else ends


def troubled(scene):
    """Tickets with a step that failed or is unknown: what was done to the fleet explains their end."""
    rows = scene.rows("""SELECT tenant_id, ticket_id FROM executor.step WHERE state IN ('failed', 'unknown')
                         UNION SELECT tenant_id, ticket_id FROM executor.transition WHERE new_state = 'unknown'
                         UNION SELECT tenant_id, ticket_id FROM outbox.delivery WHERE channel = 'email' AND (maybe_sent OR state = 'dead')""")
    return set(rows) | {tuple(key) for key in scene.about.get("excused", ())}


def webhooks(scene, found, outcomes):
    received = [entry for entry in scene.journal if entry["kind"] == "webhook" and entry["valid"]]
    copies = collections.Counter(entry["id"] for entry in received)
    messages = collections.Counter((entry["tenant"], entry["ticket_id"]) for entry in {one["id"]: one for one in received
                                   if one["type"] in END_TYPES}.values())
    dead = {row[0] for row in scene.rows("SELECT message_id FROM outbox.delivery WHERE state = 'dead'")}
    dead |= {message.headers.get("ce_id") for message in scene.of_topic("dead-letters")} | set(scene.about.get("unheard", ()))
    missing = [key for key, ids in outcomes.items() if messages[key] < len(ids - dead)]
    found.counts["duplicate_deliveries"] = sum(copies.values()) - len(copies)
    found.check(1, "every outcome reached the receiver", len(outcomes), missing, True)
    found.check(2, "no outcome reached it under two ids", len(outcomes), [key for key, times in messages.items() if times > len(outcomes.get(key, ()))], True)


END_TYPES = {"ticket.resolved", "ticket.drafted", "ticket.denied", "ticket.escalated", "ticket.failed", "ticket.cancelled"}


def effects(scene, found):
    rows = scene.rows("SELECT tenant_id, ticket_id, run, step, state, idempotency_key, target, amount_minor FROM executor.effect WHERE tool = 'issue_refund'")
    done = [entry for entry in scene.journal if entry["kind"] == "refund" and not (entry["key"] or "").startswith("earlier-")]
    orders = {(one.case.tenant, one.case.order["id"]): one for one in scene.tickets.values() if one.case.order}
    order_of = {one.key: place for place, one in orders.items()}
    per_order = collections.Counter((entry["tenant"], entry["target"]) for entry in done)
    state_of = collections.defaultdict(list)
    for tenant, ticket, _, _, state, *_ in rows:
        state_of[order_of.get((tenant, ticket))].append(state)
    doubles = [key for key, times in per_order.items() if times > 1]
    found.counts.update(double_effects=len(doubles), effects=len(done), unknown_effects=sum(row[4] == "unknown" for row in rows))
    found.check(2, ONCE, len(done), doubles)
    found.check(2, "each refund in the journal is a succeeded or an unknown effect", len(done),
                [(key, state_of[key]) for key in per_order if not {"succeeded", "unknown"} & set(state_of[key])], True)
    found.check(2, "each succeeded effect is in the journal", len(rows), [row[:6] for row in rows if row[4] == "succeeded" and per_order[order_of.get(row[:2])] == 0])
    keys = collections.Counter(row[5] for row in rows)
    found.check(2, "one idempotency key for each effect", len(rows), [key for key, times in keys.items() if times > 1])
    paid = collections.Counter(orders[key].key for key in per_order if key in orders)
    found.check(2, "money moved only where the kind of ticket allows it", len(scene.tickets),
                [key for key, times in paid.items() if times > most_paid(scene, key)] + [key for key in per_order if key not in orders])


def most_paid(scene, key):
    return 1 if "resolved" in allowed_ends(scene, key) else drawn.KINDS[scene.kind(key)][2][1]


def mail(scene, found):
    taken = collections.Counter(line for line in scene.about["mail_ids"])
    rows = scene.rows("SELECT id::text, state, maybe_sent FROM outbox.delivery WHERE channel = 'email'")
    found.counts["mails"] = sum(taken.values())
    found.check(1, "every letter that was delivered came", len(rows), [row for row in rows if row[1] == "delivered" and not taken[row[0]]], True)
    found.check(2, "no letter came twice, but where the answer was lost", len(rows), [row for row in rows if taken[row[0]] > (2 if row[2] else 1)])
    found.check(2, "no letter came that was given up unsent", len(rows), [row for row in rows if row[1] == "dead" and not row[2] and taken[row[0]]])


class Keyed:
    """Stands for a person whose public key is all that is known."""

    def __init__(self, public):
        self.key = self
        self.public = public


def countersignatures(scene, found):
    class Collector:
        def check(self, name, looked_at, wrong):
            found.check(7, name, looked_at, wrong, True)  # a use travels from service to service

    people = {tuple(name.split("/")): Keyed(public) for name, public in scene.about["people_public"].items()}
    approval_checks.check_countersignatures(Collector(), lambda _, sql: scene.rows(sql), None, scene.about["approval_public"], people)
    unasked = scene.rows("""SELECT e.tenant_id, e.ticket_id, e.state FROM executor.effect e WHERE e.amount_minor > 2500
                            AND NOT EXISTS (SELECT FROM executor.countersignature u WHERE (u.tenant_id, u.ticket_id, u.run, u.step) = (e.tenant_id, e.ticket_id, e.run, e.step))""")
    found.check(7, "no large refund without people", len(scene.journal), unasked)


def finality(scene, found):
    steps = scene.rows("SELECT tenant_id, ticket_id, run, step, old_state, new_state FROM executor.transition WHERE what = 'step' AND old_state = ANY (%s)",
                       (FINAL["step"],))
    asked = scene.rows("SELECT tenant_id, approval_id::text, old_state, new_state FROM approval.approval_history WHERE old_state = ANY (%s) AND old_state <> new_state",
                       (FINAL["desk"],))
    denied = scene.rows("""SELECT s.tenant_id, s.ticket_id, s.state, e.state FROM executor.step s JOIN executor.effect e USING (tenant_id, ticket_id, run, step)
                           WHERE s.state IN ('denied', 'expired', 'withdrawn') AND e.state NOT IN ('failed')""")
    found.check(8, "denied, expired and withdrawn are final", len(scene.published), [*steps, *asked, *denied])


def moves(scene, found):
    rows = scene.rows("SELECT what, tenant_id, ticket_id, coalesce(run, 0), coalesce(step, 0), coalesce(old_state, ''), new_state FROM executor.transition")
    illegal = [row for row in rows if row[0] in MOVES and row[5] != row[6] and (row[5], row[6]) not in MOVES[row[0]]]
    found.check(9, "only legal moves", len(rows), illegal)
    forgotten = scene.rows("SELECT tenant_id, ticket_id, run, step, old_state, new_state, codes FROM executor.transition WHERE what = 'effect' AND old_state = 'claimed'"
                           " AND new_state <> 'unknown' AND 'lease_ended' = ANY (codes)")
    found.check(9, "an effect whose lease ended is unknown, whatever it was", len(rows), forgotten)
    balance_of = collections.defaultdict(collections.Counter)
    for what, tenant, ticket, run, step, old, new in rows:
        if what in ("run", "step", "effect"):
            balance_of[(what, tenant, ticket, run, step)].update({new: 1})
            balance_of[(what, tenant, ticket, run, step)].subtract({old: 1})
    now = {("run", *row[:3], 0): row[3] for row in scene.rows("SELECT tenant_id, ticket_id, run, state FROM executor.run")}
    for what in ("step", "effect"):
        now.update({(what, *row[:4]): row[4] for row in scene.rows(f"SELECT tenant_id, ticket_id, run, step, state FROM executor.{what}")})
    broken = [(one, state, dict(+balance_of[one])) for one, state in now.items() if dict(+balance_of[one]) != {state: 1} or balance_of[one][""] != -1]
    found.check(9, "the history of each run, step and effect leads from nothing to where it stands", len(now), broken)
    silent = scene.rows("""SELECT r.tenant_id, r.ticket_id, r.run, e.state FROM executor.run r JOIN executor.effect e USING (tenant_id, ticket_id, run)
                           WHERE r.state = 'stopped' AND (e.state = 'claimed' OR e.state = 'unknown' AND NOT e.overdue)""")
    found.check(9, "no run ended while an effect was under way", len(now), silent)


def balance(scene, found, ended):
    published, known, live, waiting = scene.rows("""SELECT (SELECT count(*) FROM executor.ticket), (SELECT count(DISTINCT (tenant_id, ticket_id)) FROM executor.run),
        (SELECT count(DISTINCT (tenant_id, ticket_id)) FROM executor.run WHERE state <> 'stopped'), (SELECT count(*) FROM executor.ticket WHERE status = 'unopened')""")[0]
    found.check(14, "tickets in = ended + waiting + in flight", published, [] if published == len(ended) + waiting + live else [(published, len(ended), waiting, live, known)])
    bad = [sample for sample in scene.about.get("samples", ()) if sample["in"] != sample["ended"] + sample["waiting"] + sample["live"]]
    found.check(14, "… and in every snapshot that was taken under way", len(scene.about.get("samples", ())), [json.dumps(one) for one in bad])
