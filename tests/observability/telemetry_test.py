"""docs/telemetry.md is what the fleet really says: its metrics against a running fleet's, its events against the sources and the audit."""

import json
import os
import re
import sys
import time
import unittest

import dashboards
import registry
from sample_traffic import Traffic, start_fleet

BIN = sys.argv[1] if len(sys.argv) > 1 else ""
LATER = ", later"
PATIENCE = 30.0  # seconds for the samples to get through
# What every service must tell of its work: rates, sizes, times, age, retries, and what was refused, lost or set aside.
VITAL = {
    "arrival_rate", "messages_consumed_total", "batch_messages", "batch_seconds", "commit_seconds", "batch_oldest_message_seconds",
    "parked_oldest_seconds", "batch_retries_total", "dead_letters_total", "fence_rejections_total", "commits_in_doubt_total",
}
# And of what waits for it longest.
OLDEST = {
    "executor": {"oldest_run_without_plan_seconds", "oldest_ready_step_seconds", "oldest_ended_lease_seconds", "oldest_unknown_effect_seconds",
                 "oldest_waiting_step_seconds"},
    "approval": {"oldest_waiting_approval_seconds", "oldest_open_handoff_seconds"},
    "outbox": {"delivery_oldest_due_seconds", "mail_oldest_due_seconds", "outbox_oldest_seconds"},
}


def asked_queries():
    """Every query of dashboards and rules."""
    queries = "\n".join(query for name in dashboards.NAMES for _, query in dashboards.queries(dashboards.read(name)))
    with open(os.path.join(registry.ROOT, "deploy", "observability", "prometheus", "alerts.yml"), encoding="utf-8") as file:
        return queries + re.sub(r"#.*", "", file.read())


class PageTest(unittest.TestCase):
    """What needs no fleet."""

    maxDiff = None

    def test_every_log_event_of_the_sources_is_documented_at_its_level(self):
        documented = {(event, level) for event, levels in registry.documented_log_events().items() for level in levels.split(" or ")}
        self.assertEqual(documented, registry.logged_events())

    def test_every_audit_event_of_the_sources_is_documented(self):
        self.assertEqual(registry.documented_audit_events(), registry.audited_events())

    def test_names_and_units_are_as_prometheus_wants(self):
        for name, (kind, labels, _) in registry.documented_metrics().items():
            with self.subTest(name):
                self.assertRegex(name, r"^countersign_[a-z][a-z0-9_]*$")
                self.assertEqual(name.endswith("_total"), kind.startswith("counter"))
                self.assertFalse({"tenant", "ticket", "run", "step", "person", "id"} & labels, "an id is never a label")

    def test_dashboards_and_alerts_ask_for_documented_metrics_only(self):
        documented = set(registry.documented_metrics())
        names = set(re.findall(r"\bcountersign_[a-z_]+(?=[{\[)])", asked_queries()))
        names = {name if name in documented else re.sub(r"_(bucket|sum|count)$", "", name) for name in names}
        self.assertGreater(len(names), 40)
        self.assertEqual(names - documented, set())


class RegistryTest(unittest.TestCase):
    """What a fleet at work exposes and writes."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.fleet = start_fleet(BIN)
        cls.addClassCleanup(cls.fleet.stop)
        Traffic(cls.fleet).send_wave()
        cls.wait_for_the_last_service()

    @classmethod
    def wait_for_the_last_service(cls):
        """Until a webhook was delivered: by then a ticket has been through every service."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if cls.audit_events() >= {"delivery_attempted", "run_stopped", "handoff_opened"}:
                return
            time.sleep(0.1)
        raise AssertionError("the samples did not get through")

    @classmethod
    def audit_events(cls):
        import psycopg2

        connection = psycopg2.connect(cls.fleet.admin_dsn)
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT event FROM audit.entry")
            events = {row[0] for row in cursor.fetchall()}
        connection.close()
        return events

    @classmethod
    def logged(cls):
        """(event, level) of every line of the services' logs from info on."""
        found = set()
        for service in cls.fleet.services:
            with open(os.path.join(cls.fleet.logs, service + ".log"), encoding="utf-8") as file:
                lines = [json.loads(line) for line in file.read().split("\n")[:-1]]  # the last one may still be written
            found |= {(line["event"], line["level"]) for line in lines if line["level"] != "debug"}
        return found

    @classmethod
    def exposed(cls):
        """name -> (type, label names, help), over all services."""
        metrics = {}
        for service in cls.fleet.services:
            for name, (kind, labels, sentence) in registry.scraped_metrics(registry.scrape(cls.fleet.metrics_url(service))).items():
                _, known, _ = metrics.get(name, (kind, set(), sentence))
                metrics[name] = (kind, known | labels, sentence)
        return metrics

    def test_every_exposed_metric_is_documented_as_it_is(self):
        documented = {name: (kind.removesuffix(LATER), labels, sentence) for name, (kind, labels, sentence) in registry.documented_metrics().items()}
        differing = [(name, is_, documented.get(name)) for name, is_ in self.exposed().items() if is_ != documented.get(name)]
        self.assertEqual(differing, [])

    def test_every_documented_metric_is_exposed(self):
        """Those that appear with the first thing they count, which need not have happened here, must at least be in the sources."""
        exposed, texts = set(self.exposed()), list(registry.sources())
        documented = registry.documented_metrics()
        later = {name for name, (kind, _, _) in documented.items() if kind.endswith(LATER)}
        self.assertEqual(sorted(set(documented) - later - exposed), [])
        self.assertEqual([name for name in later if not any(f'"{name.removeprefix("countersign_")}"' in text for text in texts)], [])

    def test_every_service_tells_how_its_work_goes(self):
        for service in self.fleet.services:
            exposed = {name.removeprefix("countersign_") for name in registry.scraped_metrics(registry.scrape(self.fleet.metrics_url(service)))}
            self.assertEqual((VITAL | OLDEST.get(service, set())) - exposed, set(), service)

    def test_label_values_that_dashboards_and_alerts_name_exist(self):
        """All but `service`, which Prometheus adds."""
        values = {}
        for service in self.fleet.services:
            for place, found in registry.label_values(registry.scrape(self.fleet.metrics_url(service))).items():
                values.setdefault(place, set()).update(found)
        named = {one for one in registry.matched_values(asked_queries()) if one[1] != "service"}
        self.assertGreater(len(named), 5)
        self.assertEqual([one for one in sorted(named) if one[2] not in values.get(one[:2], ())], [])

    def test_every_log_event_written_is_documented(self):
        documented = {(event, level) for event, levels in registry.documented_log_events().items() for level in levels.split(" or ")}
        self.assertLessEqual({("service_started", "info"), ("configuration_read", "info")}, self.logged())
        self.assertEqual(self.logged() - documented, set())

    def test_every_audit_event_written_is_documented(self):
        self.assertLessEqual(self.audit_events(), registry.documented_audit_events())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
