"""Asks a Kafka broker whether it answers, in as little of the protocol as that takes.

One connection: SaslHandshake, SaslAuthenticate (PLAIN), Metadata without topics. Needs nothing but the standard library, so that a broker
can be started where no Kafka client is installed.
"""

import socket
import struct

SASL_HANDSHAKE, SASL_AUTHENTICATE, METADATA = 17, 36, 3


class NotAnswering(Exception):
    """The broker is not there, not ready, or refuses the user."""


def _text(value):
    encoded = value.encode()
    return struct.pack(">h", len(encoded)) + encoded


def _read(connection, length):
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            raise NotAnswering("connection closed by the broker")
        data += part
    return data


def _ask(connection, api, version, body):
    """Sends one request; returns the response behind its correlation id."""
    request = struct.pack(">hhi", api, version, 1) + _text("probe") + body
    connection.sendall(struct.pack(">i", len(request)) + request)
    (length,) = struct.unpack(">i", _read(connection, 4))
    return _read(connection, length)[4:]


def _authenticate(connection, user, password):
    (error,) = struct.unpack(">h", _ask(connection, SASL_HANDSHAKE, 1, _text("PLAIN"))[:2])
    if error:
        raise NotAnswering(f"SASL handshake refused, error {error}")
    token = b"\0" + user.encode() + b"\0" + password.encode()
    answer = _ask(connection, SASL_AUTHENTICATE, 0, struct.pack(">i", len(token)) + token)
    (error,) = struct.unpack(">h", answer[:2])
    if error:
        raise NotAnswering(f"user {user} refused, error {error}")


def _parse_brokers(answer):
    """Broker count and controller id of a Metadata v1 response."""
    (count,) = struct.unpack(">i", answer[:4])
    at = 4
    for _ in range(count):
        at += 4
        (host,) = struct.unpack(">h", answer[at : at + 2])
        at += 2 + host + 4
        (rack,) = struct.unpack(">h", answer[at : at + 2])
        at += 2 + max(rack, 0)
    (controller,) = struct.unpack(">i", answer[at : at + 4])
    return count, controller


def ask_metadata(port, user, password, timeout=2.0):
    """Returns when the broker on this loopback port serves metadata to the user; raises NotAnswering or OSError otherwise."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        _authenticate(connection, user, password)
        brokers, controller = _parse_brokers(_ask(connection, METADATA, 1, struct.pack(">i", 0)))
        if brokers < 1 or controller < 0:
            raise NotAnswering("no broker has registered yet")
