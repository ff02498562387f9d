"""Judges what came from Kafka, by Python's official CloudEvents library, and writes events with it. node/event_judge.js does the same for Node, and
asks the message schemas as well."""

import datetime
import json

from cloudevents.core.bindings import kafka
from cloudevents.core.exceptions import BaseCloudEventException
from cloudevents.core.v1.event import CloudEvent

CARRIED = ("ce_specversion", "ce_id", "ce_source", "ce_type", "content-type", "ce_time", "ce_tenant", "ce_subject", "ce_dataschema", "ce_partitionkey",
           "ce_sequence")
TOLD = ("id", "type", "source", "subject", "tenant", "sequence", "dataschema")


def written(message):
    """Key, headers and value of a Message in its mode."""
    attributes = message.attributes
    event = CloudEvent({**attributes, "time": datetime.datetime.fromisoformat(attributes["time"])}, message.data)
    made = kafka.to_structured_event(event) if message.mode == "structured" else kafka.to_binary_event(event)
    return made.key, list(made.headers.items()), made.value


def judge(topic, partition, offset, key, headers, value):
    """What one message says, and everything that is wrong with it."""
    found = {"topic": topic, "partition": partition, "offset": offset, "key": key.decode(), "problems": []}
    try:
        event = kafka.from_kafka_event(kafka.KafkaMessage(headers, key, value))
    except (BaseCloudEventException, ValueError) as refused:
        found["problems"].append(f"no CloudEvent: {refused}")
        return found
    attributes, data = event.get_attributes(), event.get_data()
    found |= {name: attributes.get(name) for name in TOLD} | {"data": data}
    found["problems"] = [f"without {name}" for name in CARRIED if not headers.get(name)] + _contradictions(found, headers) + _lost(event)
    return found


def _contradictions(found, headers):
    data = found["data"]
    wrong = []
    if not isinstance(data, dict):
        return ["its data is no JSON object"]
    if found["key"] != f"{data.get('tenant')}/{data.get('ticket_id')}":
        wrong.append("the key is not tenant/ticket of the data")
    if (found["subject"], found["tenant"]) != (data.get("ticket_id"), data.get("tenant")):
        wrong.append("subject or tenant is not that of the data")
    if headers.get("ce_partitionkey", b"").decode() != found["key"]:
        wrong.append("partitionkey is not the key")
    return wrong


def _lost(event):
    """Written again in each mode, it must be the same event."""
    again = [kafka.from_structured_event(kafka.to_structured_event(event)), kafka.from_binary_event(kafka.to_binary_event(event))]
    same = [(one.get_attributes(), json.dumps(one.get_data())) == (event.get_attributes(), json.dumps(event.get_data())) for one in again]
    return [f"lost in {mode} mode" for mode, kept in zip(("structured", "binary"), same) if not kept]
