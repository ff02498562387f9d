"""The dashboards as data: their panels, and the queries in them with Grafana's variables filled in."""

import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "deploy", "observability", "grafana", "dashboards")
NAMES = ["fleet", "approvals-and-handoffs", "delivery"]


def read(name):
    with open(os.path.join(FOLDER, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def panels(board):
    """Panels that show something; rows are headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries(board):
    """(panel, query) for every query of every panel."""
    return [(panel["title"], target["expr"]) for panel in panels(board) for target in panel["targets"]]


def filled(query, rate_interval="15s"):
    """The query as Grafana sends it when all services are chosen."""
    return query.replace("$__rate_interval", rate_interval).replace("$service", ".*")
