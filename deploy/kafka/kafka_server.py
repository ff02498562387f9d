"""A private Kafka broker: one KRaft node on loopback, SASL PLAIN, ACLs enforced. For tests and the demo.

    server = KafkaServer(jars_dir, data_dir, {"admin": "…", "planner": "…"})
    server.start()            # returns when the broker answers metadata
    … server.bootstrap …      # 127.0.0.1:PORT
    server.stop()             # TERM, then KILL

`admin` is the super user; everybody else may do what ACLs say, which is nothing at first. A stopped server may be started again: it keeps
its data and its port. The broker is killed when the thread that started it ends, so start it on a thread that lives long enough.
"""

import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from kafka_probe import NotAnswering, ask_metadata

HERE = os.path.dirname(os.path.abspath(__file__))
SUPER_USER = "admin"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

FAST_START = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
THROUGHPUT = ["-XX:+UseParallelGC"]


class KafkaFailed(Exception):
    """The broker did not start; the text has the end of its log."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _follow_parent(parent):
    """Between fork and exec: the child gets SIGKILL when its parent is gone, even if that has already happened."""

    def arrange():
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


class KafkaServer:
    def __init__(self, jars_dir, data_dir, users, port=None, fast=False, heap="512m", extra=None):
        """users: name -> password, `admin` among them. extra: server properties that win over ours."""
        if SUPER_USER not in users:
            raise ValueError(f"users must have a password for {SUPER_USER}")
        for name, password in users.items():
            if not re.fullmatch(r"[A-Za-z0-9_.-]+", name) or not re.fullmatch(r"[!#-\[\]-~]+", password):
                raise ValueError(f"user {name}: names and passwords are printable ASCII without spaces, quotes and backslashes")
        self.jars_dir = os.path.abspath(jars_dir)
        self.data_dir = os.path.abspath(data_dir)
        self.users = dict(users)
        self.port = port
        self.fast = fast
        self.heap = heap
        self.extra = dict(extra or {})
        self.log_path = os.path.join(self.data_dir, "server.log")
        self._port_is_fixed = port is not None
        self._process = None

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self._process.pid if self._process else None

    def running(self):
        return self._process is not None and self._process.poll() is None

    def start(self, deadline=60.0):
        """Starts and waits until the broker answers. A port that somebody else took meanwhile is given up for another."""
        archive = make_class_archive(self.jars_dir, deadline)
        attempts = 5
        while True:
            attempts -= 1
            try:
                self._start_once([f"-XX:SharedArchiveFile={archive}"], deadline)
                self._port_is_fixed = True
                return self
            except KafkaFailed as failure:
                if attempts == 0 or "Address already in use" not in str(failure):
                    raise
                if not self._port_is_fixed:
                    self.port = None

    def wait(self):
        """Waits until the broker has ended by itself; its status."""
        return self._process.wait()

    def stop(self, deadline=10.0):
        """TERM, and KILL after the deadline. Harmless when not running."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(deadline)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self):
        """Ends the broker as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _start_once(self, java_options, deadline):
        os.makedirs(self.data_dir, mode=0o700, exist_ok=True)
        self.port = self.port or free_port()
        config = self._write_properties()
        self._forget_old_log()
        if not os.path.exists(os.path.join(self.data_dir, "log", "meta.properties")):
            self._format_storage(config)
        self._spawn(java_options + ["kafka.Kafka", config])
        try:
            self._wait_until_answering(deadline)
        except BaseException:
            self.stop(deadline=2.0)
            raise

    def _forget_old_log(self):
        """One earlier log is kept, so that what is judged after a failed start is this start's."""
        if os.path.exists(self.log_path):
            os.replace(self.log_path, f"{self.log_path}.1")

    def _java(self, arguments):
        tuning = FAST_START if self.fast else THROUGHPUT
        return [
            _java_binary(),
            *tuning,
            f"-Xmx{self.heap}",
            "-Xshare:auto",
            "-Xlog:disable",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={HERE}/log4j2.properties",
            "-cp",
            class_path(self.jars_dir),
            *arguments,
        ]

    def _spawn(self, arguments):
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(
                self._java(arguments),
                cwd=self.data_dir,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for whoever started us
                preexec_fn=_follow_parent(os.getpid()),
            )

    def _format_storage(self, config):
        cluster = "Q291bnRlcnNpZ24gdGVzdA"  # any 16 bytes in URL-safe base 64
        command = self._java(["-XX:TieredStopAtLevel=1", "kafka.tools.StorageTool", "format", "-t", cluster, "-c", config])
        done = subprocess.run(command, cwd=self.data_dir, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise KafkaFailed(f"formatting {self.data_dir} failed:\n{done.stdout}{done.stderr}")

    def _wait_until_answering(self, deadline):
        until = time.monotonic() + deadline
        last = None
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise KafkaFailed(f"the broker ended with status {self._process.returncode}:\n{self._log_tail()}")
            try:
                return ask_metadata(self.port, SUPER_USER, self.users[SUPER_USER])
            except (NotAnswering, OSError) as failure:
                last = failure
                time.sleep(0.05)
        raise KafkaFailed(f"the broker does not answer after {deadline:.0f} s ({last}):\n{self._log_tail()}")

    def _log_tail(self):
        with open(self.log_path, "rb") as log:
            return log.read()[-4000:].decode(errors="replace")

    def _jaas(self):
        known = " ".join(f'user_{name}="{password}"' for name, password in self.users.items())
        login = f'username="{SUPER_USER}" password="{self.users[SUPER_USER]}"'
        return f"org.apache.kafka.common.security.plain.PlainLoginModule required {login} {known};"

    def _properties(self):
        controller_port = free_port()
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
            "listeners": f"CLIENTS://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller_port}",
            "advertised.listeners": f"CLIENTS://127.0.0.1:{self.port}",
            "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
            "inter.broker.listener.name": "CLIENTS",
            "controller.listener.names": "CONTROLLER",
            "sasl.enabled.mechanisms": "PLAIN",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "sasl.mechanism.controller.protocol": "PLAIN",
            "listener.name.clients.plain.sasl.jaas.config": self._jaas(),
            "listener.name.controller.plain.sasl.jaas.config": self._jaas(),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{SUPER_USER}",
            "allow.everyone.if.no.acl.found": "false",
            "auto.create.topics.enable": "false",
            "log.dirs": os.path.join(self.data_dir, "log"),
            "num.partitions": "4",
            "num.io.threads": "3",  # a few cores for everything: each handing over costs a wake-up
            "num.network.threads": "2",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            **self.extra,
        }

    def _write_properties(self):
        path = os.path.join(self.data_dir, "server.properties")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.writelines(f"{name}={value}\n" for name, value in self._properties().items())
        return path


