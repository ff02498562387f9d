"""Lets the programs of this folder import their neighbours: the fleet, and the cases, documents and reviewer of banking77."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, *(os.path.join(ROOT, "tests", name) for name in ("fleet", "banking77"))]
