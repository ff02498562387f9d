"""One HTML page with the table, the charts and the conditions of a benchmark; it needs nothing from anywhere else."""

import html

import charts

STYLE = """
:root { --ink: #1d2430; --soft: #5b6472; --line: #dfe3e8; --paper: #ffffff; --ground: #f5f6f8; --good: #22703f; --bad: #b3261e; --note: #5b6472; }
* { box-sizing: border-box; } body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; } h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 36px 0 10px; }
h3 { font-size: 14px; margin: 0 0 6px; color: var(--soft); font-weight: 600; } p { margin: 4px 0; } .soft { color: var(--soft); }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 16px 18px; margin: 12px 0; overflow-x: auto; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(430px, 1fr)); gap: 12px; } .pair .card { margin: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } th, td { padding: 6px 7px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-size: 12.5px; color: var(--soft); font-weight: 600; } td:first-child, th:first-child, .text { text-align: left; white-space: normal; }
.asked { white-space: normal; min-width: 11em; } td:first-child { min-width: 8em; }
tr:last-child td { border-bottom: 0; } .met { color: var(--good); font-weight: 650; } .missed { color: var(--bad); font-weight: 650; } .reported { color: var(--note); }
svg { display: block; width: 100%; height: auto; } .grid { stroke: #e8ebef; } .axis { stroke: #9aa3af; } .limit { stroke: #b3261e; stroke-width: 2; }
.tick { font-size: 11px; fill: #5b6472; } .end { text-anchor: end; } .middle { text-anchor: middle; }
.legend { font-size: 12.5px; color: var(--soft); } .legend span { margin-right: 14px; white-space: nowrap; } .legend i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 5px; }
"""
METHOD = """
<p>Open loop: the times at which tickets are sent are fixed before the first one is, and the sender never waits for an answer. A latency is counted from the
time at which its ticket was <em>meant</em> to be sent to the receipt of its signed webhook, on one monotonic clock; a ticket that is unfinished counts with the
time it has waited. The generator, the sink, the stand-in for the tools, PostgreSQL (fsync and synchronous_commit on), Kafka and the services share the same cores, so that the
generator's own lag is part of every latency; it is shown beside. CPU is read from /proc; the generator's own is the control that tells how fast the machine was.
A single Kafka node does not fsync each message: it is safe against the death of processes, not against loss of power. PostgreSQL is safe against both, and the
fleet's offsets live there.</p>"""


def _cells(*values, tag="td"):
    return "<tr>" + "".join(f"<{tag}>{value}</{tag}>" for value in values) + "</tr>"


def _ms(value):
    return f"{value:,.1f}" if value < 1000 else f"{value:,.0f}"


def _table(head, rows):
    return f"<table>{_cells(*head, tag='th')}{''.join(row if isinstance(row, str) else _cells(*row) for row in rows)}</table>"


def _chip(word):
    return f'<span class="{word}">{word}</span>'


def _spread(entry):
    if entry["repeats"] < 2 or not entry["spread"]:
        return ""
    ranges = ", ".join(f"{name.split('_')[0]} {one['least']:,.1f}–{one['most']:,.1f}" for name, one in entry["spread"].items())
    return f"<br><span class='soft'>median of {entry['repeats']}; {ranges}</span>"


def summary_table(entries):
    head = ["line", "", "offered /s", "achieved /s", "p50", "p90", "p99", "p99.9", "max", "tool p50", "tool p99", "CPU µs/ticket", "asked for"]
    rows = []
    for entry in entries:
        found, runs = entry["found"], entry["found"].get("runs", [entry["found"]])
        for number, run in enumerate(runs):
            name = html.escape(entry["title"]) + (f", {run['ended']:,} ended" if "ended" in run else "") + _spread(entry)
            asked = f"<div class='asked'>{html.escape(entry['asks']) or '–'}</div>"
            word = _chip(entry["word"]) if number == len(runs) - 1 else ""
            if "latency" not in run:
                took = f"{found['seconds']:.1f} s {word}" if "seconds" in found else word
                rows.append(f"<tr><td colspan='12'>{name} {took}</td><td>{asked}</td></tr>")
                continue
            latency, tool = run["latency"], run.get("tool") or {}
            rows.append([name, word, f"{run['offered_per_second']:,.0f}", f"{run['achieved_per_second']:,.0f}", *[_ms(latency[f"{p}_ms"]) for p in ("p50", "p90", "p99", "p99_9", "max")],
                         *[_ms(tool[f"{p}_ms"]) if tool else "–" for p in ("p50", "p99")], f"{run['cpu_us']:,.0f}", asked])
    return '<div class="card">' + _table(head, rows) + "<p class='soft'>Milliseconds from the time a ticket was meant to be sent.</p></div>"


