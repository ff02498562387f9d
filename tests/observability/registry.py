"""What the fleet says about itself, read from three places that must agree: docs/telemetry.md, the sources, and a running fleet."""

import os
import re
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAGE = os.path.join(ROOT, "docs", "telemetry.md")

WORD = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"


def table(heading):
    """Rows, as lists of cells, of every table under a heading of the page and its subheadings."""
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    _, found, rest = text.partition(f"\n## {heading}\n")
    assert found, f"{PAGE} has no heading {heading}"
    lines = rest.split("\n## ")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").replace("\\|", "\0").split("|")] for line in lines if line.startswith("| `")]


def name_in(cell):
    return re.search(r"`([^`]+)`", cell).group(1)


def documented_metrics():
    """name -> (type, label names, help)"""
    metrics = {}
    for name, kind, labels, _, sentence in table("Metrics"):
        assert name_in(name) not in metrics, f"{name} is documented twice"
        metrics[name_in(name)] = (kind, set(re.findall(r"`([a-z_]+)`", labels)), sentence)
    return metrics


def documented_log_events():
    """event -> level"""
    return {name_in(event): level for event, level, _ in table("Log events")}


def documented_audit_events():
    return {name_in(event) for event, *_ in table("Audit events")}


# ---- the sources


def sources(endings=(".cpp", ".hpp")):
    """Text of each source file of this kind that runs in production, comments removed."""
    for top in ("libs", "services"):
        for folder, folders, names in os.walk(os.path.join(ROOT, top)):
            folders[:] = [name for name in folders if name not in ("tests", "testing")]
            for name in names:
                if name.endswith(endings):
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        yield re.sub(r"^\s*//.*$", "", file.read(), flags=re.MULTILINE)


def logged_events():
    """(event, level) of every call of the log."""
    call = re.compile(r"\blog_?(?:\.|->)(info|warning|error)\(\s*(?:\w+ \? )?" + rf'"({WORD})"(?:\s*:\s*"({WORD})")?')
    passed_on = re.compile(rf'\ball_or_each\([^";{{]*"({WORD})"')  # which logs an error for each thing that is refused
    found = set()
    for text in sources():
        for level, *events in call.findall(text):
            found |= {(event, level) for event in events if event}
        found |= {(event, "error") for event in passed_on.findall(text)}
    return found


def audited_events():
    """Events that sources write to audit.entry: by name of the member, as the first word among a call's arguments, as what a function that
    chooses among them returns, or in SQL."""
    found = set()
    member = re.compile(rf'\.event = "({WORD})"')
    call = re.compile(r"\b(?:audit|audit_(?!event)\w+|record_approval)\(((?:[^;{]|\{(?!\n))*)")  # as far as the body of a definition
    chosen = re.compile(r"\baudit_event_of\([^)]*\) \{(.*?)\n\}", re.DOTALL)
    inserted = re.compile(rf"INSERT INTO audit\.entry\b[^;]*?'({WORD})'")
    words = re.compile(rf'(?:\? "({WORD})" : )?"({WORD})"')
    for text in sources():
        found |= set(member.findall(text))
        for arguments in call.findall(text):
            first = words.search(arguments)
            found |= {word for word in (first.groups() if first else ()) if word and "_" in word}
        for body in chosen.findall(text):
            found |= set(re.findall(rf'return "({WORD})"', body))
    for text in sources((".sql",)):
        found |= set(inserted.findall(text))
    return found


# ---- a running fleet


def scrape(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def label_values(text):
    """(series name, label) -> its values in one process's metrics."""
    values = {}
    for name, inside in re.findall(r"^([a-z_:0-9]+)\{(.*)\} \S+$", text, re.MULTILINE):
        for label, value in re.findall(r'([a-z_]+)="([^"]*)"', inside):
            values.setdefault((name, label), set()).add(value)
    return values


def matched_values(queries):
    """(series name, label, value) for every value that a query asks for by name."""
    for name, inside in re.findall(r"\b(countersign_[a-z_]+)\{([^}]*)\}", queries):
        for label, values in re.findall(r'([a-z_]+)\s*(?:=|!=|=~|!~)\s*"([^"]*)"', inside):
            for value in values.split("|"):
                yield name, label, value


def scraped_metrics(text):
    """name -> (type, label names, help) of one process."""
    helps = dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE))
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    labels = {name: set() for name in kinds}
    for name, inside in re.findall(r"^([a-z_:0-9]+)(?:\{(.*)\})? \S+$", text, re.MULTILINE):
        family = name if name in kinds else re.sub(r"_(bucket|sum|count)$", "", name)
        labels[family] |= set(re.findall(r'([a-z_]+)="', inside)) - {"le"}
    return {name: (kinds[name], labels[name], helps[name]) for name in kinds}
