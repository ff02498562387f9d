"""Kafka clients that others would bring, all with the same two abilities:

    write([Message])            publishes to `tickets` under the user `upstream`, each message in its mode; returns how many
    read(user, {topic: {partition: last offset}})
                                everything up to these offsets, as [{topic, partition, offset, key, id, type, …, data, problems}]

None of them uses anything of the product's. What cannot be done raises ClientFailed.
"""

import json
import os
import subprocess
import time

import event_judge
from confluent_kafka import Consumer, Producer

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 60  # seconds for one client's whole task
PLACEMENT = "murmur2_random"  # where Java's and Node's clients put a key; not librdkafka's own choice


class ClientFailed(Exception):
    """Says which client, with the end of what it said."""


def _run(command, given=None, environment=None):
    done = subprocess.run(command, input=given, capture_output=True, timeout=PATIENCE, env={**os.environ, **(environment or {})}, check=False)
    if done.returncode != 0:
        raise ClientFailed(f"{os.path.basename(command[0])} exited with {done.returncode}: {done.stderr.decode(errors='replace')[-1500:]}")
    return done.stdout


class Kcat:
    name = "kcat"

    def __init__(self, settings):
        self._settings = settings  # user -> file of librdkafka's settings

    def write(self, messages):
        structured = [one for one in messages if one.mode == "structured"]
        if structured:  # all have the same header, so that they can go in one call
            events = [{**one.attributes, "data": one.data} for one in structured]
            self._produce(["content-type=application/cloudevents+json; charset=UTF-8"], list(zip(structured, events)))
        for one in messages:
            if one.mode == "binary":
                headers = {f"ce_{name}": value for name, value in one.attributes.items() if name != "datacontenttype"}
                self._produce([f"{name}={value}" for name, value in {"content-type": "application/json", **headers}.items()], [(one, one.data)])
        return len(messages)

    def _produce(self, headers, values):
        lines = "".join(f"{message.ticket.key}\t{json.dumps(value, ensure_ascii=False)}\n" for message, value in values)
        _run(["kcat", "-F", self._settings["upstream"], "-P", "-t", "tickets", "-K", "\t", "-X", f"partitioner={PLACEMENT}", "-X", "acks=all",
              *[part for header in headers for part in ("-H", header)]], lines.encode())

    def read(self, user, ends):
        found = []
        for topic, offsets in ends.items():
            said = _run(["kcat", "-F", self._settings[user], "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-J"])
            for line in said.decode().splitlines():
                one = json.loads(line)
                if one["offset"] <= offsets.get(one["partition"], -1):
                    headers = {name: value.encode() for name, value in zip(one["headers"][::2], one["headers"][1::2])}
                    found.append(event_judge.judge(topic, one["partition"], one["offset"], one["key"].encode(), headers, one["payload"].encode()))
        return found


class Python:
    """confluent-kafka, with CloudEvents by their official Python library."""

    name = "confluent-kafka"

    def __init__(self, settings):
        self._settings = settings

    def write(self, messages):
        producer = Producer({**_settings_in(self._settings["upstream"]), "partitioner": PLACEMENT, "acks": "all"})
        refused = []
        for one in messages:
            key, headers, value = event_judge.written(one)
            producer.produce("tickets", value, key, headers=headers, on_delivery=lambda error, _: error and refused.append(error))
        if producer.flush(PATIENCE) or refused:
            raise ClientFailed(f"confluent-kafka could not write: {refused[:3]}")
        return len(messages)

    def read(self, user, ends):
        consumer = Consumer({**_settings_in(self._settings[user]), "group.id": f"main.{user}.interop-python", "auto.offset.reset": "earliest",
                             "enable.auto.commit": False})
        consumer.subscribe(list(ends))
        open_, found = {(topic, partition) for topic, offsets in ends.items() for partition in offsets}, []
        until = time.monotonic() + PATIENCE
        while open_:
            for message in consumer.consume(500, 0.2):
                topic, partition, offset = message.topic(), message.partition(), message.offset()
                if message.error():
                    raise ClientFailed(f"confluent-kafka could not read: {message.error()}")
                if offset <= ends[topic].get(partition, -1):
                    found.append(event_judge.judge(topic, partition, offset, message.key(), dict(message.headers()), message.value()))
                if offset >= ends[topic].get(partition, -1):
                    open_.discard((topic, partition))
            if time.monotonic() > until:
                raise ClientFailed(f"confluent-kafka: nothing more came of {sorted(open_)}")
        consumer.close()
        return found


class Node:
    """kafkajs, with CloudEvents by their official JavaScript library."""

    name = "kafkajs"

    def __init__(self, settings, libraries, schemas):
        self._settings, self._libraries, self._schemas = settings, libraries, schemas

    def write(self, messages):
        given = json.dumps([one.as_json() for one in messages])
        return self.call("client.js", "write", self._settings["upstream"], "tickets", given=given)["written"]

    def read(self, user, ends):
        return self.call("client.js", "read", self._settings[user], f"main.{user}.interop-node", self._schemas, given=json.dumps(ends))

    def call(self, script, *arguments, given=""):
        return json.loads(_run(self.command(script, *arguments), given.encode(), self.environment))

    def command(self, script, *arguments):
        return ["node", os.path.join(HERE, "node", script), *arguments]

    @property
    def environment(self):
        return {"NODE_PATH": os.path.join(self._libraries, "node_modules")}


def _settings_in(path):
    with open(path, encoding="utf-8") as file:
        return dict(line.strip().split("=", 1) for line in file if "=" in line)
