"""Judges a finished run from the outside: PostgreSQL, the topics from offset 0, and the stand-in's own journal."""

import collections
import json

import confluent_kafka
import psycopg2

import approval_checks
import cases as made


class Findings:
    """Named checks, each with how much was looked at and what was wrong (the first few)."""

    def __init__(self):
        self.rows = []

    def check(self, name, looked_at, wrong):
        wrong = list(wrong)
        self.rows.append({"check": name, "looked_at": looked_at, "wrong": len(wrong), "samples": [str(one) for one in wrong[:5]]})

    @property
    def hold(self):
        return all(row["wrong"] == 0 for row in self.rows)


def query(dsn, sql, parameters=None):
    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()
    finally:
        connection.close()


def drain(config, topics):
    """Every message of the topics, from offset 0 to what is there now."""
    consumer = confluent_kafka.Consumer({**config, "group.id": "checker", "log_level": 0, "auto.offset.reset": "error", "enable.auto.commit": False})
    ends = {}
    for topic in topics:
        for partition in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
            low, high = consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, partition), timeout=10)
            if high > 0:
                ends[(topic, partition)] = (low, high)
    consumer.assign([confluent_kafka.TopicPartition(topic, partition, low) for (topic, partition), (low, _) in ends.items()])
    left = {place: high - low for place, (low, high) in ends.items() if high > low}
    messages = []
    while left:
        message = consumer.poll(10)
        if message is None:
            raise RuntimeError(f"the topics went silent with {left} still to come")
        if message.error():
            raise RuntimeError(str(message.error()))
        messages.append(message)
        place = (message.topic(), message.partition())
        if message.offset() + 1 >= ends[place][1]:
            left.pop(place, None)
    consumer.close()
    return messages


