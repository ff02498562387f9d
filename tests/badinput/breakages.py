"""Breakages: page "Faults and bad input", paragraph *Kafka and JSON*, row by row: what is done to the message that opens a ticket, and the reason that
each service must give for not reading it.

Each is a function from the good message to the bad one, so that nothing but the breakage stands against it.
"""

import json
from dataclasses import dataclass, replace
from typing import Callable

from yard import TENANT, Message, headers, money, opened

BOTH = ("planner", "executor")
DEEP = 200_000


@dataclass(frozen=True)
class Breakage:
    row: str
    what: str
    breaks: Callable  # (message, case) -> message
    due: dict  # service -> reason; empty: Kafka refuses it, or it is read as any other
    refused: str = ""  # by Kafka

    @property
    def readable(self):
        return not self.due and not self.refused


def message_of(case, event_id, kind="ticket.opened", data=None, **attributes):
    """The good message that opens the ticket of a case."""
    body = json.dumps(data or opened(case)).encode()
    return Message(case.key.encode(), body, headers(case.tenant, case.ticket, event_id, kind, **attributes))


def _both(reason):
    return dict.fromkeys(BOTH, reason)


def _value(row, what, value, reason):
    """The value as a whole is replaced."""
    return Breakage(row, what, lambda message, case: replace(message, value=value), _both(reason))


def _spliced(row, what, text, reason):
    """A member with this text as its value is put first into the body."""
    return Breakage(row, what, lambda message, case: replace(message, value=b'{"fields":{"order_id":"x","n":' + text + b"}," + _without_fields(message)),
                    _both(reason))


def _without_fields(message):
    data = json.loads(message.value)
    data.pop("fields")
    return json.dumps(data).encode()[1:]


def _data(row, what, reason, **other):
    """Members of the body are replaced, or taken away; without a reason it is a good message all the same."""
    return Breakage(row, what, lambda message, case: replace(message, value=json.dumps(opened(case, **other)).encode()), _both(reason) if reason else {})


def _headers(row, what, due, kind="ticket.opened", **other):
    def breaks(message, case):
        return replace(message, headers=headers(case.tenant, case.ticket, message.headers[2][1].decode(), kind, **other))

    return Breakage(row, what, breaks, _both(due) if isinstance(due, str) else due)


def _key(row, what, key, reason):
    return Breakage(row, what, lambda message, case: replace(message, key=key), _both(reason))


def _foreign(row, what, reason, tenant, place):
    """Another tenant in one place: the key, the headers or the body."""
    def breaks(message, case):
        if place == "body":
            return replace(message, value=json.dumps(opened(case, tenant=tenant)).encode())
        if place == "headers":
            return replace(message, headers=headers(tenant, case.ticket, message.headers[2][1].decode(), partitionkey=f"{tenant}/{case.ticket}"))
        other = replace(case, tenant=tenant)
        return replace(message_of(other, message.headers[2][1].decode()))

    return Breakage(row, what, breaks, _both(reason))


def _nested(depth):
    return b"[" * depth + b"]" * depth


def _more_headers(message, size):
    return replace(message, headers=[*message.headers, ("x-noise", b"x" * size)])


