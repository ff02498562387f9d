"""Words: what a fuzzer should know how to spell, out of the schemas, so that it need not find each member's name by chance."""

import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMAS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "schemas")
DOCUMENTS = {"policy_document": "policy", "tool_manifest": "tool", "playbook": "playbook"}
OTHERS = {
    "guarded_json": ["\\u0000", "\\ud800", "\\udc00", "1e400", "9223372036854775808", "-0", "NaN", "minor", "currency", "EUR",
                     "{\"a\":", "[["],
    "envelope": ["ce_specversion: 1.0", "ce_id: ", "ce_source: ", "ce_type: ", "ce_subject: ", "ce_time: ", "ce_dataschema: ", "ce_tenant: ",
                 "ce_partitionkey: ", "ce_correlationid: ", "ce_causationid: ", "ce_sequence: ", "traceparent: ",
                 "content-type: application/cloudevents+json", "key: ", "specversion",
                 "%00", "%0D%0A", "%FF", "data", "source", "acme/T-1"],
    "outgoing": ["https://", "http://", "127.0.0.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:", "[64:ff9b::", "169.254.169.254", "%31", "%25", ":443",
                 ":8080", "user@", "localhost", ".", "/", "?", "#", "Mon, ", "Sun Nov  6 08:49:37 1994", " GMT", "shop@example.com", "<>"],
    "jws": ["alg", "EdDSA", "none", "kid", "typ", "decision+jwt", "iss", "sub", "aud", "tenant", "approval_id", "action_digest", "verb", "approve", "deny",
            "reason", "nonce",
            "iat", "exp", "jti", "decisions", "requirement_digest", "shown_digest", "."],
}


def _spelt(node, found):
    """Member names and allowed values of a schema, wherever they stand."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "properties" and isinstance(value, dict):
                found.update(value)
            if name == "enum":
                found.update(text for text in value if isinstance(text, str))
            if name == "const" and isinstance(value, str):
                found.add(value)
            _spelt(value, found)
    elif isinstance(node, list):
        for item in node:
            _spelt(item, found)


def of_target(target):
    if target in OTHERS:
        return OTHERS[target]
    found = set()
    with open(os.path.join(SCHEMAS, "documents", DOCUMENTS[target] + ".v1.schema.json"), encoding="utf-8") as file:
        _spelt(json.load(file), found)
    return sorted(found)


def write(target, folder):
    """A dictionary in libFuzzer's format; returns where it is."""
    path = os.path.join(folder, target + ".dict")
    with open(path, "w", encoding="utf-8") as file:
        for word in of_target(target):
            escaped = word.replace("\\", "\\\\").replace('"', '\\"')
            file.write(f'"{escaped}"\n')
    return path