def read_journal(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def steps_of(dsn, key):
    """Where a ticket stands that ended otherwise than it should: its steps, in short."""
    return query(dsn, "SELECT tool, state, codes FROM executor.step WHERE tenant_id = %s AND ticket_id = %s ORDER BY run, step", key)


def check_tickets(found, cases, dsn):
    ended = {
        (tenant, ticket): (reason, live)
        for tenant, ticket, reason, live in query(
            dsn,
            """SELECT t.tenant_id, t.ticket_id,
                      (SELECT r.stop_reason FROM executor.run r WHERE (r.tenant_id, r.ticket_id) = (t.tenant_id, t.ticket_id)
                        AND r.state = 'stopped' ORDER BY run DESC LIMIT 1),
                      EXISTS (SELECT FROM executor.run r WHERE (r.tenant_id, r.ticket_id) = (t.tenant_id, t.ticket_id) AND r.state <> 'stopped')
               FROM executor.ticket t""",
        )
    }
    found.check("every published ticket is there, and no other", len(cases), set(ended) ^ {(c.tenant, c.ticket) for c in cases})
    found.check("every ticket ended", len(cases), [key for key, (reason, live) in ended.items() if live or reason is None])
    expected = {(c.tenant, c.ticket): made.ENDS[c.kind][0] for c in cases}
    expected.update({key: "escalated" for key in approval_checks.doubtful_tickets(query, dsn)})
    found.check(
        "every ticket ended as its case says",
        len(cases),
        [(key, reason, expected[key], steps_of(dsn, key)) for key, (reason, live) in ended.items() if key in expected and reason != expected[key]],
    )
    return {key: reason for key, (reason, live) in ended.items()}


def check_effects(found, cases, dsn, journal):
    rows = query(dsn, "SELECT tenant_id, ticket_id, state, idempotency_key, target, amount_minor FROM executor.effect "
                      "WHERE tool = 'issue_refund'")
    done = [entry for entry in journal if entry["kind"] == "refund" and not entry["key"].startswith("earlier-")]
    by_key = collections.Counter((entry["tenant"], entry["key"]) for entry in done)
    succeeded = {(tenant, key) for tenant, ticket, state, key, target, amount in rows if state == "succeeded"}
    possible = {(tenant, key) for tenant, ticket, state, key, target, amount in rows if state in ("succeeded", "unknown")}
    found.check("each succeeded effect is in the stand-in's journal once", len(succeeded), [key for key in succeeded if by_key[key] != 1])
    found.check("each refund of the journal is one succeeded or unknown effect", len(done), [key for key, n in by_key.items() if n != 1 or key not in possible])
    by_ticket = {(c.tenant, c.ticket): c for c in cases}
    paid = collections.Counter((tenant, ticket) for tenant, ticket, state, *_ in rows if state == "succeeded")
    found.check(
        "money moved for exactly the tickets whose case allows it",
        len(cases),
        [key for key, case in by_ticket.items() if paid[key] != (1 if made.ENDS[case.kind][1] else 0)],
    )
    found.check(
        "each refund is what was overcharged, on the requester's order",
        len(succeeded),
        [
            (tenant, ticket, amount)
            for tenant, ticket, state, key, target, amount in rows
            if state == "succeeded" and amount != by_ticket[(tenant, ticket)].overcharge
        ],
    )
    orders = {(c.tenant, c.order["id"]): c for c in cases if c.order}
    found.check("each refund in the journal is what that order was overcharged", len(done),
                [entry for entry in done if int(entry["amount"]["minor"]) != orders[(entry["tenant"], entry["target"])].overcharge])
    return collections.Counter(state for _, _, state, *_ in rows)


def check_outcomes(found, ended, config):
    topics = ["outcomes" if realm == "main" else f"outcomes.{realm}" for realm in made.REALMS]
    messages = drain(config, topics)
    headers = [{name: value.decode() for name, value in message.headers()} for message in messages]
    by_ticket = collections.Counter((json.loads(m.value())["tenant"], json.loads(m.value())["ticket_id"]) for m in
                                    {header["ce_id"]: message for header, message in zip(headers, messages)}.values())
    found.check("one outcome for each ticket", len(ended), [key for key in ended if by_ticket[key] != 1] + [key for key in by_ticket if key not in ended])
    realm_of = {tenant: realm for realm, tenants in made.REALMS.items() for tenant in tenants}
    strayed = [
        (message.topic(), message.key())
        for message in messages
        if message.topic() != ("outcomes" if realm_of[message.key().decode().split("/")[0]] == "main" else "outcomes.partner")
    ]
    found.check("no outcome strayed into another realm", len(messages), strayed)
    return {header["ce_id"] for header in headers}


def check_webhooks(found, ended, outcome_ids, dsn, journal):
    received = [entry for entry in journal if entry["kind"] == "webhook"]
    found.check("every webhook's signature is valid", len(received), [entry for entry in received if not entry["valid"]])
    per_ticket = {}
    for entry in received:
        per_ticket.setdefault((entry["tenant"], entry["ticket_id"]), set()).add(entry["id"])
    found.check("one webhook for each outcome", len(outcome_ids),
                [key for key in ended if len(per_ticket.get(key, ())) != 1] + [key for key in per_ticket if key not in ended])
    found.check("every delivery is delivered", len(outcome_ids), query(dsn, "SELECT id, state, last_error FROM outbox.delivery WHERE channel = 'webhook' AND state <> 'delivered'"))
    copies = collections.Counter(entry["id"] for entry in received)
    return len(received), sum(n - 1 for n in copies.values())


def check_handoffs(found, ended, dsn):
    open_ones = collections.Counter((t, k) for t, k in query(dsn, "SELECT tenant_id, ticket_id FROM approval.handoff WHERE state = 'open'"))
    overdue = {(t, k) for t, k in query(dsn, "SELECT tenant_id, ticket_id FROM executor.effect WHERE state = 'unknown' AND overdue")}
    due = {key for key, reason in ended.items() if reason in ("escalated", "failed")} | overdue
    wrong = [key for key in due if open_ones[key] != 1] + [key for key in open_ones if key not in due]
    found.check("one open handoff for each ticket that needs a person, and none else", len(due), wrong)
    return sum(open_ones.values())


def check_tenants(found, cases, dsn, journal):
    """Every ticket id begins with its tenant, so anything that crossed shows."""
    tables = ["executor.run", "executor.step", "executor.effect", "executor.evidence", "planner.conversation", "approval.handoff", "approval.approval",
              "approval.decision", "outbox.delivery"]
    crossed = []
    looked_at = 0
    for table in tables:
        rows = query(dsn, f"SELECT tenant_id, ticket_id FROM {table}")
        looked_at += len(rows)
        crossed += [(table, tenant, ticket) for tenant, ticket in rows if not ticket.startswith(tenant + "-")]
    crossed += [entry for entry in journal if entry["kind"] == "webhook" and not entry["ticket_id"].startswith(entry["tenant"] + "-")]
    found.check("nothing crossed tenants", looked_at, crossed)


def check_core(found, dsn):
    for service in ("planner", "executor", "approval", "outbox"):
        found.check(f"{service}: nothing parked, set aside or left in the outbox", 1,
                    query(dsn, f"SELECT 'parked', key FROM {service}.parked UNION ALL SELECT reason, topic FROM {service}.dead_letter "
                               f"UNION ALL SELECT 'outbox', type FROM {service}.outbox"))
        found.check(f"{service}: its batches tile each log", 1,
                    query(dsn, f"""SELECT * FROM (SELECT b.stage, r.topic, r.part, r.low, lag(r.high) OVER (PARTITION BY b.stage, r.topic, r.part
                                    ORDER BY r.low, r.high) AS before FROM {service}.batch b,
                                    unnest(b.topics, b.partitions, b.from_offsets, b.to_offsets) AS r (topic, part, low, high) WHERE NOT b.void) x
                                    WHERE low <> coalesce(before, 0)"""))


def read_requested_mail(config):
    messages = {message.headers() and dict(message.headers())["ce_id"]: json.loads(message.value()) for message in drain(config, ["messages"])
                if dict(message.headers())["ce_type"] == b"message.requested"}
    return list(messages.values())


def judge(cases, fleet, approval_key):
    """approval_key: the public one, as the executor's anchors have it."""
    dsn, kafka_config = fleet.admin_dsn, fleet.kafka_config()
    found = Findings()
    journal = read_journal(fleet.sandbox_journal)
    ended = check_tickets(found, cases, dsn)
    effects = check_effects(found, cases, dsn, journal)
    approvals = approval_checks.check_states(found, cases, query, dsn)
    approval_checks.check_countersignatures(found, query, dsn, approval_key, fleet.people)
    mails = fleet.mails()
    approval_checks.check_mail(found, cases, query, dsn, read_requested_mail(kafka_config), mails)
    outcome_ids = check_outcomes(found, ended, kafka_config)
    webhooks, repeats = check_webhooks(found, ended, outcome_ids, dsn, journal)
    handoffs = check_handoffs(found, ended, dsn)
    check_tenants(found, cases, dsn, journal)
    check_core(found, dsn)
    return found, {
        "tickets": len(ended),
        "stop_reasons": dict(collections.Counter(ended.values())),
        "effects": dict(effects),
        "approvals": {"granted": approvals["consumed"], "denied": approvals["denied"], "expired": approvals["expired"]},
        "mails": len(mails),
        "outcomes": len(outcome_ids),
        "webhooks": webhooks,
        "webhook_repeats": repeats,
        "handoffs": handoffs,
    }
