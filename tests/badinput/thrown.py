"""What is thrown at the topics of a fleet, row by row, with a good ticket before and behind each bad message on the same partition."""

import breakages

GROUP = "Kafka and JSON"


class KafkaAndJson:
    def __init__(self, yard):
        self.yard = yard
        self.good = []
        self.impossible = []
        self.tried = []  # (breakage or row and what, thrown)

    def play(self):
        """Everything is thrown first, and looked at afterwards: bad messages meet in batches, as they would."""
        yard = self.yard
        table = [(number, breakage, yard.good(f"before-{number}"), yard.good(f"behind-{number}"))
                 for number, breakage in enumerate(breakages.kafka_and_json())]
        hostile = [(row, what, yard.good(ticket, order=f"o-hostile-{number}")) for number, (row, what, ticket) in enumerate(breakages.HOSTILE_TICKETS)]
        self.impossible = [(row, what, self._impossible(number, amount), code)
                           for number, (row, what, amount, code) in enumerate(breakages.impossible_amounts())]
        self.good = [case for _, _, before, behind in table for case in (before, behind)] + [case for _, _, case in hostile]
        yard.seed(self.good + [case for _, _, case, _ in self.impossible])
        for number, breakage, before, behind in table:
            self._throw(number, breakage, before, behind)
        for _, _, case, *_ in hostile + self.impossible:
            yard.offer(breakages.message_of(case, f"id-{case.ticket}"), 0)
        for number, (row, what, message, due) in enumerate(breakages.between_services()):
            self.tried.append((yard.throw(row, what, message, due, number % yard.fleet.partitions), None, None))
        yard.flush()
        self._look(hostile)

    def _impossible(self, number, amount):
        case = self.yard.good(f"impossible-{number}")
        case.refunds = 0
        case.more["fields"] = {"topic": "refund", "order_id": case.order, "amount": amount}
        return case

    # The bad message is about the ticket that is opened behind it, so that it is seen whether it harms its own key.
    def _throw(self, number, breakage, before, behind):
        yard, partition = self.yard, number % self.yard.fleet.partitions
        yard.offer(breakages.message_of(before, f"id-{before.ticket}"), partition)
        bad = breakage.breaks(breakages.message_of(behind, f"bad-{number}"), behind)
        if breakage.readable:
            yard.offer(bad, partition)  # it opens the ticket itself
        else:
            thrown = yard.throw(breakage.row, breakage.what, bad, breakage.due, partition)
            yard.offer(breakages.message_of(behind, f"id-{behind.ticket}"), partition)
        self.tried.append((None if breakage.readable else thrown, breakage, behind))

    # ---- looking

    def _look(self, hostile):
        yard = self.yard
        yard.until(lambda: not yard.missing_dead_letters(yard.thrown))
        yard.until(lambda: not yard.unended(self.good), patience=120)
        dead, ends, paid = yard.dead_letters(), yard.ends(), yard.paid()
        for thrown, breakage, behind in self.tried:
            self._judge(thrown, breakage, behind, dead, ends, paid)
        for row, what, case in hostile:
            self._add(row, f"a ticket named with {what}", *_good_end(case, ends, paid))

    def finish(self):
        """What needs half a minute, because the executor looks several times at an amount in another currency before it gives up."""
        yard = self.yard
        yard.until(lambda: not yard.unended([case for _, _, case, _ in self.impossible]), patience=120)
        ends, paid = yard.ends(), yard.paid()
        for row, what, case, code in self.impossible:
            end, times = ends.get(case.key, "none"), paid[(case.tenant, case.order)]
            codes = yard.step_codes(case)[1]
            self._add(row, f"a refund of {what}", f"{end} {', '.join(codes)}; paid {times} times", (end, codes, times) == ("escalated", [code], 0))

    def _judge(self, thrown, breakage, behind, dead, ends, paid):
        told, holds = [], True
        if thrown is not None:
            answer, holds = self._reasons(thrown, breakage.refused if breakage else "", dead)
            told.append(answer)
        if behind is not None:
            answer, fine = _good_end(behind, ends, paid)
            told.append("its ticket: " + answer if thrown is not None else answer)
            holds = holds and fine
        self._add(*((thrown.row, thrown.what) if thrown is not None else (breakage.row, breakage.what)), "; ".join(told), holds)

    def _reasons(self, thrown, refused, dead):
        if thrown.receipt is None:
            return f"refused by Kafka: {thrown.refused}", bool(refused) and thrown.refused == refused
        found = dead.get(thrown.place(), {})
        text = ", ".join(f"{service} {reason}" for service, reason in sorted(found.items())) or "no dead letter"
        same = len(set(found.values())) == 1 and len(found) > 1
        return f"dead letter {next(iter(found.values()))}" if same else f"dead letter {text}", found == thrown.due

    def _add(self, row, what, answer, holds):
        self.yard.table.add(GROUP, f"{row}: {what}", answer, holds)


def _good_end(case, ends, paid):
    end, times = ends.get(case.key) or "still running", paid[(case.tenant, case.order)]
    return f"{end}, paid {times} time", (end, times) == ("resolved", 1)


