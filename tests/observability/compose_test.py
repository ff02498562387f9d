"""docker-compose.yml, as far as it can be judged without Docker: it holds together, what it mounts is there, the programs accept the settings
it gives them, and Kafka starts with its configuration and enforces it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from compose_file import PROGRAMS, ROOT, Compose, ComposeKafka, make_secrets, mounts_of, secrets_of

from kafka_probe import NotAnswering, ask_metadata  # which compose_file has put on the path

BIN = sys.argv[1] if len(sys.argv) > 1 else ""
SCRIPTS_OF_THE_TREE = ("deploy/install", "deploy/build")


class ComposeTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="countersign-compose-")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.compose = Compose(make_secrets(os.path.join(folder, "secrets")))
        cls.file, cls.services = cls.compose.file, cls.compose.services

    # ---- it holds together

    def test_every_dependency_is_a_service_and_can_meet_its_condition(self):
        for name, service in self.services.items():
            for wanted, how in service.get("depends_on", {}).items():
                with self.subTest(f"{name} waits for {wanted}"):
                    self.assertIn(wanted, self.services)
                    if how["condition"] == "service_healthy":
                        self.assertIn("healthcheck", self.services[wanted])
                    else:
                        self.assertEqual(how["condition"], "service_completed_successfully")
                        self.assertNotIn("restart", self.services[wanted], "a job that is restarted never completes")

    def test_nothing_waits_for_itself(self):
        def behind(name, seen):
            self.assertNotIn(name, seen, "a circle")
            for wanted in self.services[name].get("depends_on", {}):
                behind(wanted, seen | {name})

        for name in self.services:
            behind(name, frozenset())

    def test_what_stays_up_has_a_health_check(self):
        for name, service in self.services.items():
            if "restart" in service:
                self.assertIn("healthcheck", service, name)

    def test_every_mounted_file_and_folder_is_there(self):
        for name, service in self.services.items():
            for source, target in mounts_of(service):
                with self.subTest(f"{name}: {source}"):
                    self.assertTrue(target.startswith("/"))
                    if source.startswith("."):
                        self.assertTrue(os.path.exists(self.compose.here(source)))
                    else:
                        self.assertIn(source, self.file["volumes"])

    def test_every_secret_is_made_by_make_secrets_and_used(self):
        used = {name for service in self.services.values() for name, _ in secrets_of(service)}
        self.assertEqual(used, set(self.file["secrets"]))
        for name, secret in self.file["secrets"].items():
            self.assertTrue(os.path.getsize(self.compose.here(secret["file"])), name)

    def test_every_volume_is_used(self):
        used = {source for service in self.services.values() for source, _ in mounts_of(service) if not source.startswith(".")}
        self.assertEqual(used, set(self.file["volumes"]))

    def test_nothing_shares_the_machine_and_ports_are_open_to_it_alone(self):
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertFalse({"network_mode", "privileged", "pid", "ipc"} & set(service))
                for port in service.get("ports", []):
                    self.assertTrue(port.startswith("127.0.0.1:"))

    def test_images_are_pinned(self):
        for name, service in self.services.items():
            if "build" not in service:
                self.assertRegex(service["image"], r":v?\d", name)

    def test_no_password_stands_in_the_file(self):
        for name, service in self.services.items():
            for setting, value in service.get("environment", {}).items():
                if "password" in setting.lower():
                    self.assertTrue(value.startswith("/run/secrets"), f"{name}: {setting}")

    # ---- the programs accept what they get

    def ask(self, name, *command):
        program, *rest = command
        return subprocess.run([os.path.join(BIN, program), *rest], env=self.compose.environment_of(name), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30, check=False)

    def test_each_service_is_satisfied_with_its_settings(self):
        for name in PROGRAMS:
            with self.subTest(name):
                self.assertEqual(self.services[name]["command"][:2], [name, "serve"])
                done = self.ask(name, name, "check-config", *self.services[name]["command"][2:])
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_service_knows_every_setting_it_is_given(self):
        for name in PROGRAMS:
            with self.subTest(name):
                printed = self.ask(name, name, "print-config", *self.services[name]["command"][2:]).stdout
                from_environment = {line.split("=")[0] for line in printed.splitlines() if "# from environment" in line}
                given = {setting.removeprefix("COUNTERSIGN_").lower().replace("_", "-") for setting in self.services[name]["environment"]}
                self.assertEqual(given, from_environment)

    def test_each_health_check_is_the_program_s_own(self):
        for name in PROGRAMS:
            self.assertEqual(self.services[name]["healthcheck"]["test"], ["CMD", name, "healthcheck"])

    def test_each_operator_s_command_exists_and_takes_its_settings(self):
        for name in ("migrate", "topics", "operator"):
            with self.subTest(name):
                done = self.ask(name, *self.services[name]["command"], "--help")
                self.assertEqual(done.returncode, 0, done.stderr)
        pages = [self.ask("migrate", "countersign", *command, "--help").stdout for command in (["migrate"], ["topics", "create"], ["approve"])]
        everything = "".join(pages)
        for setting in self.services["migrate"]["environment"]:
            self.assertIn(setting, everything)

    def test_migrate_finds_a_password_for_every_service(self):
        targets = {target for _, target in secrets_of(self.services["migrate"])}
        self.assertLessEqual({f"/run/secrets/{name}" for name in PROGRAMS}, targets)

    # ---- the image

    def test_the_image_is_built_by_scripts_of_the_repository(self):
        with open(os.path.join(ROOT, "deploy", "docker", "Dockerfile"), encoding="utf-8") as file:
            runs = re.findall(r"^RUN (\S+)(.*)$", file.read(), re.MULTILINE)
        self.assertTrue(runs)
        for script, arguments in runs:
            self.assertIn(script, SCRIPTS_OF_THE_TREE)
            self.assertNotRegex(arguments, r"[;&|\\]")

    def test_the_image_has_every_library_that_its_programs_ask_for(self):
        with open(os.path.join(ROOT, "deploy", "docker", "packages.txt"), encoding="utf-8") as file:
            packages = file.read().split()
        lists = subprocess.run(["dpkg", "-L", *packages], capture_output=True, text=True, check=True).stdout
        there = {os.path.basename(path) for path in lists.splitlines()} | {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}  # of every Debian
        for name in [*PROGRAMS, "countersign"]:
            headers = subprocess.run(["objdump", "-p", os.path.join(BIN, name)], capture_output=True, text=True, check=True).stdout
            self.assertEqual(set(re.findall(r"NEEDED\s+(\S+)", headers)) - there, set(), name)

    def test_installing_the_image_s_packages_works(self):
        subprocess.run([os.path.join(ROOT, "deploy", "install"), "--only", os.path.join(ROOT, "deploy", "docker", "packages.txt")], check=True)


class ComposeKafkaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="countersign-compose-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.kafka = ComposeKafka(os.path.join(cls.folder, "data"), make_secrets(os.path.join(cls.folder, "secrets")))
        cls.users = cls.kafka.users
        cls.addClassCleanup(cls.kafka.stop)
        cls.kafka.start()

    def test_every_user_of_the_file_is_let_in_with_its_password(self):
        for name, password in self.users.items():
            with self.subTest(name):
                ask_metadata(self.kafka.port, name, password)

    def test_a_wrong_password_is_refused(self):
        with self.assertRaises((NotAnswering, OSError)):
            ask_metadata(self.kafka.port, "planner", "wrong")

    def test_who_was_granted_nothing_can_do_nothing(self):
        from confluent_kafka.admin import AdminClient, NewTopic

        def client(user):
            return AdminClient({"bootstrap.servers": self.kafka.bootstrap, "security.protocol": "sasl_plaintext", "sasl.mechanisms": "PLAIN",
                                "sasl.username": user, "sasl.password": self.users[user]})

        topic = [NewTopic("tickets", num_partitions=1, replication_factor=1)]
        planner, admin = client("planner"), client("admin")
        with self.assertRaisesRegex(Exception, "AUTHORIZATION"):
            planner.create_topics(topic, request_timeout=10)["tickets"].result(15)
        admin.create_topics(topic, request_timeout=10)["tickets"].result(15)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
