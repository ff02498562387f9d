"""Starts the real sandbox on a free port and talks to it over raw sockets."""

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = 10  # seconds that any one answer may take


def money(minor, currency="EUR"):
    return {"minor": str(minor), "currency": currency}


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Connection:
    """One keep-alive connection. `read_reply` raises ConnectionError when the peer closes first."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.unread = b""

    def close(self):
        self.socket.close()

    def send(self, method, path, body=None, headers=()):
        payload = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: sandbox", f"Content-Length: {len(payload)}"]
        lines += [f"{name}: {value}" for name, value in dict(headers).items()]
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)

    def more(self):
        got = self.socket.recv(65536)
        if not got:
            raise ConnectionError("closed by the peer")
        self.unread += got

    def read_head(self):
        while b"\r\n\r\n" not in self.unread:
            self.more()
        head, self.unread = self.unread.split(b"\r\n\r\n", 1)
        first, *rest = head.decode().split("\r\n")
        return int(first.split()[1]), {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in rest)}

    def read_reply(self):
        status, headers = self.read_head()
        length = int(headers.get("content-length", 0))
        while len(self.unread) < length:
            self.more()
        body, self.unread = self.unread[:length], self.unread[length:]
        return Reply(status, headers, body)

    def ask(self, method, path, body=None, headers=()):
        self.send(method, path, body, headers)
        return self.read_reply()


class SandboxProcess:
    def __init__(self, binary, folder, *arguments):
        self.port_file = os.path.join(folder, f"port-{time.monotonic_ns()}")
        self.process = subprocess.Popen([binary, "--port-file", self.port_file, *arguments], stdout=subprocess.PIPE, text=True)
        self.port = self._heard_port()

    def _heard_port(self):
        with self.process.stdout as told:
            line = told.readline()
        if not line:
            raise RuntimeError(f"the sandbox did not start: exit {self.process.wait(PATIENCE)}")
        with open(self.port_file, encoding="ascii") as file:
            port = int(file.read())
        assert line == f"listening on 127.0.0.1:{port}\n", line
        return port

    def connect(self):
        return Connection(self.port)

    def ask(self, *arguments, **named):
        connection = self.connect()
        try:
            return connection.ask(*arguments, **named)
        finally:
            connection.close()

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE)


def sign(secret, webhook_id, timestamp, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def scratch():
    return tempfile.TemporaryDirectory(prefix="sandbox-test-")
