"""Invariant 15, and how long everything took to be back at work: read from the batches' own time-ordered ids, not from anybody's impression.

Bounds are those of the design: a service that is killed and started again works within 1 s, the work of a dead one is taken over within 15 s, and
after a server has returned the backlog drains at twice the live rate at least.
"""

import bisect
import os
import subprocess

from private_postgres import binary
from scene import SERVICES

BOUNDS = {"restart": 1.0, "takeover": 15.0}
BUSY = ("tickets", "plans", "steps", "outcomes")  # topics with a message every moment: silence there means that nobody works
PLAIN = ("small", "foreign", "other")  # kinds that wait for nobody
LEAST_DRAIN = 2.0


def check(scene, found):
    secrets(scene, found)
    ages = [(service, name, value) for service, values in scene.about.get("ages", {}).items() for name, value in values.items()]
    found.check(15, "oldest ages are back under 30 s", len(ages), [one for one in ages if one[2] > 30])
    return {"restart": restarts(scene), "takeover": takeovers(scene), "drain": drains(scene)}


def secrets(scene, found):
    words = [word.encode() for word in scene.about["secrets"]]
    leaks, looked_at = [], 0
    for folder, _, names in os.walk(scene.about["logs"]):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                text = file.read()
            looked_at += len(text)
            leaks += [name for word in words if word in text]
    dump = subprocess.run([binary("pg_dump"), "--data-only", scene.about["dsn_uri"]], capture_output=True, check=False).stdout
    looked_at += len(dump)
    leaks += ["a dump of the database" for word in words if word in dump]
    for message in scene.messages:
        text = b"\n".join((message.value, *(content.encode() for content in message.headers.values())))
        looked_at += len(text)
        leaks += [(message.topic, message.offset) for word in words if word in text]
    found.check(15, "no secret in a log, a dump or a topic (bytes looked at)", looked_at, leaks)


def time_of(batch_id):
    return int(batch_id.replace("-", "")[:12], 16) / 1000


def work_of(scene, service):
    """(time, instance, stage, topic, partition) of every batch."""
    rows = scene.rows(f"""SELECT b.id::text, i.instance, extract(epoch FROM i.started_at), b.stage, b.topics, b.partitions
                          FROM {service}.batch b LEFT JOIN {service}.incarnation i ON i.id = b.incarnation WHERE NOT b.void""")
    return sorted((time_of(batch), instance or "", float(started or 0), stage, list(zip(topics, parts))) for batch, instance, started, stage, topics, parts in rows)


def restarts(scene):
    """Seconds from the start of a process to its first committed batch; approval has too little to do to tell."""
    took = []
    ups = [one for one in scene.injections if one["what"] == "up"]
    for service in ("planner", "executor", "outbox"):
        work = work_of(scene, service)
        for index, up in enumerate(ups):
            if up["member"].partition("~")[0] != service or up.get("unfit"):
                continue
            until = min((one["at"] for one in scene.injections if one["at"] > up["at"] and one["what"] != "noise" and one["member"] in (up["member"], None)),
                        default=scene.about["load_ended"])
            first = next((at for at, instance, started, _, _ in work if instance == up["instance"] and at >= up["at"] and started >= up["at"] - 0.001), None)
            if first is not None and first < until:
                took.append(round(first - up["at"], 3))
    return took


def takeovers(scene):
    """Seconds from a death that was left alone to the first batch of somebody else on each busy partition that was the dead one's."""
    took = []
    for service in SERVICES:
        work = work_of(scene, service)
        for gone in (one for one in scene.injections if one["what"] == "gone" and one["member"].partition("~")[0] == service):
            owned = {}
            for at, instance, _, stage, places in work:
                if at < gone["at"]:
                    owned.update({(stage, place): instance for place in places if stage in BUSY})
            mine = {one for one, instance in owned.items() if instance == gone["instance"]}
            for at, instance, _, stage, places in work:
                for place in places:
                    if at > gone["at"] and instance != gone["instance"] and (stage, place) in mine and at < scene.about["load_ended"]:
                        mine.discard((stage, place))
                        took.append(round(at - gone["at"], 3))
    return took


def drains(scene):
    """How many times the live rate tickets ended after a server came back, until no more were under way than before it went."""
    opened = {(line["tenant"], line["ticket"]): line["at"] for line in scene.sent if line["what"] == "sent" and line["type"] == "ticket.opened" and not line["again"]}
    fit = {key for key in opened if scene.kind(key) in PLAIN}
    ended = {(tenant, ticket): float(at) for tenant, ticket, at in scene.rows("SELECT tenant_id, ticket_id, extract(epoch FROM max(stopped_at)) FROM executor.run WHERE state = 'stopped' GROUP BY 1, 2")}
    fit -= set(scene.rows("SELECT DISTINCT tenant_id, ticket_id FROM executor.transition WHERE new_state = 'unknown'"))
    begins, ends = sorted(opened[key] for key in fit), sorted(ended[key] for key in fit if key in ended)

    def under_way(at):
        return bisect.bisect(begins, at) - bisect.bisect(ends, at)

    factors = []
    for up in (one for one in scene.injections if one["what"] == "server_up"):
        before, backlog = under_way(up["down_at"]), under_way(up["at"])
        live = bisect.bisect(begins, up["down_at"]) - bisect.bisect(begins, up["down_at"] - 5)
        back = next((at for at in ends if at > up["at"] and under_way(at) <= before + live / 5), None)
        if back is None or live == 0 or backlog < before + live / 2 or back > scene.about["load_ended"]:
            continue
        factors.append(round((bisect.bisect(ends, back) - bisect.bisect(ends, up["at"])) / (back - up["at"]) / (live / 5), 2))
    return factors
