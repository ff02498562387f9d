"""Which row brings each broken build out."""

import signal

import tickets as drawn
from commit_answer_lost import CommitAnswerLost
from crash_points import CrashPoints
from duplicates import Duplicates
from row import Row
from zombie import PAST_THE_SESSION, Zombie


class SlowAndForgetful(Row):
    """Nothing is killed: refunds take their time, so that tickets are closed meanwhile, and some are refused or done without an answer."""

    number, title = 18, "hostile tool"
    kinds = ("small", "closed", "talked", "approved")
    hostile = (
        {"match": {"method": "POST", "path_prefix": "/refunds", "tenant": drawn.KEYLESS_TENANT}, "what": "reset_reused", "probability": 0.3, "count": -1, "work": "first"},
        {"match": {"method": "POST", "path_prefix": "/refunds"}, "what": "fail", "status": 500, "probability": 0.05, "count": -1},
        {"match": {"method": "POST", "path_prefix": "/refunds"}, "what": "delay", "delay_ms": 400, "probability": 1, "count": -1, "work": "first"},
    )

    def harm(self):
        self.counts["slow and forgetful"] += 1
        self.arena.pause(1.0)


class ExecutorDies(CrashPoints):
    """Only the executor, with calls on their way."""

    number, title = 1, "the executor dies with calls on their way"
    hostile = ({"match": {"method": "POST", "path_prefix": "/refunds"}, "what": "delay", "delay_ms": 300, "probability": 1, "count": -1, "work": "first"},)

    def choose(self, service):
        return self.dice.choice(("after_answer", "before_send", "before_record"))

    def harm(self):
        self.arena.pause(1.5)
        self.counts["executor killed"] += 1
        self.arena.kill("executor")

    def arm_next(self, member, _status):
        return {}

    def mend(self):
        self.arena.on_death = lambda member, status: None


class ZombiesTogether(Zombie):
    """The first of each service at once, so that all of them wake up with something to do."""

    title = "zombies together"

    def harm(self):
        for signalled, wait in ((signal.SIGSTOP, PAST_THE_SESSION), (signal.SIGCONT, 3.0)):
            for member in ("planner", "executor", "outbox"):
                self.arena.send(member, signalled)
            self.arena.pause(wait)
        self.counts["stopped together"] += 3


class BrokerGoneAndThenTheRest(Row):
    """The broker dies, calls that were on their way end and owe messages, and then whoever had them dies as well. (What is written to a broker that
    is only stopped waits in its socket and arrives.)"""

    number, title = 6, "the broker is gone, then who had messages for it"
    hostile = ({"match": {"method": "POST", "path_prefix": "/refunds"}, "what": "delay", "delay_ms": 700, "probability": 1, "count": -1, "work": "first"},)

    def harm(self):
        arena = self.arena
        arena.pause(3.0)
        arena.kafka.kill()
        self.counts["broker killed"] += 1
        arena.pause(2.0)
        for service in ("planner", "executor"):
            arena.held.add(service)
            arena.kill(service)
        arena.start_kafka()
        for service in ("planner", "executor"):
            arena.restart(service)


class Repeated(Duplicates):
    """Only what was published comes again; no group is moved."""

    title = "published again"
    reset = True


TRIALS = {
    "no_fence": ZombiesTogether,
    "record_before_calling": SlowAndForgetful,
    "publish_before_commit": CommitAnswerLost,
    "delete_outbox_early": BrokerGoneAndThenTheRest,
    "believe_commit_in_doubt": CommitAnswerLost,
    "ignore_sequences": Repeated,
    "expired_effect_to_ready": ExecutorDies,
    "drop_stopping": SlowAndForgetful,
    "reuse_connection_for_effects": SlowAndForgetful,
}
