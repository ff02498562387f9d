"""What became of one sample, in words, and whether that is what should have become of it. Pure: from what was seen to text."""


DECIDED = {"approved": "approved it", "consumed": "approved it", "denied": "denied it", "changes_requested": "asked for changes",
           "expired": "not decided in time"}


def amount_text(money):
    minor = int(money["minor"])
    return f"{minor // 100}.{minor % 100:02} {money['currency']}"


def account_of(sample, seen, rules):
    story = seen["story"]
    lines = [f"ticket     {seen['ticket']}", asked(sample)]
    if story.get("run"):
        lines += [proposed(story), *said(sample, story, rules), *reviewed(seen), *done(story)]
    lines += [f"set aside  {letter['reason']} by {letter['service']}: {letter['detail']}" for letter in seen["dead_letters"]]
    lines += [f"handed on  to people, {handoff['priority']}: {handoff['summary']}" for handoff in story.get("handoffs", [])]
    lines += delivered(story, seen)
    lines += [f"mailbox    {mail['to']} has received {mail['subject']!r}: {first_line(mail['text'])}" for mail in seen["mails"]]
    run = story.get("run")
    if run:
        codes = f" ({', '.join(run['codes'])})" if run["codes"] else ""
        lines.append(f"ended      {run['stop_reason'] or run['state']}{codes}, run {run['run']} of ticket version {story['ticket']['version']}")
    return lines


def asked(sample):
    event = sample["events"][0]
    requester = event["requester"]
    who = f"{requester.get('name', requester['id'])} ({requester['id']})" if isinstance(requester, dict) else str(requester)
    times = f", sent {len(sample['events'])} times" if len(sample["events"]) > 1 else ""
    return f"asked      {who}: {event['text']!r}{times}"


def proposed(story):
    run = story["run"]
    steps = " → ".join(step["tool"] for step in story["steps"]) or "to hand the ticket over"
    by = f"playbook {run['playbook']}" if run["playbook"] else "no playbook covers it"
    return f"proposed   {steps}; {by}, agent {run['agent']}"


def said(sample, story, rules):
    """Steps for which policy said the same, for the same reason, share a line."""
    tenant = sample["events"][0]["tenant"]
    lines = {}
    for step in story["steps"]:
        decision = step["decision"]
        if not decision:
            continue
        amount = (step["arguments"] or {}).get("amount")
        why = [rules.get((tenant, name)) for name in decision["rules"]]
        quoted = "; ".join(f"{rule['sentence']} ({rule['citation']})" for rule in why if rule)
        reason = quoted or ", ".join(decision["codes"])
        lines.setdefault((decision["effect"], reason), []).append(step["tool"] + (f" of {amount_text(amount)}" if amount else ""))
    return [f"policy     {effect} {', '.join(tools)}: {reason}" for (effect, reason), tools in lines.items()]


def reviewed(seen):
    decisions = {}
    for decision in seen["decisions"]:
        decisions.setdefault(decision["verb"], []).append(decision["person"] + (f" ({decision['reason']})" if decision["reason"] else ""))
    for approval in seen["approvals"]:
        yield f"approval   {approval['state']}: {approval['what']}"
    for verb, people in decisions.items():
        yield f"people     {verb.replace('_', ' ')}: {', '.join(people)}"


def first_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[1:2] or lines[:1])


def progress_of(seen):
    """What has become of a ticket so far, a line for each thing that happened."""
    for approval in seen["approvals"]:
        if approval["state"] in DECIDED:
            yield f"people have {DECIDED[approval['state']]}"
    for effect in seen["effects"]:
        yield f"the shop has carried out: {effect['kind']} of {effect['target']}" + (f", {amount_text(effect['amount'])}" if effect.get("amount") else "")
    for mail in seen["mails"]:
        yield f"{mail['to']} has received {mail['subject']!r}: {first_line(mail['text'])}"
    run = seen["story"].get("run") or {}
    if run.get("state") == "stopped":
        yield f"the run has ended: {run['stop_reason']}"


def done(story):
    effects = {effect["step"]: effect for effect in story["effects"]}
    for step in story["steps"]:
        if step["step"] in effects and effects[step["step"]]["amount_minor"] is not None:
            effect = effects[step["step"]]
            amount = amount_text({"minor": effect["amount_minor"], "currency": effect["currency"]})
            yield f"done       {step['tool']} {effect['state']}: {amount} for {effect['target']}, key {effect['idempotency_key']}"
        elif step["state"] != "dropped":
            yield f"done       {step['tool']} {step['state']}" + (f" ({', '.join(step['codes'])})" if step["codes"] else "")


