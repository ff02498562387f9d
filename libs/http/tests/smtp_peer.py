#!/usr/bin/env python3
"""A real mail server for tests. Keeps every message that it takes in a directory, before it says that it took it.

    smtp_peer.py DIR [--security none|starttls|tls] [--user U --password P]

Prints its port. The certificate is DIR/cert.pem, for localhost and 127.0.0.1. Of message N it keeps N.mail (the bytes), N.envelope (sender,
recipient, user, tls) and, as the mail library of this language reads them, N.subject, N.from, N.to, N.text, N.html.
A recipient `rcpt-550@…` is refused with 550 when it is named, `data-451@…` with 451 after the final dot.
"""

import argparse
import asyncio
import email
import email.policy
import pathlib
import re
import ssl
import subprocess

from aiosmtpd.smtp import SMTP, AuthResult


def wanted_code(recipient, moment):
    found = re.match(moment + r"-(\d{3})", recipient)
    return found and f"{found.group(1)} as you wish"


class Keeper:
    def __init__(self, directory):
        self.directory = directory
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = wanted_code(address, "rcpt")
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        refusal = wanted_code(envelope.rcpt_tos[0], "data")
        if refusal:
            return refusal
        self.keep(session, envelope, server.transport.get_extra_info("ssl_object"))
        return f"250 2.0.0 taken as {self.count}"

    def keep(self, session, envelope, tls):
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        text = message.get_body(("plain",))
        html = message.get_body(("html",))
        user = session.auth_data.decode() if session.auth_data else ""
        pieces = {
            "subject": message["subject"] or "",
            "from": message["from"] or "",
            "to": message["to"] or "",
            "text": text.get_payload(decode=True) if text else "",
            "html": html.get_payload(decode=True) if html else "",
            "envelope": "\n".join([envelope.mail_from, *envelope.rcpt_tos, user, "tls" if tls else "clear"]),
            "mail": envelope.original_content,
        }
        for name, content in pieces.items():
            content = content if isinstance(content, bytes) else str(content).encode()
            unfinished = self.directory / "unfinished"
            unfinished.write_bytes(content)
            unfinished.rename(self.directory / f"{self.count + 1}.{name}")
        self.count += 1


def authenticator(user, password):
    def judge(server, session, envelope, mechanism, auth_data):
        good = (auth_data.login, auth_data.password) == (user.encode(), password.encode())
        return AuthResult(success=good, handled=False, auth_data=auth_data.login)

    return judge


def certificate(directory):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", directory / "key.pem", "-out", directory / "cert.pem"],
        check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "cert.pem", directory / "key.pem")
    return context


async def serve(args):
    context = certificate(args.directory) if args.security != "none" else None
    options = {"auth_require_tls": False, "decode_data": False}
    if args.user:
        options |= {"authenticator": authenticator(args.user, args.password), "auth_required": True}
    if args.security == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    keeper = Keeper(args.directory)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, **options), "127.0.0.1", 0, ssl=context if args.security == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--security", default="none", choices=["none", "starttls", "tls"])
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    asyncio.run(serve(parser.parse_args()))