def kafka_and_json():
    hostile = {"order_id": "o-hostile", "amount": money(100), "topic": "refund"}
    return [
        _value("empty", "a value without bytes", b"", "json_empty"),
        _value("tombstone", "no value at all", None, "tombstone"),
        _value("invalid UTF-8", "0xff in a text", b'{"tenant":"acme","text":"\xff"}', "json_utf8_invalid"),
        _value("invalid UTF-8", "an overlong slash", b'{"tenant":"acme","text":"\xc0\xaf"}', "json_utf8_invalid"),
        Breakage("truncated", "half of a good body", lambda message, case: replace(message, value=message.value[:len(message.value) // 2]),
                 _both("json_malformed")),
        _value("200,000-deep nesting", "200,000 arrays", _nested(DEEP), "json_too_large"),
        _value("200,000-deep nesting", "200,000 open arrays", b"[" * DEEP, "json_too_deep"),
        _value("200,000-deep nesting", "40,000 objects", b'{"a":' * 40_000 + b"1" + b"}" * 40_000, "json_too_deep"),
        Breakage("duplicate keys", "the tenant twice", lambda message, case: replace(message, value=b'{"tenant":"acme",' + message.value[1:]),
                 _both("json_key_duplicate")),
        _spliced("duplicate keys", "by escape, further in", b'{"a":1,"\\u0061":2}', "json_key_duplicate"),
        _spliced("1e400, 2^63, -0", "1e400", b"1e400", "json_number_out_of_range"),
        _spliced("1e400, 2^63, -0", "2^63", b"9223372036854775808", "json_number_out_of_range"),
        _spliced("1e400, 2^63, -0", "2^63 - 1, which other readers round", b"9223372036854775807", "schema_violated"),
        _spliced("1e400, 2^63, -0", "-0", b"-0", "json_float_refused"),
        _spliced("1e400, 2^63, -0", "0.1", b"0.1", "json_float_refused"),
        _spliced("NaN", "NaN", b"NaN", "json_malformed"),
        _spliced("NaN", "-Infinity", b"-Infinity", "json_malformed"),
        Breakage("10 MB", "10 MB of text", lambda message, case: replace(message, value=b'{"text":"' + b"x" * 10_000_000 + b'"}'), {}, "MSG_SIZE_TOO_LARGE"),
        _value("10 MB", "as large as Kafka takes it", b'{"text":"' + b"x" * 1_000_000 + b'"}', "json_too_large"),
        _spliced("\\u0000, lone surrogates", "\\u0000", b'"a\\u0000b"', "json_nul"),
        _spliced("\\u0000, lone surrogates", "half of a pair", b'"\\ud800"', "json_utf8_invalid"),
        _headers("unknown type or version", "ticket.eaten", {"executor": "type_unknown"}, "ticket.eaten"),
        _headers("unknown type or version", "ticket.opened.v2", {"executor": "type_unknown"}, "ticket.opened.v2"),
        _headers("unknown type or version", "CloudEvents 0.3", "specversion_unsupported", specversion="0.3"),
        _headers("missing, extra, mistyped fields", "no ce_id", "attribute_missing", id=None),
        _headers("missing, extra, mistyped fields", "no ce_source", "attribute_missing", source=None),
        _data("missing, extra, mistyped fields", "no requester", "schema_violated", requester=None),
        _data("missing, extra, mistyped fields", "an extra member", "", colour="green"),
        _data("missing, extra, mistyped fields", "a text that is a number", "schema_violated", text=5),
        _data("missing, extra, mistyped fields", "fields that are a list", "schema_violated", fields=[]),
        _key("ids with SQL, CRLF, paths, HTML", "a key with CRLF", b"acme/x\r\nSet-Cookie: a", "key_malformed"),
        _key("ids with SQL, CRLF, paths, HTML", "a key with a path", b"acme/../../etc/passwd", "key_malformed"),
        _data("ids with SQL, CRLF, paths, HTML", "a ticket id with CRLF in the body", "schema_violated", ticket_id="x\r\ny"),
        _data("ids with SQL, CRLF, paths, HTML", "a ticket id with a path in the body", "schema_violated", ticket_id="../x"),
        _headers("ids with SQL, CRLF, paths, HTML", "ce_id with CRLF", "attribute_invalid", id="a\r\nb"),
        Breakage("64 KB headers", "one of 64 KB", lambda message, case: _more_headers(message, 64 * 1024), _both("headers_too_large")),
        Breakage("64 KB headers", "200 of them", lambda message, case: replace(message, headers=message.headers + [("x", b"1")] * 200),
                 _both("headers_too_large")),
        _data("key that contradicts the body", "another ticket in the body", "key_contradicts_body", ticket_id="another"),
        _headers("key that contradicts the body", "another ticket in the headers", "key_contradicts_headers", partitionkey="acme/another"),
        _key("key that contradicts the body", "no key", None, "key_missing"),
        _data("years 0 and 9999", "opened in the year 0", "schema_violated", opened_at="0000-01-01T00:00:00Z"),
        _data("years 0 and 9999", "opened in the year 9999", "", opened_at="9999-12-31T23:59:59Z"),
        _headers("years 0 and 9999", "ce_time in the year 0", "attribute_invalid", time="0000-01-01T00:00:00Z"),
        _headers("years 0 and 9999", "ce_time in the year 9999", {}, time="9999-12-31T23:59:59Z"),
        _foreign("another tenant's id", "in the body", "tenant_contradicts_key", "globex", "body"),
        _foreign("another tenant's id", "in the headers", "tenant_contradicts_key", "globex", "headers"),
        _foreign("another tenant's id", "everywhere, of a tenant whom the realm does not carry", "tenant_not_in_realm", "umbrella", "everywhere"),
        _data("negative or overflowing amounts", "2^53 as a number", "schema_violated", fields={**hostile, "n": 2**53}),
    ]


# Well-formed messages about money that cannot be: the refund is refused where money is understood, and nothing is paid. Row, what, amount, code.
def impossible_amounts():
    overflowing, scale = "negative or overflowing amounts", "wrong currency scale"
    return [
        (overflowing, "minus one euro", {"minor": "-100", "currency": "EUR"}, "amount_negative"),
        (overflowing, "nothing", {"minor": "0", "currency": "EUR"}, "tool_refused"),
        (overflowing, "2^64 cents", {"minor": str(2**64), "currency": "EUR"}, "amount_absent"),
        (overflowing, "20 digits", {"minor": "9" * 20, "currency": "EUR"}, "amount_absent"),
        (overflowing, "leading zeros", {"minor": "0100", "currency": "EUR"}, "amount_absent"),
        (scale, "10.50", {"minor": "10.50", "currency": "EUR"}, "amount_absent"),
        (scale, "1e3", {"minor": "1e3", "currency": "EUR"}, "amount_absent"),
        (scale, "a number", {"minor": 1000, "currency": "EUR"}, "arguments_invalid"),
        (scale, "yen for euros", {"minor": "1000", "currency": "JPY"}, "preview_failed"),
        (scale, "no currency that there is", {"minor": "1000", "currency": "eur"}, "amount_absent"),
    ]


# Ids that are good ids, whatever they look like elsewhere: the ticket is treated like any other.
HOSTILE_TICKETS = [
    ("ids with SQL, CRLF, paths, HTML", "SQL", "x');DROP/**/TABLE".replace("/", "-") + ";--"),
    ("ids with SQL, CRLF, paths, HTML", "HTML", "<script>alert(1)<script>"),
    ("ids with SQL, CRLF, paths, HTML", "dots", ".."),
    ("ids with SQL, CRLF, paths, HTML", "a format", "%s%n${7*7}{{7*7}}"),
]

# On every topic between services, as whoever may write there. Nothing of it can be placed in a ticket's order, so that it is set aside alone.
BETWEEN_SERVICES = [
    ("planner", "plans", "plan.proposed", "executor"), ("executor", "steps", "step.succeeded", "planner"),
    ("executor", "referrals", "referral.approval", "approval"), ("approval", "verdicts", "verdict.granted", "executor"),
    ("executor", "outcomes", "ticket.resolved", "outbox"), ("executor", "messages", "message.requested", "outbox"),
    ("outbox", "delivery-results", "delivery.delivered", "executor"), ("reviewer", "decisions", "decision.submitted", "approval"),
]
BROKEN_BETWEEN = [("empty", b"", "json_empty"), ("tombstone", None, "tombstone"), ("invalid UTF-8", b'{"a":"\xff"}', "json_utf8_invalid"),
                  ("200,000-deep nesting", b"[" * DEEP, "json_too_deep"), ("duplicate keys", b'{"a":1,"a":2}', "json_key_duplicate")]


def between_services():
    """(row, what, message, due)"""
    for user, topic, kind, reader in BETWEEN_SERVICES:
        for row, value, reason in BROKEN_BETWEEN:
            key = f"{TENANT}/nobody"
            message = Message(key.encode(), value, headers(TENANT, "nobody", f"bad-{topic}-{row}", kind), topic, user)
            yield row, f"on {topic}, to {reader}", message, {reader: reason}
