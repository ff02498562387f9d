"""The commands that every service has beside `serve`, asked of the real programs."""

import os
import subprocess

from fleet import SERVICES
from fleet_case import BIN, FleetCase, main

WELL, NOT_WELL, MISUSED, MISCONFIGURED = 0, 1, 64, 78


class ConfigTest(FleetCase):
    services_wanted = SERVICES

    def ask(self, service, command, *flags, **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
        return subprocess.run([os.path.join(BIN, service), command, *flags], env={**clean, **environment}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30, check=False)

    def keys_of(self, service):
        """The flags that name key and trust files, without which a service does nothing."""
        flags = self.fleet.flags_of(service)
        names = ("--signing-key-file", "--approval-anchors-file", "--executor-anchors-file", "--founders-file")
        return [word for at, flag in enumerate(flags) if flag in names for word in flags[at:at + 2]]

    def test_check_config_accepts_what_the_fleet_runs_with(self):
        for service in SERVICES:
            with self.subTest(service):
                done = self.ask(service, "check-config", *self.fleet.flags_of(service))
                self.assertEqual(done.returncode, WELL, done.stderr)

    def test_check_config_lists_every_mistake(self):
        for service in SERVICES:
            with self.subTest(service):
                wrong = ("--admin-port", "70000", "--stop-deadline", "soon")
                done = self.ask(service, "check-config", *wrong, COUNTERSIGN_MAX_BATCH_ROWS="none")
                self.assertEqual(done.returncode, MISCONFIGURED)
                for name in ("admin-port", "stop-deadline", "max-batch-rows"):
                    self.assertIn(name, done.stderr.lower().replace("_", "-"))
                done = self.ask(service, "check-config", *wrong, "--nonsense", "1")
                self.assertEqual(done.returncode, MISUSED)
                for name in ("admin-port", "stop-deadline", "nonsense"):
                    self.assertIn(name, done.stderr.lower().replace("_", "-"))

    def test_check_config_refuses_a_password_that_everybody_can_read(self):
        for service in SERVICES:
            with self.subTest(service):
                self.assertEqual(self.ask(service, "check-config", "--database", "host=db password=hunter2").returncode, MISCONFIGURED)

    def test_print_config_tells_where_each_value_is_from_and_no_secret(self):
        for service in SERVICES:
            with self.subTest(service):
                done = self.ask(service, "print-config", *self.keys_of(service), "--log-level", "debug", COUNTERSIGN_DATABASE="host=db user=me password=hunter2",
                                COUNTERSIGN_KAFKA_SET="sasl.password=hunter3")
                self.assertEqual(done.returncode, WELL, done.stderr)
                names = [line.split("=")[0] for line in done.stdout.splitlines()]
                self.assertEqual(names, sorted(names))
                self.assertRegex(done.stdout, r"log-level=debug +# .*flag")
                self.assertRegex(done.stdout, r"database=host=db .*# .*environment")
                self.assertRegex(done.stdout, r"max-batch-rows=\d+ +# .*default")
                self.assertNotIn("hunter", done.stdout + done.stderr)

    def test_healthcheck_agrees_with_readiness(self):
        self.fleet.wait_ready()
        for service in SERVICES:
            with self.subTest(service):
                self.assertEqual(self.ask(service, "healthcheck", *self.fleet.flags_of(service)).returncode, WELL)

    def test_healthcheck_says_no_where_nobody_listens(self):
        for service in SERVICES:
            with self.subTest(service):
                self.assertEqual(self.ask(service, "healthcheck", *self.keys_of(service), "--admin-port", "1").returncode, NOT_WELL)

    def test_help_shows_every_setting_with_a_sentence(self):
        for service in SERVICES:
            with self.subTest(service):
                done = self.ask(service, "--help")
                self.assertEqual(done.returncode, WELL)
                for name in ("serve", "check-config", "print-config", "healthcheck", "--kafka-bootstrap", "--database"):
                    self.assertIn(name, done.stdout)

    def test_an_unknown_command_is_misuse(self):
        for service in SERVICES:
            with self.subTest(service):
                self.assertEqual(self.ask(service, "dance").returncode, MISUSED)

    def test_doctor_finds_the_fleet_well(self):
        self.fleet.wait_ready()
        done = self.fleet.cli("doctor", check=False)
        self.assertEqual(done.returncode, WELL, done.stdout)
        self.assertNotIn("FAIL", done.stdout)


if __name__ == "__main__":
    main()