def reasons(entries):
    said = [f"<li><b>{html.escape(entry['title'])}</b>: {html.escape('; '.join(entry['reasons']))}</li>" for entry in entries if entry["reasons"]]
    return f"<div class='card'><h3>What is missed, and by how much</h3><ul>{''.join(said)}</ul></div>" if said else ""


def costs(entries):
    runs = [(entry, run) for entry in entries for run in entry["found"].get("runs", [entry["found"]]) if "cpu_us_by_process" in run]
    if not runs:
        return ""
    bars = [(f"{entry['name']} {run['rate']:g}/s", run["cpu_us_by_process"], entry["cpu_limit"]) for entry, run in runs]
    head = ["line", "WAL bytes", "commits", "fsyncs", "checkpoints", "autovacuums", "cores busy", "of that, others", "stolen", *[f"{name} MB" for name in runs[0][1]["memory_mb"]]]
    rows = [[html.escape(f"{entry['name']} {run['rate']:g}/s"), f"{run['per_ticket']['wal_bytes']:,.0f}", f"{run['per_ticket']['commits']:.3f}",
             f"{run['per_ticket']['wal_syncs']:.3f}", f"{run['checkpoints']:.0f}", f"{run['autovacuums']:.0f}",
             f"{run['machine']['busy']:.2f} of {run['machine']['cores']}", f"{run['machine']['others']:.2f}", f"{run['machine']['stolen']:.2f}",
             *[f"{size:.0f}" for size in run["memory_mb"].values()]] for entry, run in runs]
    return ("<h2>What a ticket costs</h2><div class='card'><h3>CPU per ticket by process, in µs (generator and sink are the benchmark's own)</h3>"
            + charts.stacked_bars(bars, "µs") + "</div><div class='card'><h3>Per ticket, and what the machine did meanwhile</h3>" + _table(head, rows) + "</div>")


def details(entry, run):
    seconds = run["seconds"]
    name = html.escape(entry["title"]) + (f", {run['ended']:,} ended tickets" if "ended" in run else "")
    curves = {key: run[member]["buckets_us"] for key, member in (("to the sink", "sink"), ("to the tool", "tool"), ("generator's own lag", "generator_lag"))
              if run.get(member) and run[member]["buckets_us"]}
    latency = {key: [one[member] for one in seconds] for key, member in (("p50", "p50_ms"), ("p99", "p99_ms"), ("max", "max_ms"))}
    flow = {"received": [one["received"] for one in seconds], "sent": [one["sent"] for one in seconds]}
    checks = _table(["what went in came out", "looked at", "wrong"], [[html.escape(one["check"]), f"{one['looked_at']:,}", one["wrong"]] for one in run["checks"]])
    backlog = {"tickets on their way": [one["outstanding"] for one in seconds]}
    return (f"<h2>{name} · {run['rate']:g} tickets/s</h2><div class='pair'>"
            + _card("Latency of each second's tickets", charts.over_time(latency, "ms", "latency over time", logarithmic=True, limit=entry["p99_limit"]))
            + _card("Percentiles", charts.percentile_curve(curves, "percentiles"))
            + _card(f"Backlog: {run['backlog']['slope_per_second']:+.1f} tickets a second; drained in {run['drain_seconds']:.1f} s", charts.over_time(backlog, "tickets", "backlog"))
            + _card("Flow", charts.over_time(flow, "tickets/s", "flow")) + "</div><div class='card'>" + checks + "</div>")


def _card(title, body):
    return f"<div class='card'><h3>{title}</h3>{body}</div>"


def write(path, headline, conditions, entries):
    """entries: [{name, title, asks, word, reasons, found, p99_limit, cpu_limit}]."""
    sections = "".join(details(entry, run) for entry in entries for run in entry["found"].get("runs", [entry["found"]]) if isinstance(run.get("seconds"), list))
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>Benchmark</title>"
                   f"<style>{STYLE}</style><main><h1>Benchmark</h1><p>{html.escape(headline)}</p><p class='soft'>{html.escape(conditions)}</p>"
                   f"{summary_table(entries)}{reasons(entries)}{costs(entries)}{sections}<h2>How it was measured</h2><div class='card'>{METHOD}</div></main></html>")
