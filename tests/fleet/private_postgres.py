"""A private PostgreSQL cluster on loopback for demo and tests: made anew, or kept in a folder and started again.

    with PrivatePostgres(folder) as server:
        server.dsn("postgres")       # for psycopg2 and libpq, as the administrator

PostgreSQL refuses to run as root, so root starts it as user postgres. The server is killed when the process that started it ends.
"""

import ctypes
import glob
import os
import pwd
import secrets
import signal
import socket
import subprocess
import time

import psycopg2

ADMIN = "countersign_admin"
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def follow_parent(parent):
    """Between fork and exec: SIGKILL for the child when the parent is gone, even if that has already happened."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


class PrivatePostgres:
    def __init__(self, folder, fsync=True, settings=None):
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.log_path = os.path.join(folder, "server.log")
        self.fsync = fsync
        self.settings = dict(settings or {})
        self.port = None
        self._process = None
        self._user = pwd.getpwnam("postgres") if os.getuid() == 0 else None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self, deadline=30.0):
        if not os.path.exists(os.path.join(self.data, "PG_VERSION")):
            self._make_cluster()
        with open(os.path.join(self.folder, "password"), encoding="ascii") as file:
            self.password = file.read().strip()
        self.port = free_port()
        options = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": "on" if self.fsync else "off",
            "max_connections": 200, "shared_buffers": "128MB", "wal_compression": "on", "max_wal_size": "2GB", **self.settings,
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen([binary("postgres"), "-D", self.data, *arguments], cwd="/", stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=self._become(os.getpid()))
        self._wait_until_ready(deadline)
        return self

    def stop(self, deadline=10.0):
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)  # fast shutdown: disconnects clients
        try:
            process.wait(deadline)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait()

    @property
    def pid(self):
        return self._process.pid if self._process else None

    def dsn(self, database):
        return f"host=127.0.0.1 port={self.port} dbname={database} user={ADMIN} password={self.password}"

    def conninfo(self, database, user):
        """Without the password, which services read from a file."""
        return f"host=127.0.0.1 port={self.port} dbname={database} user={user}"

    def _make_cluster(self):
        os.makedirs(self.folder, exist_ok=True)
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        password = os.path.join(self.folder, "password")
        with open(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(16) + "\n")
        if self._user:
            os.chown(password, self._user.pw_uid, self._user.pw_gid)
        subprocess.run([binary("initdb"), "-D", self.data, "-U", ADMIN, "--pwfile", password, "--auth=scram-sha-256", "--encoding=UTF8",
                        "--locale=C.UTF-8", "--no-sync"], cwd="/", check=True, capture_output=True, preexec_fn=self._become(os.getpid()))

    def _become(self, parent):
        def arrange():
            if self._user:
                os.setgroups([])
                os.setgid(self._user.pw_gid)
                os.setuid(self._user.pw_uid)
            follow_parent(parent)  # after the change of user, which takes the wish away

        return arrange

    def _wait_until_ready(self, deadline):
        until = time.monotonic() + deadline
        while True:
            try:
                psycopg2.connect(self.dsn("postgres"), connect_timeout=2).close()
                return
            except psycopg2.OperationalError as failure:
                if self._process.poll() is not None or time.monotonic() > until:
                    with open(self.log_path, encoding="utf-8", errors="replace") as log:
                        raise RuntimeError(f"PostgreSQL did not start ({failure}):\n{log.read()[-3000:]}") from failure
                time.sleep(0.05)


def binary(name):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: int(path.split("/")[4]))
    if not found:
        raise RuntimeError(f"{name} is missing (Debian: apt-get install postgresql-15)")
    return found[-1]
