"""Arena: a fleet whose every part may be killed, stopped, doubled or lied to, and comes back where it was.

A member is named after its program, further ones `executor~2`; each is an instance of its own. PostgreSQL keeps its port through all its lives.
Services named in `proxied` reach it through postgres_proxy.py. Everything that is done to the fleet is noted with its time, for the checker.
"""

import os
import resource
import signal
import subprocess
import sys
import time

import neighbours
from crowding import Crowding
from fleet import DATABASE, Fleet
from private_postgres import PrivatePostgres, follow_parent
from process_figures import children_of, resident_bytes

SERVICES = ("planner", "executor", "approval", "outbox")
TICK = 0.02  # seconds
LONGEST_START = 180.0  # of a server, on a machine that has other things to do


class SteadyPostgres(PrivatePostgres):
    """Listens on the same port in every life."""

    _port = None

    @property
    def port(self):
        return self._port

    @port.setter
    def port(self, value):
        self._port = self._port or value

    def start(self, deadline=LONGEST_START):
        return super().start(deadline)

    def crash(self):
        """SIGKILL for all of it; nothing is written any more."""
        children = children_of(self.pid)
        for pid in [self.pid, *children]:
            _signal(pid, signal.SIGKILL)
        self._process.wait()
        while any(os.path.exists(f"/proc/{pid}") for pid in children):
            time.sleep(0.01)
        self._process = None

    def stop_at_once(self):
        """Immediate shutdown: clients are cut off, and it recovers when it starts."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()
        self._process = None


class Arena(Fleet):
    def __init__(self, bin_dir, tools_dir, realms, people, proxied=(), workdir=None, environment_of_all=None):
        super().__init__(bin_dir=tools_dir, realms=realms, people=people, workdir=workdir, fast_kafka=True, service_flags={"executor": ["--unknown-limit", "15s"]})
        self.armed_dir = os.path.abspath(bin_dir)
        self.postgres = SteadyPostgres(os.path.join(self.workdir, "postgres"))
        self.proxied, self.proxy, self.proxy_port = set(proxied), None, None
        self.environment_of_all = dict(environment_of_all or {})
        self.held = set()        # members that are meant to be down
        self.wishes = {}         # member -> how it is to be started: env, limits, flags
        self.injections = []
        self.deaths = {}         # member -> how often it died without being asked
        self.gave_up = []        # who ended by itself, killed by nobody: member, status, why
        self.on_death = lambda member, status: None
        self.crowding = Crowding()

    # ---- what is done to it, for the checker

    def note(self, what, member=None, **more):
        self.injections.append({"what": what, "member": member, "at": time.time(), **more})
        return self.injections[-1]

    # ---- members

    def program(self, member):
        return member.partition("~")[0]

    def instance(self, member):
        program, _, number = member.partition("~")
        return f"{program}-{int(number or 1) - 1}"

    def members(self, program=None):
        return [name for name in self._processes if program in (None, self.program(name))]

    def start_service(self, name, env=None, limits=None, flags=(), instance=None):
        program, port_file = self.program(name), self._port_file(name)
        if os.path.exists(port_file):
            os.unlink(port_file)
        arguments = self.flags_of(program)
        arguments[arguments.index("--admin-port-file") + 1] = port_file
        if program in self.proxied and self.proxy_port:
            arguments[arguments.index("--database") + 1] = f"host=127.0.0.1 port={self.proxy_port} dbname={DATABASE} user=countersign_{program}"
        arguments += ["--instance", instance or self.instance(name), *flags]
        self._starts[name] = self._starts.get(name, 0) + 1
        parent = os.getpid()

        def arrange():
            for which, most in (limits or {}).items():
                resource.setrlimit(which, (most, most))
            follow_parent(parent)

        with open(os.path.join(self.logs, name + ".log"), "ab") as log:
            self._processes[name] = subprocess.Popen(
                [os.path.join(self.armed_dir, program), "serve", *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=arrange, env={**os.environ, **self.environment_of_all, **(env or {})})
        return self._processes[name]

    def alive(self, member):
        return member in self._processes and self._processes[member].poll() is None

    def kill(self, name):
        if self.alive(name):
            self._processes[name].kill()
        return self._processes[name].wait()

    def send(self, member, number):
        if self.alive(member):
            self._processes[member].send_signal(number)

    def restart(self, member, **wish):
        """Starts again what is down, and notes when, so that the checker can tell how long it took to be back at work."""
        self.held.discard(member)
        self.start_service(member, **wish)
        up = self.note("up", member, instance=self.instance(member))
        if self.postgres.pid is None or not self.kafka.running():
            up["unfit"] = True  # what it needs is not there
        return up

    def dismiss(self, member):
        """An orderly goodbye."""
        self.held.add(member)
        status = self.stop_service(member)
        self.held.discard(member)
        return status

    def lose(self, member):
        """Dies and is not started again."""
        self.kill(member)
        del self._processes[member]

    def last_error(self, member):
        lines = self.log_tail(member, 20_000).splitlines()
        return next((line for line in reversed(lines) if '"level":"error"' in line or not line.startswith("{")), "")[:500]  # plain before its log begins

    def keep_up(self):
        """As whatever runs services would: who died is started again."""
        for member, process in list(self._processes.items()):
            status = process.poll()
            if status is None or member in self.held:
                continue
            self.deaths[member] = self.deaths.get(member, 0) + 1
            if status != -signal.SIGKILL:
                self.gave_up.append((member, status, self.last_error(member)))
            wish = self.on_death(member, status) or {}
            self.restart(member, **wish)

    def pause(self, seconds, until=lambda: False):
        """Goes on supervising for so long, or until something holds; returns whether it does."""
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() >= end:
                return False
            self.keep_up()
            time.sleep(TICK)
            self.crowding.measure()
        return True

    # ---- PostgreSQL behind a proxy

    def start_proxy(self):
        port_file = os.path.join(self.workdir, "proxy-port")
        self.proxy = self._spawn("proxy", [sys.executable, "-B", os.path.join(neighbours.HERE, "postgres_proxy.py"), str(self.postgres.port), port_file])
        self.proxy_port = int(self._wait_for_file(port_file, self.proxy, "proxy").split()[0])
        self.proxy_control = os.path.join(self.workdir, "proxy-port.control")

    def proxy_wish(self, **wish):
        """Sets what the proxy does from now on; see postgres_proxy.py."""
        import json
        import socket

        with socket.create_connection(("127.0.0.1", int(open(self.proxy_control, encoding="ascii").read())), timeout=5) as control:
            control.sendall(json.dumps(wish).encode() + b"\n")
            return json.loads(control.makefile().readline())

    def start_servers(self):
        super().start_servers()
        if self.proxied:
            self.start_proxy()

    def stop(self, keep_logs=False):
        for member in self._processes:
            self.send(member, signal.SIGCONT)
        self.held.update(self._processes)
        super().stop(keep_logs)
        if self.proxy is not None:
            self.proxy.kill()
            self.proxy.wait()

    # ---- Kafka and memory

    def start_kafka(self):
        self.kafka.start(LONGEST_START)

    def pause_kafka(self, stopped):
        os.kill(self.kafka.pid, signal.SIGSTOP if stopped else signal.SIGCONT)

    def resident_bytes(self, member):
        return resident_bytes(self._processes[member].pid)


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
