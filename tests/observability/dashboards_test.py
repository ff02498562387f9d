"""Dashboards say what they show: every panel has a unit, a description and queries that follow its variables. Provisioning finds them."""

import os
import re
import sys
import unittest

import yaml

from dashboards import FOLDER, NAMES, filled, panels, queries, read

PROVISIONING = os.path.join(os.path.dirname(FOLDER), "provisioning")


def provisioned(*path):
    with open(os.path.join(PROVISIONING, *path), encoding="utf-8") as file:
        return yaml.safe_load(file)


class DashboardsTest(unittest.TestCase):
    def each(self):
        for name in NAMES:
            board = read(name)
            for panel in panels(board):
                yield name, board, panel

    def test_there_are_exactly_these(self):
        self.assertEqual(sorted(os.listdir(FOLDER)), sorted(name + ".json" for name in NAMES))
        self.assertEqual(len({read(name)["uid"] for name in NAMES}), len(NAMES))

    def test_every_panel_has_a_description_and_a_unit(self):
        for name, _, panel in self.each():
            with self.subTest(f"{name}: {panel['title']}"):
                self.assertGreater(len(panel["description"]), 20)
                self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])

    def test_titles_and_ids_are_used_once(self):
        for name in NAMES:
            board = read(name)
            for what in ("title", "id"):
                values = [panel[what] for panel in panels(board)]
                self.assertEqual(len(values), len(set(values)), name)

    def test_panels_do_not_lie_on_each_other(self):
        for name in NAMES:
            taken = set()
            for panel in read(name)["panels"]:
                at = panel["gridPos"]
                self.assertLessEqual(at["x"] + at["w"], 24)
                cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
                self.assertFalse(taken & cells, f"{name}: {panel['title']}")
                taken |= cells

    def test_every_panel_follows_the_data_source_variable(self):
        for name, board, panel in self.each():
            with self.subTest(f"{name}: {panel['title']}"):
                for one in (panel, *panel["targets"]):
                    self.assertEqual(one["datasource"], {"type": "prometheus", "uid": "${datasource}"})

    def test_variables_are_declared_and_used(self):
        for name in NAMES:
            board = read(name)
            declared = {variable["name"] for variable in board["templating"]["list"]}
            self.assertEqual(declared, {"datasource", "service"})
            used = {word for _, query in queries(board) for word in re.findall(r"\$(\w+)", query)}
            self.assertLessEqual(used, declared | {"__rate_interval"})

    def test_rates_take_the_interval_that_suits_the_zoom(self):
        for name in NAMES:
            for panel, query in queries(read(name)):
                for window in re.findall(r"rate\([^\[]*\[([^\]]+)\]", query):
                    self.assertIn(window, ("$__rate_interval", "5m"), f"{name}: {panel}")
                self.assertNotIn("$", filled(query))

    def test_provisioning_finds_them(self):
        provider = provisioned("dashboards", "countersign.yml")["providers"][0]
        source = provisioned("datasources", "prometheus.yml")["datasources"][0]
        with open(os.path.join(os.path.dirname(FOLDER), "..", "..", "..", "docker-compose.yml"), encoding="utf-8") as file:
            services = yaml.safe_load(file)["services"]
        mounted = {target: place for place, target, *_ in (volume.split(":") for volume in services["grafana"]["volumes"])}
        self.assertEqual(mounted[provider["options"]["path"]], "./deploy/observability/grafana/dashboards")
        self.assertEqual(mounted["/etc/grafana/provisioning"], "./deploy/observability/grafana/provisioning")
        self.assertEqual((source["type"], source["url"]), ("prometheus", "http://prometheus:9090"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
