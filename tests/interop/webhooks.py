"""Webhooks both ways: a receiver built on npm's standardwebhooks and svix takes what the fleet sends, and what these libraries sign goes to the
stand-in, whose verifier shares nothing with the product's signer."""

import json
import os
import subprocess
import urllib.request

from private_postgres import follow_parent

COUNT = 25  # webhooks that each library sends to each tenant


class Receiver:
    """A Node server; every webhook is verified by both libraries, and once more after a change that must not pass."""

    def __init__(self, node, secrets_file):
        self._command, self._environment = node.command("webhooks.js", "sink", secrets_file), node.environment
        self._process = None
        self.url = ""

    def __enter__(self):
        parent = os.getpid()
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                         env={**os.environ, **self._environment}, preexec_fn=lambda: follow_parent(parent))
        port = self._process.stdout.readline().strip()  # it prints its port, or ends
        if not port:
            raise RuntimeError(f"the receiver of webhooks ended with {self._process.wait()}")
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def found(self):
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            return json.load(answer)


def check_ours(found, outcomes, findings):
    """What the receiver said of the fleet's webhooks; outcomes: key -> type of the last one."""
    for name, told in found["libraries"].items():
        wrong = [f"{found['received'] - told['verified']} of ours not verified"] if told["verified"] != found["received"] else []
        wrong += [f"{told['fooled']} verified that were changed"] if told["fooled"] else []
        findings.add(f"webhooks of ours, verified by {name}", told["verified"], wrong)
    wrong = [f"{key}: {kind}, told {found['tickets'].get(key)}" for key, kind in outcomes.items() if found["tickets"].get(key) != kind]
    findings.add("webhooks tell each ticket's outcome", found["received"], wrong)


def send_theirs(node, secrets_file, url, findings):
    """What each library signs, and as many that were changed on the way, to our verifier."""
    said = node.call("webhooks.js", "send", secrets_file, url, str(COUNT))
    for name, told in said.items():
        wrong = [f"only {told['accepted']} accepted"] if told["accepted"] != told["sent"] else []
        wrong += [f"only {told['refused_when_changed']} changed ones refused"] if told["refused_when_changed"] != told["sent"] else []
        findings.add(f"webhooks of {name}, verified by our receiver", told["accepted"], wrong)
    return said
