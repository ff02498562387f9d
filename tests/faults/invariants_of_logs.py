"""Invariants 3 to 6 and 12: what the services' own bookkeeping and the topics say about each other."""

import collections
import json
import uuid

from scene import SERVICES

# Columns that keep the id of a message that a change owed.
OWED = {
    "planner": ["SELECT outbox_id::text FROM planner.remark"],
    "executor": ["SELECT outbox_id::text FROM executor.transition"],
    "approval": ["SELECT outbox_id::text FROM approval.approval_history", "SELECT verdict_id::text FROM approval.approval_history",
                 "SELECT outbox_id::text FROM approval.handoff_history", "SELECT decision_id::text FROM approval.decision"],
    "outbox": ["SELECT result_id::text FROM outbox.delivery"],
}


def check(scene, found):
    tiling(scene, found)
    owed_messages(scene, found)
    order(scene, found)
    epochs(scene, found)
    dead_letters(scene, found)
    attempts(scene, found)


def ranges(scene, service):
    return scene.rows(f"""SELECT b.id::text, b.incarnation::text, b.stage, r.topic, r.part, r.epoch, r.low, r.high FROM {service}.batch b,
                          unnest(b.topics, b.partitions, b.epochs, b.from_offsets, b.to_offsets) AS r (topic, part, epoch, low, high)
                          WHERE NOT b.void ORDER BY b.stage, r.topic, r.part, r.low, r.high""")


def tiling(scene, found):
    high = collections.Counter()
    for message in scene.messages:
        high[(message.topic, message.partition)] = max(high[(message.topic, message.partition)], message.offset + 1)
    for service in SERVICES:
        wrong, reached = [], {}
        rows = ranges(scene, service)
        for batch, _, stage, topic, part, _, low, to in rows:
            if low != reached.get((stage, topic, part), 0) or to <= low:
                wrong.append((batch, stage, topic, part, low, to, "after", reached.get((stage, topic, part), 0)))
            reached[(stage, topic, part)] = to
        offsets = {(group.partition(".")[2], topic, part): at for group, topic, part, at in
                   scene.rows(f"SELECT group_name, topic, partition, next_offset FROM {service}.consumer_offset")}
        wrong += [("next_offset", place, at, reached.get(place, 0)) for place, at in offsets.items() if at != reached.get(place, 0)]
        found.check(3, f"{service}: batches tile each log", len(rows), wrong)
        found.check(3, f"{service}: each log is consumed to its end", len(offsets), [(place, at, high[place[1:]]) for place, at in offsets.items() if at < high[place[1:]]], True)


def owed_messages(scene, found):
    owed = collections.Counter(row[0] for sql in statements_of_owed() for row in scene.rows(sql) if row[0] is not None)
    by_now = {row[0] for sql in statements_of_owed() for row in scene.rows_now(sql)}
    waiting = {row[0] for service in SERVICES for row in scene.rows(f"SELECT id::text FROM {service}.outbox")}
    ours = [message for message in scene.messages if message.internal]
    optional = {row[0] for row in scene.rows("SELECT decision_id::text FROM approval.decision")}  # its id need not be its message's
    accounted = {message.id for message in scene.messages} | optional | waiting
    found.check(4, "every id that a change owes was owed once", len(owed), [one for one, times in owed.items() if times > 1])
    found.check(4, "every owed message is on its topic, or still owed", len(owed), [one for one in owed if one not in accounted])
    found.check(4, "no message without its committed row", len(ours),
                [(m.topic, m.type, m.id) for m in ours if m.id not in by_now and m.type != "approval.decision_recorded"])
    left = [row for service in SERVICES for row in scene.rows(f"SELECT '{service}', type, aggregateid FROM {service}.outbox")]
    found.check(4, "nothing is left in an outbox", len(owed), left, True)


def statements_of_owed():
    return [sql for statements in OWED.values() for sql in statements]


def order(scene, found):
    chains = collections.defaultdict(dict)
    contradictions, copies = [], 0
    for message in scene.messages:
        if not message.internal:
            continue
        chain = chains[(message.source, message.topic, message.key)]
        if message.sequence in chain:
            copies += 1
            if chain[message.sequence] != message.id:
                contradictions.append((message.topic, message.key, message.sequence, chain[message.sequence], message.id))
        chain[message.sequence] = message.id
    gaps = [(place, sorted(chain)) for place, chain in chains.items() if sorted(chain) != list(range(1, len(chain) + 1))]
    found.counts["copies_on_topics"] = copies
    found.check(5, "sequences are gapless per producer, topic and key, one id each", len(chains), gaps + contradictions)
    counters(scene, found)
    deliveries(scene, found)


def counters(scene, found):
    """What each consumer counted per key is what it has read of it."""
    wrong, looked_at = [], 0
    for service in SERVICES:
        places = {(topic, part): at for topic, part, at in scene.rows(f"SELECT topic, partition, next_offset FROM {service}.consumer_offset")}
        read = collections.defaultdict(set)
        for message in scene.messages:
            if message.internal and message.offset < places.get((message.topic, message.partition), 0):
                read[(message.topic.partition(".")[0], message.key)].add(message.sequence)
        behind = {tuple(row) for row in scene.rows(f"SELECT topic, key FROM {service}.parked")}
        slots = dict(scene.rows(f"SELECT slot, topic FROM {service}.topic_slot WHERE direction = 'input'"))
        consumed = {name.partition(".")[2] for name, in scene.rows(f"SELECT DISTINCT group_name FROM {service}.consumer_offset")}
        for key, inputs in scene.rows(f"SELECT key, inputs FROM {service}.key_state"):
            for slot, topic in slots.items():
                if topic in ("tickets", "decisions") or topic not in consumed or slot > len(inputs) or (topic, key) in behind:
                    continue
                looked_at += 1
                if inputs[slot - 1] != len(read[(topic, key)]):
                    wrong.append((service, topic, key, inputs[slot - 1], "of", sorted(read[(topic, key)])))
    parked = [row for service in SERVICES for row in scene.rows(f"SELECT '{service}', topic, key, sequence FROM {service}.parked")]
    found.check(5, "each consumer has applied every message of a key once", looked_at, wrong)
    found.check(5, "no message waits for its predecessor", looked_at, parked, True)


