"""The rows that exist, by their number on the design's page."""

from broker_paused import BrokerPaused
from broker_restart import BrokerRestart
from commit_answer_lost import CommitAnswerLost
from connections_cut import ConnectionsCut
from crash_points import CrashPoints
from deadlock import Deadlock
from duplicate_identity import DuplicateIdentity
from duplicates import Duplicates
from forbidden_pairs import ForbiddenPairs
from pinned_transaction import PinnedTransaction
from poison_flood import PoisonFlood
from postgres_killed import PostgresKilled
from rebalance_storm import RebalanceStorm
from reordering import Reordering
from several_of_each import SeveralOfEach
from short_of_everything import ShortOfEverything
from shorter_log import ShorterLog
from slow_database import SlowDatabase
from swizzle import Swizzle
from wrong_clock import WrongClock
from zombie import Zombie

ROWS = {row.number: row for row in (
    CrashPoints, CommitAnswerLost, Zombie, RebalanceStorm, DuplicateIdentity, BrokerRestart, BrokerPaused, PostgresKilled, ConnectionsCut, SlowDatabase,
    PinnedTransaction, Deadlock, WrongClock, Duplicates, Reordering, PoisonFlood, ShortOfEverything, Swizzle, ShorterLog, ForbiddenPairs, SeveralOfEach)}