def webhooks_of(story):
    return [delivery for delivery in story.get("deliveries", []) if not delivery["endpoint"].startswith("mailbox:")]


def delivered(story, seen):
    valid = {entry["type"] for entry in seen["webhooks"] if entry["valid"]}
    for delivery in webhooks_of(story):
        signature = "; the receiver found the signature valid" if delivery["type"] in valid else ""
        yield (f"delivered  {delivery['type']} to {delivery['endpoint']}: {delivery['state']} at attempt {delivery['attempts']},"
               f" status {delivery['last_status']}{signature}")


def mistakes_in(sample, seen):
    """What differs from the sample's `expect`; empty when nothing does. While a ticket is on its way, this names what is still missing."""
    expect, story = sample["expect"], seen["story"]
    run, ticket = story.get("run") or {}, story.get("ticket") or {}
    mistakes = []

    def want(what, expected, found):
        if expected != found:
            mistakes.append(f"{what} should be {expected}, is {found}")

    if "dead_letter" in expect:
        # Both services that read tickets set it aside, each for itself.
        want("dead letters", [("executor", expect["dead_letter"]), ("planner", expect["dead_letter"])],
             sorted((letter["service"], letter["reason"]) for letter in seen["dead_letters"]))
        want("run", {}, run)
        return mistakes
    want("stop reason", expect["stop_reason"], run.get("stop_reason"))
    want("state", "stopped", run.get("state"))
    steps = story.get("steps", [])
    said_so = {rule for step in steps for rule in (step["decision"] or {}).get("rules", [])}
    if "rule" in expect and expect["rule"] not in said_so:
        mistakes.append(f"policy should have gone by {expect['rule']}, went by {', '.join(sorted(said_so)) or 'none'}")
    codes = {code for step in steps for code in step["codes"]}
    mistakes += [f"no step ended with {code}" for code in expect.get("codes", []) if code not in codes]
    want("effects in the shop", [effect_told(effect) for effect in expect["effects"]], [effect_told(entry) for entry in seen["effects"]])
    want("effects in the ledger", [effect["tool"] for effect in expect["effects"]],
         [effect["tool"] for effect in story.get("effects", []) if effect["state"] == "succeeded" and effect["tool"] != "send_reply"])
    want("approvals", expect["approvals"], [approval["state"] for approval in seen["approvals"]])
    mistakes += wrong_decisions(seen) + wrong_mail(expect["mail"], seen["mails"])
    want("valid webhooks", [expect["webhook"]], [entry["type"] for entry in seen["webhooks"] if entry["valid"]])
    want("deliveries", ["delivered"], [delivery["state"] for delivery in webhooks_of(story)])
    want("open handoffs", 1 if expect["handoff"] else 0, sum(handoff["state"] == "open" for handoff in story.get("handoffs", [])))
    want("ticket version", expect.get("version", 1), ticket.get("version"))
    want("runs", expect.get("runs", 1), ticket.get("runs_opened"))
    if "resolution" in expect:
        want("action taken", expect["resolution"], (run.get("resolution") or {}).get("action_taken"))
    if "actor" in expect:
        want("actor", expect["actor"], run.get("actor"))
    return mistakes


def effect_told(effect):
    amount = effect.get("amount")
    return f"{effect['kind']} {effect['target']}" + (f" {amount_text(amount)}" if amount else "")


def wrong_decisions(seen):
    return [f"{decision['person']}'s {decision['verb']} was answered with {decision['code']}: {decision['answer']}"
            for decision in seen["decisions"] if decision["code"] != 0]


def wrong_mail(expected, mails):
    if expected is None:
        return [f"nobody should have been written to; {mail['to']} was" for mail in mails]
    if len(mails) != 1:
        return [f"one mail should have come, not {len(mails)}"]
    mail = mails[0]
    mistakes = [f"mail's {part} should be {expected[part]!r}, is {mail[part]!r}" for part in ("to", "subject") if expected[part] != mail[part]]
    mistakes += [f"the mail does not say {words!r}" for words in expected.get("contains", []) if words not in mail["text"]]
    return mistakes + [f"the mail says {words!r}" for words in expected.get("never", []) if words in mail["text"]]
