"""Whether what went in came out, once each: at the sink, in the executor's ledger, in the outbox's books, and at the stand-in that was called.

The sink and the stand-in are witnesses of their own: neither knows what the fleet believes.
"""

import csv
import json
import time

import psycopg2

EFFECTS = {"durable": 1, "approval": 1, "observe": 2}   # a ticket, in the ledger
AT_TOOL = {"durable": 1, "approval": 1, "observe": 1}   # of these, at the stand-in; the other is a letter
RUNS = "SELECT count(*) FILTER (WHERE state = 'stopped' AND stop_reason = 'resolved'), count(*), count(DISTINCT (tenant_id, ticket_id)) FROM executor.run WHERE ticket_id LIKE %s"
EFFECTS_SQL = """
    SELECT count(*), count(*) FILTER (WHERE state <> 'succeeded'), count(*) FILTER (WHERE effects <> %s) FROM (
        SELECT state, count(*) OVER (PARTITION BY tenant_id, ticket_id) AS effects FROM executor.effect WHERE ticket_id LIKE %s) one"""
DELIVERIES = """
    SELECT count(*) FILTER (WHERE state = 'delivered'), count(*), count(DISTINCT (tenant_id, ticket_id)), count(*) FILTER (WHERE attempts + lapses > 1)
    FROM outbox.delivery WHERE channel = 'webhook' AND ticket_id LIKE %s"""
KEYS = "SELECT idempotency_key FROM executor.effect WHERE ticket_id LIKE %s AND tool <> 'send_reply'"
OWED = """
    SELECT (SELECT count(*) FROM planner.outbox) + (SELECT count(*) FROM executor.outbox) + (SELECT count(*) FROM approval.outbox) + (SELECT count(*) FROM outbox.outbox),
           (SELECT count(*) FROM planner.dead_letter) + (SELECT count(*) FROM executor.dead_letter) + (SELECT count(*) FROM approval.dead_letter)
           + (SELECT count(*) FROM outbox.dead_letter)"""


def read_tickets(path):
    with open(path, newline="", encoding="ascii") as file:
        return [{name: value if name == "ticket" else int(value) for name, value in row.items()} for row in csv.DictReader(file)]


def _debts(cursor, patience=5.0):
    """Messages owed and set aside. A service with nothing to do deletes what the log has confirmed a fifth of a second later."""
    until = time.monotonic() + patience
    while True:
        cursor.execute(OWED)
        owed, dead = cursor.fetchone()
        if owed == 0 or time.monotonic() > until:
            return owed, dead
        time.sleep(0.05)


def _row(check, looked_at, wrong):
    return {"check": check, "looked_at": looked_at, "wrong": wrong}


def judge(fleet, label, workload, figures, tickets):
    """Every ticket of the run, those that only warmed it up included."""
    sent, begins = len(tickets), f"{label}-%"
    connection = psycopg2.connect(fleet.admin_dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute(RUNS, (begins,))
            resolved, runs, run_tickets = cursor.fetchone()
            cursor.execute(EFFECTS_SQL, (EFFECTS[workload], begins))
            effects, not_done, oddly_many = cursor.fetchone()
            cursor.execute(DELIVERIES, (begins,))
            delivered, deliveries, told, again = cursor.fetchone()
            cursor.execute(KEYS, (begins,))
            keys = {key for key, in cursor}
            owed, dead = _debts(cursor)
    finally:
        connection.close()
    at_tool = _keys_at_tool(fleet.sandbox_journal, label)
    return [
        _row("sink: every ticket's webhook came", sent, figures["unfinished"]),
        _row("sink: no second webhook under another id, none forged, none of another end", sent,
             figures["strangers"] + figures["forged_webhooks"] + figures["unexpected_webhooks"]),
        _row("ledger: one run a ticket, resolved", sent, abs(sent - resolved) + abs(sent - runs) + abs(sent - run_tickets)),
        _row("ledger: the effects that a ticket has, each succeeded", sent * EFFECTS[workload], abs(effects - sent * EFFECTS[workload]) + not_done + oddly_many),
        _row("outbox: one webhook a ticket, delivered", sent, abs(sent - delivered) + abs(sent - deliveries) + abs(sent - told)),
        _row("tool: each ticket's call was carried out once", sent, sum(one["effects"] != AT_TOOL[workload] for one in tickets)),
        _row("tool and ledger name the same calls", len(keys), len(keys.symmetric_difference(at_tool)) + len(at_tool) - len(set(at_tool))),
        _row("nothing is owed to the log, nothing was set aside", sent, owed + dead),
    ], {"delivered_again": again, "copies": figures["copies"]}


def _keys_at_tool(journal, label):
    """In the order of the calls; twice what was carried out twice."""
    mark = f'"target":"{label}-'
    with open(journal, encoding="utf-8") as file:
        return [json.loads(line)["key"] for line in file if mark in line]
