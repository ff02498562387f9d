"""Alert rules and Prometheus' configuration are valid, every alert has a test that sees it fire, and those tests pass."""

import os
import re
import subprocess
import sys
import unittest

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(os.path.dirname(os.path.dirname(HERE)), "deploy", "observability", "prometheus")


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return yaml.safe_load(file)


def alerts():
    return {rule["alert"]: rule for group in read("alerts.yml")["groups"] for rule in group["rules"] if "alert" in rule}


def firing_in_tests():
    """Alerts that some test expects to fire."""
    seen = set()
    for test in read("alerts_test.yml")["tests"]:
        for query in test.get("promql_expr_test", []):
            if query["exp_samples"]:
                seen |= set(re.findall(r'alertname="(\w+)", alertstate', query["expr"]))
    return seen


def silent_in_tests():
    seen = set()
    for test in read("alerts_test.yml")["tests"]:
        for query in test.get("promql_expr_test", []):
            if not query["exp_samples"]:
                seen |= set(re.findall(r'alertname="(\w+)", alertstate', query["expr"]))
    return seen


class AlertsTest(unittest.TestCase):
    def promtool(self, *arguments):
        done = subprocess.run(["promtool", *arguments], cwd=FOLDER, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_prometheus_accepts_its_configuration(self):
        self.promtool("check", "config", "prometheus.yml")

    def test_prometheus_accepts_the_rules(self):
        self.promtool("check", "rules", "alerts.yml")

    def test_the_rules_pass_their_tests(self):
        self.promtool("test", "rules", "alerts_test.yml")

    def test_every_alert_is_seen_firing_and_silent(self):
        self.assertEqual(firing_in_tests(), set(alerts()))
        self.assertEqual(silent_in_tests(), set(alerts()))

    def test_every_alert_says_how_urgent_it_is_and_what_to_do(self):
        for name, rule in alerts().items():
            with self.subTest(name):
                self.assertIn(rule["labels"]["severity"], ("page", "ticket"))
                self.assertEqual(set(rule["annotations"]), {"summary", "description"})


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
