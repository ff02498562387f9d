"""Charts as inline SVG, from nothing but numbers."""

import html
import math

WIDTH, HEIGHT = 560, 230
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 12, 34
COLOURS = ["#2563ab", "#c4582b", "#3b8a54", "#8b5fa8", "#b08a1e", "#4d8f97", "#a3456b", "#6d6f76", "#7a9a2e", "#35507a"]


def _number(value):
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2g}"


def _linear_ticks(top):
    step = 10 ** math.floor(math.log10(top / 4)) if top > 0 else 1
    step = next(factor * step for factor in (1, 2, 5, 10) if top / (factor * step) <= 5)
    return [index * step for index in range(int(top / step) + 1)]


class Axes:
    """Places values on the paper; `logarithmic` concerns the upright axis."""

    def __init__(self, x_most, y_least, y_most, logarithmic=False):
        self.x_most = x_most or 1
        self.logarithmic = logarithmic
        self.y_least, self.y_most = (max(y_least, 1e-3), max(y_most, y_least * 1.1, 1e-2)) if logarithmic else (min(0, y_least), y_most or 1)

    def x(self, value):
        return LEFT + (WIDTH - LEFT - RIGHT) * value / self.x_most

    def y(self, value):
        if self.logarithmic:
            share = (math.log(max(value, self.y_least)) - math.log(self.y_least)) / (math.log(self.y_most) - math.log(self.y_least))
        else:
            share = (value - self.y_least) / (self.y_most - self.y_least)
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(max(share, 0), 1)

    def ticks(self):
        if not self.logarithmic:
            return _linear_ticks(self.y_most)
        decades = range(math.floor(math.log10(self.y_least)), math.ceil(math.log10(self.y_most)) + 1)
        each = (1, 2, 5) if len(decades) <= 4 else (1,)
        return [factor * 10.0 ** decade for decade in decades for factor in each if self.y_least <= factor * 10.0 ** decade <= self.y_most]


def _frame(axes, x_ticks, x_title, y_title, body, title):
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}"><title>{html.escape(title)}</title>']
    for tick in axes.ticks():
        at = axes.y(tick)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" class="grid"/>'
                     f'<text x="{LEFT - 6}" y="{at + 3.5:.1f}" class="tick end">{_number(tick)}</text>')
    for value, text in x_ticks:
        parts.append(f'<text x="{axes.x(value):.1f}" y="{HEIGHT - BOTTOM + 15}" class="tick middle">{text}</text>')
    parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM}" class="axis"/>'
                 f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 4}" class="tick middle">{x_title}</text>'
                 f'<text transform="translate(12 {(HEIGHT - BOTTOM) / 2 + TOP}) rotate(-90)" class="tick middle">{y_title}</text>')
    return "".join([*parts, body, "</svg>"])


def _line(axes, points, colour, dashed=False):
    path = " ".join(f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in points)
    dashes = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-linejoin="round"{dashes}/>'


def legend(names):
    return '<p class="legend">' + "".join(f'<span><i style="background:{COLOURS[place % len(COLOURS)]}"></i>{html.escape(name)}</span>'
                                          for place, name in enumerate(names)) + "</p>"


def over_time(series, y_title, title, logarithmic=False, limit=None):
    """series: name → a value for each second. limit: drawn across, as what is asked for."""
    length = max(len(values) for values in series.values())
    every = [value for values in series.values() for value in values] + ([limit] if limit else [])
    positive = [value for value in every if value > 0] or [1]
    axes = Axes(max(length - 1, 1), min(positive) * 0.8 if logarithmic else min(every), max(every) * 1.1, logarithmic)
    body = "".join(_line(axes, list(enumerate(values)), COLOURS[place]) for place, values in enumerate(series.values()))
    if limit:
        body += _line(axes, [(0, limit), (axes.x_most, limit)], "#b3261e", dashed=True)
    ticks = [(tick, f"{tick:g}") for tick in _linear_ticks(axes.x_most)]
    return legend(series) + _frame(axes, ticks, "seconds", y_title, body, title)


def percentile_curve(histograms, title):
    """histograms: name → [[up to so many µs, how often]]. To the right each step is a tenth of the tickets that are left."""
    curves, most_nines = {}, 1.0
    for name, buckets in histograms.items():
        total, passed, points = sum(count for _, count in buckets), 0, []
        for up_to, count in buckets:
            points.append((-math.log10(max(1 - passed / total, 1 / total)), up_to / 1000))
            passed += count
            points.append((-math.log10(max(1 - passed / total, 1 / (2 * total))), up_to / 1000))
        curves[name] = points
        most_nines = max(most_nines, points[-1][0])
    values = [y for points in curves.values() for _, y in points]
    axes = Axes(most_nines, max(min(values), 0.05) * 0.9, max(values) * 1.2, logarithmic=True)
    body = "".join(_line(axes, points, COLOURS[place]) for place, points in enumerate(curves.values()))
    ticks = [(nines, text) for nines, text in ((0, "0 %"), (-math.log10(0.5), "50 %"), (1, "90 %"), (2, "99 %"), (3, "99.9 %"), (4, "99.99 %"), (5, "99.999 %"))
             if nines <= most_nines]
    return legend(curves) + _frame(axes, ticks, "tickets that were at least so fast", "milliseconds", body, title)


def stacked_bars(rows, unit):
    """rows: [(name, {part: value}, limit or None)]. One bar each, all to one scale."""
    parts = sorted({part for _, values, _ in rows for part in values}, key=lambda part: -max(values.get(part, 0) for _, values, _ in rows))
    most = max([sum(values.values()) for _, values, _ in rows] + [limit or 0 for _, _, limit in rows]) * 1.12 or 1
    wide, bar, gap, name_wide = 900, 24, 12, 130
    body = []
    for place, (name, values, limit) in enumerate(rows):
        top, at = place * (bar + gap) + 4, name_wide
        body.append(f'<text x="{name_wide - 8}" y="{top + bar / 2 + 4}" class="tick end">{html.escape(name)}</text>')
        for number, part in enumerate(parts):
            length = (wide - name_wide - 80) * values.get(part, 0) / most
            body.append(f'<rect x="{at:.1f}" y="{top}" width="{length:.1f}" height="{bar}" fill="{COLOURS[number % len(COLOURS)]}">'
                        f'<title>{html.escape(part)}: {values.get(part, 0):.0f} {unit}</title></rect>')
            at += length
        body.append(f'<text x="{at + 6:.1f}" y="{top + bar / 2 + 4}" class="tick">{sum(values.values()):,.0f} {unit}</text>')
        if limit:
            mark = name_wide + (wide - name_wide - 80) * limit / most
            body.append(f'<line x1="{mark:.1f}" x2="{mark:.1f}" y1="{top - 4}" y2="{top + bar + 4}" class="limit"><title>asked for: {limit:g} {unit}</title></line>')
    return legend(parts) + f'<svg viewBox="0 0 {wide} {len(rows) * (bar + gap) + 4}" role="img" aria-label="CPU per ticket">{"".join(body)}</svg>'
