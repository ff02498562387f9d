"""docker-compose.yml as data, and what it takes to run its parts on this machine without Docker."""

import os
import re
import subprocess
import sys

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "deploy", "kafka"))

from kafka_server import KafkaServer, free_port  # noqa: E402

PROGRAMS = ["planner", "executor", "approval", "outbox"]
SECRETS = "./deploy/docker/secrets"
JARS = os.environ.get("COUNTERSIGN_KAFKA_JARS") or os.path.join(ROOT, "build", "cache", "kafka")


def make_secrets(folder):
    subprocess.run([os.path.join(ROOT, "deploy", "docker", "make-secrets"), folder], check=True)
    return folder


def mounts_of(service):
    """(source, target) of each volume."""
    for volume in service.get("volumes", []):
        source, target = volume.split(":")[:2]
        yield source, target


def secrets_of(service):
    """(name, path in the container) of each secret."""
    for secret in service.get("secrets", []):
        name, target = (secret, secret) if isinstance(secret, str) else (secret["source"], secret["target"])
        yield name, "/run/secrets/" + target


class Compose:
    """The file, with every ${NAME:-default} as its default."""

    def __init__(self, secrets_folder):
        with open(os.path.join(ROOT, "docker-compose.yml"), encoding="utf-8") as file:
            self.file = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", file.read()))
        self.services = self.file["services"]
        self._secrets_folder = secrets_folder

    def here(self, path):
        """Where a path of the file lies on this machine; secrets are those that were made for us."""
        if path.startswith(SECRETS):
            return self._secrets_folder + path[len(SECRETS):]
        return os.path.join(ROOT, path)

    def environment_of(self, name):
        """The container's environment, with its files where they lie on this machine; of ours, what has nothing to do with the product."""
        service = self.services[name]
        places = [(target, self.here(self.file["secrets"][secret]["file"])) for secret, target in secrets_of(service)]
        places += [("/run/secrets", os.path.join(self._secrets_folder, "database"))]  # where `migrate` finds one password per service
        places += [(target, self.here(source)) for source, target in mounts_of(service) if source.startswith(".")]
        environment = {setting: value for setting, value in os.environ.items() if not setting.startswith("COUNTERSIGN_")}
        for setting, value in service["environment"].items():
            for target, place in places:
                value = place if value == target else value
            environment[setting] = value
        return environment


class ComposeKafka(KafkaServer):
    """The broker of docker-compose.yml: its server.properties, with ports and paths of this machine."""

    def __init__(self, data_dir, secrets_folder):
        with open(os.path.join(secrets_folder, "kafka-users.properties"), encoding="ascii") as file:
            users = dict(line.strip().split("=") for line in file)
        super().__init__(JARS, data_dir, users, fast=True)
        self.secrets_folder = secrets_folder

    def _properties(self):
        raise NotImplementedError("the file is written as a whole")

    def _write_properties(self):
        with open(os.path.join(ROOT, "deploy", "docker", "kafka", "server.properties"), encoding="utf-8") as file:
            text = file.read()
        moves = {
            "/run/secrets/": self.secrets_folder + "/", "/var/lib/kafka/data": os.path.join(self.data_dir, "log"),
            "CLIENTS://:9092": f"CLIENTS://127.0.0.1:{self.port}", "CLIENTS://kafka:9092": f"CLIENTS://127.0.0.1:{self.port}",
        }
        for name, port in (("9094", free_port()), ("9093", free_port())):
            moves[f":{name}"] = f":{port}"
        for old, new in moves.items():
            text = text.replace(old, new)
        path = os.path.join(self.data_dir, "server.properties")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path
