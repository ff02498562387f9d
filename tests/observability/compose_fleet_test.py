"""What `docker compose up` does, without Docker: make-secrets, the broker with its configuration, PostgreSQL, the jobs that prepare both, and the
four services, each with the command, environment and health check of docker-compose.yml and nothing else.

    compose_fleet_test.py BIN          on this machine
    compose_fleet_test.py BIN ROOT     by hand, as root: the programs run as user 10001 in ROOT, a Debian that has only what
                                       `deploy/install --only deploy/docker/packages.txt` installs; they are copied to ROOT/usr/local/bin
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from compose_file import PROGRAMS, ROOT, Compose, ComposeKafka, make_secrets

sys.path.insert(0, os.path.join(ROOT, "tests", "fleet"))

from kafka_server import free_port  # noqa: E402
from private_postgres import PrivatePostgres, follow_parent  # noqa: E402

BIN = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
CLEAN_ROOT = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else ""
IN_ROOT = ["chroot", "--userspec=10001:10001", CLEAN_ROOT] if CLEAN_ROOT else []
PATIENCE = 60.0  # seconds until a service is healthy; a container may take start_period


class ComposeFleetTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="countersign-compose-", dir=os.path.join(CLEAN_ROOT, "tmp") if CLEAN_ROOT else None)
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        os.chmod(cls.folder, 0o711)  # user postgres must get through
        for name in [*PROGRAMS, "countersign"] if CLEAN_ROOT else []:
            shutil.copy(os.path.join(BIN, name), os.path.join(CLEAN_ROOT, "usr", "local", "bin"))
        cls.start_servers()
        cls.compose = Compose(cls.secrets)
        cls.ports = {name: str(free_port()) for name in PROGRAMS}  # in containers each has the same
        cls.running = {}
        cls.addClassCleanup(cls.end_services)
        for job in ("migrate", "topics"):
            done = cls.run_in(job, *cls.compose.services[job]["command"])
            assert done.returncode == 0, f"{job} exited with {done.returncode}:\n{done.stdout}{done.stderr}"
        for name in PROGRAMS:
            cls.start(name)

    @classmethod
    def start_servers(cls):
        cls.postgres = PrivatePostgres(os.path.join(cls.folder, "postgres"), fsync=False)
        cls.addClassCleanup(cls.postgres.stop)
        cls.postgres.start()
        cls.secrets = os.path.join(cls.folder, "secrets")
        os.makedirs(os.path.join(cls.secrets, "database"))
        with open(os.path.join(cls.secrets, "database", "admin"), "w", encoding="ascii") as file:
            file.write(cls.postgres.password)  # what is there make-secrets keeps
        make_secrets(cls.secrets)
        os.chmod(cls.secrets, 0o711)  # containers get each file by itself, whatever the folder allows
        cls.make_database()
        cls.kafka = ComposeKafka(os.path.join(cls.folder, "kafka"), cls.secrets)
        cls.addClassCleanup(cls.kafka.stop)
        cls.kafka.start()

    @classmethod
    def make_database(cls):
        import psycopg2

        connection = psycopg2.connect(cls.postgres.dsn("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE countersign")
        connection.close()

    # ---- one container after the other

    @classmethod
    def environment(cls, name):
        """Of the container, with hosts and ports of this machine, and paths as they are seen inside of the root."""
        environment = cls.compose.environment_of(name)
        for setting, value in environment.items():
            if setting.startswith("COUNTERSIGN_"):
                value = value.replace("host=postgres", f"host=127.0.0.1 port={cls.postgres.port}").replace("kafka:9092", cls.kafka.bootstrap)
                environment[setting] = value.removeprefix(CLEAN_ROOT)
        if name in PROGRAMS:
            environment["COUNTERSIGN_ADMIN_PORT"] = cls.ports[name]
        return environment

    @classmethod
    def command(cls, program, *rest):
        return [*IN_ROOT, program if CLEAN_ROOT else os.path.join(BIN, program), *rest]

    @classmethod
    def run_in(cls, name, *command):
        return subprocess.run(cls.command(*command), env=cls.environment(name), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              check=False)

    @classmethod
    def start(cls, name):
        parent = os.getpid()
        with open(os.path.join(cls.folder, name + ".log"), "wb") as log:
            cls.running[name] = subprocess.Popen(cls.command(*cls.compose.services[name]["command"]), env=cls.environment(name), stdin=subprocess.DEVNULL,
                                                 stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                                                 preexec_fn=lambda: follow_parent(parent))

    @classmethod
    def end_services(cls):
        for process in cls.running.values():
            process.kill()
            process.wait()

    @classmethod
    def log_of(cls, name):
        with open(os.path.join(cls.folder, name + ".log"), encoding="utf-8", errors="replace") as log:
            return log.read()[-3000:]

    def wait_until_healthy(self, name):
        _, *check = self.compose.services[name]["healthcheck"]["test"]
        until = time.monotonic() + PATIENCE
        while (done := self.run_in(name, *check)).returncode != 0:
            self.assertIsNone(self.running[name].poll(), f"{name} has ended:\n{self.log_of(name)}")
            self.assertLess(time.monotonic(), until, f"{name} is not healthy: {done.stdout}{done.stderr}\n{self.log_of(name)}")

    # ---- in the order of their names

    def test_1_every_service_becomes_healthy(self):
        for name in PROGRAMS:
            with self.subTest(name):
                self.wait_until_healthy(name)

    def test_2_the_operator_finds_nothing_wrong(self):
        done = self.run_in("operator", *self.compose.services["operator"]["command"])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_3_every_service_ends_in_order_within_its_grace_period(self):
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for name, process in self.running.items():
            with self.subTest(name):
                grace = float(self.compose.services[name]["stop_grace_period"].removesuffix("s"))
                self.assertEqual(process.wait(grace), 0, self.log_of(name))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]], verbosity=2 if CLEAN_ROOT else 1)
