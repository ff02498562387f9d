"""A real Prometheus over a fleet: the configuration and rules that are shipped, with this fleet's ports and a scrape every second.

    with PrometheusServer(fleet) as prometheus:
        prometheus.query("sum(up)")        # [({label: value}, number)]
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHIPPED = os.path.join(ROOT, "deploy", "observability", "prometheus")
sys.path[:0] = [os.path.join(ROOT, "tests", "fleet"), os.path.join(ROOT, "deploy", "kafka")]

from kafka_server import free_port  # noqa: E402
from private_postgres import follow_parent  # noqa: E402


class PrometheusFailed(Exception):
    """It did not start, or a question made no sense to it."""


class PrometheusServer:
    def __init__(self, fleet, program="prometheus"):
        self.folder = os.path.join(fleet.workdir, "prometheus")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = os.path.join(self.folder, "prometheus.log")
        self._fleet = fleet
        self._program = program
        self._process = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, deadline=30):
        os.makedirs(self.folder, exist_ok=True)
        command = [self._program, f"--config.file={self._write_configuration()}", f"--storage.tsdb.path={os.path.join(self.folder, 'data')}",
                   f"--web.listen-address=127.0.0.1:{self.port}"]
        parent = os.getpid()
        with open(self.log_path, "wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                                             preexec_fn=lambda: follow_parent(parent))
        self._wait_until_ready(deadline)

    def stop(self):
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def query(self, expression):
        """Series and their values now; NaN is no value, so such series are left out."""
        result = self._ask("/api/v1/query?" + urllib.parse.urlencode({"query": expression}))["result"]
        values = [(one["metric"], float(one["value"][1])) for one in result]
        return [(labels, value) for labels, value in values if value == value]

    def rules(self):
        """Every rule with its health and, for alerts, its state."""
        return [rule for group in self._ask("/api/v1/rules")["groups"] for rule in group["rules"]]

    def targets(self):
        return self._ask("/api/v1/targets?state=active")["activeTargets"]

    # ---- below

    def _write_configuration(self):
        with open(os.path.join(SHIPPED, "prometheus.yml"), encoding="utf-8") as file:
            configuration = yaml.safe_load(file)
        configuration["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        configuration["rule_files"] = [os.path.join(SHIPPED, name) for name in configuration["rule_files"]]
        for target in configuration["scrape_configs"][0]["static_configs"]:
            target["targets"] = [urllib.parse.urlsplit(self._fleet.metrics_url(target["labels"]["service"])).netloc]
        path = os.path.join(self.folder, "prometheus.yml")
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump(configuration, file)
        return path

    def _wait_until_ready(self, deadline):
        until = time.monotonic() + deadline
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise PrometheusFailed(f"prometheus ended with {self._process.returncode}:\n{self._log_tail()}")
            try:
                with urllib.request.urlopen(self.url + "/-/ready", timeout=2):
                    return
            except OSError:
                time.sleep(0.05)
        raise PrometheusFailed(f"prometheus is not ready after {deadline} s:\n{self._log_tail()}")

    def _ask(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as answer:
            raise PrometheusFailed(f"{path}: {answer.read().decode(errors='replace')}") from answer

    def _log_tail(self):
        with open(self.log_path, "rb") as log:
            return log.read()[-3000:].decode(errors="replace")
