"""Fleet: a whole Countersign on this machine, for the demo and for tests: PostgreSQL, Kafka, the stand-in, and the four services, each with its
own database role and Kafka user.

    with Fleet(bin_dir="build/release/bin", realms={"main": ["acme"]}) as fleet:
        fleet.apply("documents")       # with @SANDBOX@ and @SMTP_PORT@ filled in, and the people added
        fleet.wait_ready()
        fleet.cli("publish", "events.jsonl")

Everything listens on free loopback ports, lives in one temporary folder, and is gone when the with-block or the process ends.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "deploy", "kafka"))

from kafka_server import KafkaServer  # noqa: E402
from people import Key, Person, digest_of  # noqa: E402
from private_postgres import PrivatePostgres, follow_parent  # noqa: E402
from process_figures import children_of, cpu_of  # noqa: E402

SERVICES = ["planner", "executor", "approval", "outbox"]
OUTSIDERS = ["upstream", "issuer", "reviewer"]
MAIL_SERVER = os.path.join(ROOT, "libs", "http", "tests", "smtp_peer.py")
DATABASE = "countersign"


class FleetFailed(Exception):
    """Something did not start or end; the text says what, with the end of its log."""


class Fleet:
    def __init__(self, bin_dir, realms=None, workdir=None, partitions=4, fsync=True, fast_kafka=False, service_flags=None, jars=None,
                 people=None, environment="default"):
        """realms: name -> tenants. service_flags: service -> further flags. people: tenant -> name -> roles, who are the fleet's founders.
        A workdir that is given is kept and can be started again."""
        self.bin_dir = os.path.abspath(bin_dir)
        self.realms = realms or {"main": ["acme"]}
        self.partitions = partitions
        self.services = list(SERVICES)
        self.service_flags = service_flags or {}
        self._keep = workdir is not None
        self.workdir = os.path.abspath(workdir) if workdir else tempfile.mkdtemp(prefix="countersign-fleet-")
        os.makedirs(self.workdir, exist_ok=True)
        os.chmod(self.workdir, 0o711)  # user postgres must get through
        self.logs = os.path.join(self.workdir, "logs")
        self.environment = environment
        self.people = {(tenant, name): self._person(tenant, name, roles) for tenant, crew in (people or {}).items() for name, roles in crew.items()}
        self._sandbox = self._mail_server = None
        self.sandbox_url = self.smtp_port = ""
        self._processes = {}
        self._starts = dict.fromkeys(SERVICES, 0)
        self._ended_cpu = {}
        self.postgres = PrivatePostgres(os.path.join(self.workdir, "postgres"), fsync=fsync)
        jars = jars or os.environ.get("COUNTERSIGN_KAFKA_JARS") or os.path.join(ROOT, "build", "cache", "kafka")
        self.kafka = KafkaServer(jars, os.path.join(self.workdir, "kafka"), self._kafka_users(), fast=fast_kafka)

    # ---- the whole

    def __enter__(self):
        try:
            self.start_servers()
            self.prepare()
            self.start_sandbox()
            self.start_mail_server()
            for name in self.services:
                self.start_service(name)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind, *_):
        self.stop(keep_logs=kind is not None and kind is not KeyboardInterrupt)

    def start_servers(self):
        os.makedirs(self.logs, exist_ok=True)
        self.postgres.start()
        self.kafka.start()

    def prepare(self):
        """Database, roles, topics and grants; harmless when they are there."""
        self._make_database()
        self._make_keys()
        self.cli("migrate")
        self.cli("topics", "create", "--partitions", str(self.partitions), *[part for realm in self.realms for part in ("--realm", realm)])

    def stop(self, keep_logs=False):
        for process in self._processes.values():  # all at once: each may take its time to finish its work
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for name in reversed(list(self._processes)):
            self.stop_service(name)
        self.stop_sandbox()
        self.stop_mail_server()
        self.kafka.stop()
        self.postgres.stop()
        if keep_logs:
            print(f"the logs are in {self.logs}", file=sys.stderr)
        elif not self._keep:
            shutil.rmtree(self.workdir, ignore_errors=True)

    # ---- what callers need to reach it

    @property
    def admin_dsn(self):
        return self.postgres.dsn(DATABASE)

    def role_dsn(self, service):
        return f"{self.postgres.conninfo(DATABASE, 'countersign_' + service)} password={_read(self._password_file('database', service))}"

    def kafka_config(self, user="admin"):
        return {
            "bootstrap.servers": self.kafka.bootstrap, "security.protocol": "sasl_plaintext", "sasl.mechanisms": "PLAIN",
            "sasl.username": user, "sasl.password": self.kafka.users[user],
        }

    def cli(self, *arguments, check=True, **options):
        done = subprocess.run([os.path.join(self.bin_dir, "countersign"), *arguments], env=self.operator_environment(), text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, **options)
        if check and done.returncode != 0:
            raise FleetFailed(f"countersign {' '.join(arguments)} exited with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done

    def cli_process(self, *arguments):
        """Starts a command and leaves it running; its output goes to a log."""
        with open(os.path.join(self.logs, f"countersign-{arguments[0]}.log"), "ab") as log:
            return subprocess.Popen([os.path.join(self.bin_dir, "countersign"), *arguments], env=self.operator_environment(), stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=subprocess.STDOUT)

    def operator_environment(self):
        return {
            **os.environ,
            "COUNTERSIGN_ENVIRONMENT": self.environment,
            "COUNTERSIGN_DATABASE": self.postgres.conninfo(DATABASE, "countersign_admin"),
            "COUNTERSIGN_DATABASE_PASSWORD_FILE": self._write("database-admin", self.postgres.password),
            "COUNTERSIGN_PASSWORDS": os.path.join(self.workdir, "passwords", "database"),
            "COUNTERSIGN_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "COUNTERSIGN_KAFKA_SET": "security.protocol=sasl_plaintext;sasl.mechanisms=PLAIN;sasl.username=admin",
            "COUNTERSIGN_KAFKA_PASSWORD_FILE": self._password_file("kafka", "admin"),
        }

    def apply(self, folder):
        """Applies the documents of a folder, with the fleet's addresses filled in and the documents of its people."""
        with tempfile.TemporaryDirectory(prefix="countersign-documents-") as filled:
            for name in os.listdir(folder):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    _write_text(os.path.join(filled, name), self.fill(file.read()))
            for (tenant, name), person in self.people.items():
                _write_text(os.path.join(filled, f"person-{tenant}-{name}.json"), json.dumps(person.document()))
            return self.cli("apply", filled)

    def fill(self, text):
        for place in ('"@SMTP_PORT@"', "@SMTP_PORT@"):  # a port is a number, and documents stay JSON before they are filled
            text = text.replace(place, str(self.smtp_port))
        return text.replace("@SANDBOX@", self.sandbox_url)

    def key_file(self, name):
        """The private key of a person ("acme/lena") or a service."""
        return os.path.join(self.workdir, "keys", name.replace("/", "-") + ".jwk")

    # ---- customers' mailboxes

    def start_mail_server(self):
        """A real mail server that takes everything; it asks for STARTTLS."""
        folder = os.path.join(self.workdir, "mail")
        os.makedirs(folder, exist_ok=True)
        output = os.path.join(self.logs, "mail-server.log")
        _forget(output)
        self._mail_server = self._spawn("mail-server", ["/usr/bin/python3", "-u", MAIL_SERVER, folder, "--security", "starttls"])
        self.smtp_port = int(self._wait_for_file(output, self._mail_server, "mail-server"))

    def stop_mail_server(self):
        if self._mail_server is not None:
            _end(self._mail_server, 10)
            self._mail_server = None

    def mails(self):
        """What customers have received, in order: [{"to", "subject", "text", "html", "message_id"}]."""
        folder = os.path.join(self.workdir, "mail")
        numbers = sorted(int(name[:-5]) for name in os.listdir(folder) if name.endswith(".mail"))
        return [self._mail(folder, number) for number in numbers]

    def _mail(self, folder, number):
        mail = {part: _read(os.path.join(folder, f"{number}.{part}")) for part in ("to", "subject", "text", "html")}
        with open(os.path.join(folder, f"{number}.mail"), encoding="utf-8", errors="replace") as file:
            ids = [line.split(":", 1)[1].strip() for line in file if line.lower().startswith("message-id:")]
        return {**mail, "message_id": ids[0] if ids else ""}

    # ---- the stand-in

    @property
    def sandbox_journal(self):
        return os.path.join(self.workdir, "journal.jsonl")

    def secret_name(self, tenant):
        return f"webhook-{tenant}"

    def start_sandbox(self):
        port_file = os.path.join(self.workdir, "sandbox-port")
        _forget(port_file)
        folder = self._secrets_folder()
        trusted = [part for tenants in self.realms.values() for tenant in tenants
                   for part in ("--webhook-secret", f"{tenant}={os.path.join(folder, self.secret_name(tenant))}")]
        command = [os.path.join(self.bin_dir, "sandbox"), "--port", "0", "--port-file", port_file, "--journal", self.sandbox_journal, *trusted]
        self._sandbox = self._spawn("sandbox", command)
        self.sandbox_url = f"http://127.0.0.1:{self._wait_for_file(port_file, self._sandbox, 'sandbox')}"

    def seed_sandbox(self, seed):
        request = urllib.request.Request(self.sandbox_url + "/_control/seed", json.dumps(seed).encode(), {"content-type": "application/json"}, method="POST")
        urllib.request.urlopen(request, timeout=60).read()

    def stop_sandbox(self):
        if self._sandbox is not None:
            _end(self._sandbox, 10)
            self._sandbox = None

    # ---- services

    def start_service(self, name):
        """Starts one, without waiting for it."""
        _forget(self._port_file(name))
        self._starts[name] += 1
        self._processes[name] = self._spawn(name, [os.path.join(self.bin_dir, name), "serve", *self.flags_of(name)])

    def flags_of(self, name):
        flags = [
            "--database", self.postgres.conninfo(DATABASE, f"countersign_{name}"),
            "--database-password-file", self._password_file("database", name),
            "--kafka-bootstrap", self.kafka.bootstrap, "--kafka-password-file", self._password_file("kafka", name),
            "--kafka-set", "security.protocol=sasl_plaintext", "--kafka-set", "sasl.mechanisms=PLAIN", "--kafka-set", f"sasl.username={name}",
            "--admin-port-file", self._port_file(name), "--secrets-dir", self._secrets_folder(),
        ]
        if name == "executor":
            flags += ["--allow-loopback-tools", "--environment", self.environment, "--signing-key-file", self.key_file("executor"),
                      "--approval-anchors-file", self._anchors_file("approval")]
        if name == "approval":
            flags += ["--environment", self.environment, "--signing-key-file", self.key_file("approval"),
                      "--executor-anchors-file", self._anchors_file("executor"), "--founders-file", os.path.join(self.workdir, "keys", "founders.json")]
        if name == "outbox":
            if self.smtp_port:
                flags += ["--smtp-ca-file", os.path.join(self.workdir, "mail", "cert.pem")]
            flags += ["--allow-loopback-endpoints", "--relay-kafka-user", "relay", "--relay-kafka-password-file", self._password_file("kafka", "relay")]
        return flags + self.service_flags.get(name, [])

    def kill(self, name):
        """SIGKILL, as a crash would."""
        process = self._processes[name]
        self._count_cpu(name, process.pid)
        process.kill()
        process.wait()

    def stop_service(self, name, deadline=15):
        process = self._processes.pop(name)
        status = _end(process, deadline)
        return status

    def pid(self, name):
        return self._processes[name].pid

    def metrics_url(self, name):
        return f"http://127.0.0.1:{_read(self._port_file(name))}/metrics"

    def wait_ready(self, names=None, deadline=60):
        until = time.monotonic() + deadline
        for name in names or self.services:
            while not self._ready(name):
                process = self._processes[name]
                if process.poll() is not None:
                    raise FleetFailed(f"{name} ended with {process.returncode}:\n{self.log_tail(name)}")
                if time.monotonic() > until:
                    raise FleetFailed(f"{name} is not ready after {deadline} s: {self._why_not_ready(name)}\n{self.log_tail(name)}")
                time.sleep(0.05)

    def log_tail(self, name, size=3000):
        with open(os.path.join(self.logs, name + ".log"), "rb") as log:
            return log.read()[-size:].decode(errors="replace")

    def cpu_seconds(self):
        """User and system time by process, killed lives included."""
        totals = dict(self._ended_cpu)
        running = {**{name: process.pid for name, process in self._processes.items()}, "kafka": self.kafka.pid}
        if self._sandbox:
            running["sandbox"] = self._sandbox.pid
        for name, pid in running.items():
            totals[name] = totals.get(name, 0) + cpu_of(pid)
        totals["postgres"] = sum(cpu_of(pid) for pid in [self.postgres.pid, *children_of(self.postgres.pid)])
        return totals

    # ---- below

    def _kafka_users(self):
        names = ["admin", "relay", "gateway", *SERVICES]
        names += [user if realm == "main" else f"{user}.{realm}" for realm in self.realms for user in OUTSIDERS]
        return {name: self._password("kafka", name) for name in names}

    def _password_file(self, system, name):
        return os.path.join(self.workdir, "passwords", system, name)

    def _password(self, system, name):
        path = self._password_file(system, name)
        if not os.path.exists(path):
            _write_secret(path, secrets.token_hex(16))
        return _read(path)

    def _secrets_folder(self):
        folder = os.path.join(self.workdir, "secrets")
        for tenants in self.realms.values():
            for tenant in tenants:
                path = os.path.join(folder, self.secret_name(tenant))
                if not os.path.exists(path):
                    _write_secret(path, "whsec_" + _base64(secrets.token_bytes(32)))
        return folder

    def _person(self, tenant, name, about):
        about = dict(about) if isinstance(about, dict) else {"roles": about}
        key = Key.at(self.key_file(f"{tenant}/{name}"), f"{tenant}.{name}.1")
        return Person(tenant, name, about.pop("roles"), key, self.environment, **about)

    def _make_keys(self):
        for service in ("executor", "approval"):
            key = Key.at(self.key_file(service), f"{service}.1")
            _write_text(self._anchors_file(service), json.dumps({"keys": [key.public_jwk()]}))
        founders = {"documents": [digest_of(person.document()) for person in self.people.values()]}
        _write_text(os.path.join(self.workdir, "keys", "founders.json"), json.dumps(founders))

    def _anchors_file(self, service):
        return os.path.join(self.workdir, "keys", service + "-anchors.json")

    def _write(self, name, text):
        path = os.path.join(self.workdir, "passwords", name)
        _write_secret(path, text)
        return path

    def _make_database(self):
        for service in SERVICES:
            self._password("database", service)
        import psycopg2

        connection = psycopg2.connect(self.postgres.dsn("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        connection.close()

    def _port_file(self, name):
        return os.path.join(self.workdir, name + "-admin-port")

    def _spawn(self, name, command):
        parent = os.getpid()
        with open(os.path.join(self.logs, name + ".log"), "ab") as log:
            # In a session of its own: Ctrl-C is for us, who stop everything in order.
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                                    preexec_fn=lambda: follow_parent(parent))

    def _wait_for_file(self, path, process, name, deadline=20):
        until = time.monotonic() + deadline
        while time.monotonic() < until:
            if os.path.exists(path) and _read(path):
                return _read(path)
            if process.poll() is not None:
                raise FleetFailed(f"{name} ended with {process.returncode}:\n{self.log_tail(name)}")
            time.sleep(0.02)
        raise FleetFailed(f"{name} did not open its port:\n{self.log_tail(name)}")

    def _ready(self, name):
        try:
            with urllib.request.urlopen(self.metrics_url(name).replace("/metrics", "/readyz"), timeout=2) as answer:
                return answer.status == 200
        except (OSError, ValueError):
            return False

    def _why_not_ready(self, name):
        try:
            urllib.request.urlopen(self.metrics_url(name).replace("/metrics", "/readyz"), timeout=2)
        except urllib.error.HTTPError as answer:
            return answer.read().decode(errors="replace")
        except (OSError, ValueError) as failure:
            return str(failure)
        return "it is now"

    def _count_cpu(self, name, pid):
        self._ended_cpu[name] = self._ended_cpu.get(name, 0) + cpu_of(pid)


def _end(process, deadline):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(deadline)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _read(path):
    with open(path, encoding="utf-8") as file:
        return file.read().strip()


def _write_secret(path, text):
    """At once: commands in other terminals read it whenever they like."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    fresh = f"{path}.{secrets.token_hex(4)}"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
    os.replace(fresh, path)


def _write_text(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _forget(path):
    if os.path.exists(path):
        os.unlink(path)


def _base64(data):
    import base64

    return base64.b64encode(data).decode()
