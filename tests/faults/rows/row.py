"""Row: one fault of the design's table. A row's file says in its first line what it does and what must come out."""

import collections


class Row:
    number = 0
    title = ""
    proxied = ()       # services that reach PostgreSQL through the proxy
    more_members = ()  # further instances that work from the beginning
    kinds = None       # kinds of tickets; None: all
    duplicates = 0.0
    rivals = False     # two reviewers contradict each other in the same moment
    hostile = ()       # further rules for the stand-in

    def __init__(self, arena, dice, state):
        self.arena, self.dice, self.state = arena, dice, state
        self.counts = collections.Counter()  # what was done, how often
        self.objections = []                 # what the row itself saw that must not be
        self.remarks = {}                    # for the checker

    def harm(self):
        """One injection, with all the waiting that belongs to it; called until time is over. Supervises while it waits."""
        raise NotImplementedError

    def mend(self):
        """Undoes whatever harm() may have left."""

    def afterwards(self):
        """What is left to try when everything has come to rest; before the checker looks."""

    def after_judgement(self):
        """What would destroy what the checker reads."""

    def object(self, text):
        self.objections.append(text)
