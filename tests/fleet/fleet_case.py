"""A test case that shares one fleet per class. The file's first argument is the folder with the programs."""

import sys
import unittest

from fleet import Fleet

BIN = sys.argv[1] if len(sys.argv) > 1 else ""
REALMS = {"main": ["acme"], "partner": ["globex"]}


class FleetCase(unittest.TestCase):
    services_wanted = ()

    @classmethod
    def setUpClass(cls):
        cls.fleet = Fleet(BIN, realms=REALMS, fast_kafka=True, fsync=False)
        cls.addClassCleanup(cls.fleet.stop)
        cls.fleet.start_servers()
        cls.fleet.prepare()
        for name in cls.services_wanted:
            cls.fleet.start_service(name)


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