def _java_binary():
    found = shutil.which("java")
    if found is None:
        raise KafkaFailed("java is missing (Debian: apt-get install default-jre-headless)")
    return os.path.realpath(found)


def class_path(jars_dir):
    """The jars one by one, in a fixed order: a class-data archive is only valid for exactly the list it was made with."""
    jars = sorted(name for name in os.listdir(jars_dir) if name.endswith(".jar"))
    if not jars:
        raise KafkaFailed(f"no jars in {jars_dir}: run deploy/kafka/fetch {jars_dir}")
    return ":".join(os.path.join(jars_dir, name) for name in jars)


def _archive_path(jars_dir):
    java = _java_binary()
    identity = f"{java} {os.stat(java).st_mtime_ns} {class_path(jars_dir)}"
    return os.path.join(jars_dir, f"classes-{hashlib.sha256(identity.encode()).hexdigest()[:16]}.jsa")


def make_class_archive(jars_dir, deadline=60.0):
    """Path of the archive of loaded classes that halves the start; made by one trial start when it is not there yet.

    The archive appears by rename, so an interrupted trial leaves none; a lock keeps two from trying at once.
    """
    jars_dir = os.path.abspath(jars_dir)
    archive = _archive_path(jars_dir)
    if os.path.exists(archive):
        return archive
    with open(os.path.join(jars_dir, ".archive.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(archive):
            _record_classes(jars_dir, archive, deadline)
    return archive


def _record_classes(jars_dir, archive, deadline):
    part = f"{archive}.part"
    with tempfile.TemporaryDirectory(prefix="kafka-classes-") as scratch:
        trial = KafkaServer(jars_dir, scratch, {SUPER_USER: "trial"}, fast=True)
        trial._start_once([f"-XX:ArchiveClassesAtExit={part}"], deadline)
        trial.stop(deadline=deadline)
        if not os.path.exists(part):
            raise KafkaFailed(f"java wrote no class archive:\n{trial._log_tail()}")
    os.replace(part, archive)