def deliveries(scene, found):
    """The outbox service took them in the producer's order, and the receiver saw them in that order."""
    rows = scene.rows("""SELECT id::text, tenant_id, ticket_id, endpoint, split_part(type, '.', 1), sequence, place FROM outbox.delivery
                         WHERE channel = 'webhook' ORDER BY tenant_id, ticket_id, endpoint, place""")
    taken, wrong, place_of = {}, [], {}
    for delivery, tenant, ticket, endpoint, family, sequence, place in rows:
        place_of[delivery] = place
        before = taken.get((tenant, ticket, endpoint, family), 0)
        if sequence <= before:
            wrong.append((tenant, ticket, family, sequence, "after", before))
        taken[(tenant, ticket, endpoint, family)] = sequence
    seen, last = set(), {}
    for entry in scene.journal:
        delivery = str(uuid.UUID(entry["id"].removeprefix("msg_"))) if entry["kind"] == "webhook" and entry["valid"] else None
        if delivery is None or delivery in seen:
            continue
        seen.add(delivery)
        place, key = place_of.get(delivery, 0), (entry["tenant"], entry["path"], entry["ticket_id"])
        if place < last.get(key, 0):
            wrong.append(("received", *key, place, "after", last[key]))
        last[key] = place
    found.counts["order_breaks"] = len(wrong)
    found.check(5, "webhooks came in the order of their messages", len(rows), wrong)


def epochs(scene, found):
    """An incarnation may renew itself and keep its partitions; an epoch that two instances commit under was stolen."""
    wrong, looked_at = [], 0
    for service in SERVICES:
        instance_of = dict(scene.rows(f"SELECT id::text, instance FROM {service}.incarnation"))
        owner, latest = {}, {}
        for batch, incarnation, stage, topic, part, epoch, _, _ in ranges(scene, service):
            looked_at += 1
            instance = instance_of.get(incarnation, incarnation)
            if owner.setdefault((stage, topic, part, epoch), instance) != instance:
                wrong.append((service, batch, "epoch", epoch, "had two owners:", owner[(stage, topic, part, epoch)], instance))
            if epoch < latest.get((stage, topic, part), 0):
                wrong.append((service, batch, "epoch", epoch, "after", latest[(stage, topic, part)]))
            latest[(stage, topic, part)] = max(epoch, latest.get((stage, topic, part), 0))
    found.check(6, "no commit by a stale epoch", looked_at, wrong)


def dead_letters(scene, found):
    """Their copies carry the original's headers; the place they came from is their identity."""
    wrong, rows = [], set()
    copies = {place_of_copy(message) for message in scene.of_topic("dead-letters")}
    allowed = set(scene.about.get("dead_reasons", ()))
    for service in SERVICES:
        for group, topic, part, offset, key, reason, detail in scene.rows(
                f"SELECT group_name, topic, partition, log_offset, key, reason, detail FROM {service}.dead_letter"):
            place = (group, topic, part, offset)
            rows.add(place)
            if reason not in allowed and b"poison" not in bytes(key or b""):
                wrong.append((place, reason, detail))
    found.counts["dead_letters"] = len(rows)
    found.check(12, "each dead letter has its copy, and each copy its row", len(rows), [*(rows - copies), *(copies - rows)], True)
    found.check(12, "one dead letter for each message that was to be set aside, and none else", len(rows), wrong)
    poison = [line for line in scene.sent if line["what"] == "poison"]
    poisoned = {(topic, part, offset) for _, topic, part, offset in rows}
    found.check(12, "each malformed message was set aside", len(poison), [line for line in poison if (line["topic"], line["partition"], line["offset"]) not in poisoned], True)


def place_of_copy(message):
    read = message.headers.get
    return (read("kafka_dlt-original-consumer-group"), read("kafka_dlt-original-topic"), int(read("kafka_dlt-original-partition", -1)), int(read("kafka_dlt-original-offset", -1)))


def attempts(scene, found):
    """A letter that may have been sent is not tried again; people are asked instead, as its mailbox wants it. One that was taken back is not tried either,
    nor one that no process survived."""
    taken_back = {json.loads(message.value)["message_id"] for message in scene.of_topic("messages") if message.type == "message.withdrawn"}
    rows = scene.rows("""SELECT d.id::text, d.state, d.attempts, d.lapses, d.last_error, count(a.id), d.maybe_sent, d.end_code, d.message_id::text
                         FROM outbox.delivery d LEFT JOIN outbox.attempt a ON a.delivery_id = d.id GROUP BY d.id""")
    found.counts["letters_taken_back"] = sum(row[7] == "withdrawn" for row in rows)
    most = scene.about["most_attempts"]
    set_aside = set(scene.about.get("dead_reasons", ()))
    wrong = [row for row in rows if row[2] > most or row[5] < row[2] - (row[1] == "delivered")]  # the one that delivered is on the delivery
    wrong += [row for row in rows
              if row[1] == "dead" and row[2] < most and not row[6] and not (row[7] == "withdrawn" and row[8] in taken_back) and row[7] not in set_aside]
    found.check(12, "deliveries were tried as often as their schedule says, and none was given up before", len(rows), wrong)
