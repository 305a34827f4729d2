"""One trial: break, send, heal, wait until the pipeline is quiet, and collect the evidence."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import NamedTuple

from rdp.chaos import signals
from rdp.chaos.api import ChaosApi
from rdp.chaos.catalogue import Experiment, Planned
from rdp.chaos.disruption import Site
from rdp.chaos.invariants import Evidence
from rdp.chaos.leftovers import Leftovers
from rdp.chaos.load import Book, Load, send_again
from rdp.chaos.outcome import Outcome
from rdp.chaos.plan import Log, Names, plan
from rdp.chaos.timeline import Break, Sampler, Timeline
from rdp.ledger import reconcile
from rdp.stack import LogKey, Part, Record, Stack
from rdp.stack.messages import epoch_seconds
from rdp.waiting import DeadlineExceededError

_SPARE_SECONDS = 60
_FAULT_FACTOR = 3
"""If this process is killed, a fault ends after this multiple of the load's length."""
_REDRIVE_SECONDS = 120


class _Step(NamedTuple):
    after: int
    """How many logs are sent before it."""
    heals: bool
    planned: Planned


class _Left(NamedTuple):
    """What the pipeline holds of the run once it is quiet."""

    table: list[Record]
    letters: list[LogKey]
    in_queue: int


@dataclass
class Trial:
    stack: Stack
    chaos: ChaosApi
    leftovers: Leftovers
    experiment: Experiment
    seed: int
    progress: Callable[[str], None]
    seconds: float | None = None
    """How long the load lasts; by default it depends on the number of logs."""
    timeline: Timeline = field(default_factory=Timeline)
    names: Names = field(default_factory=Names.new)
    book: Book = field(default_factory=Book)

    def run(self, count: int) -> Outcome:
        logs = self._logs(count)
        with Sampler(self.stack, self.timeline):
            self._send(logs)
            first = self._wait_until_quiet()
            refused = self.book.refused()
            half = self._stored_though_refused(refused, first)
            neighbours = self._neighbours(logs, first)
            send_again(self.stack, refused, self.book)
            if neighbours and self.experiment.may_fill_dlq:
                self.progress(f"redriving the DLQ, which holds {len(neighbours)} healthy logs")
                self.stack.dead_letters.redrive(deadline=_REDRIVE_SECONDS)
            left = self._wait_until_quiet() if refused or neighbours else first
        return Outcome(
            evidence=self._evidence(left, neighbours),
            timeline=self.timeline,
            refused=frozenset(log.key for log in refused),
            refused_but_present=half,
        )

    def clean_up(self) -> None:
        strays = {record.tenant_id for record in self.stack.records.holding(self.names.mark)}
        for tenant_id in self.book.tenants() | {*filter(self._owns, strays)}:
            self.stack.records.delete_of(tenant_id)
        self.stack.dead_letters.delete(lambda letter: self._owns(letter.fields.get("tenant_id")))

    def _owns(self, tenant_id: object) -> bool:
        return str(tenant_id).startswith(f"{self.names.tenants}-")

    # -- breaking and sending ------------------------------------------------------------------

    def _logs(self, count: int) -> list[Log]:
        alterations = [
            (planned.disruption.alter, planned.disruption.every, planned.window)
            for planned in self.experiment.planned
            if planned.disruption.alter is not None
        ]
        noisy = self.experiment.noisy
        return plan(self.names, count, self.seed, alterations=alterations, noisy=noisy)

    def _send(self, logs: Sequence[Log]) -> None:
        # However this ends, the faults are healed before the load's end is awaited.
        with (
            Load(self.stack, logs, self.book, self.seconds) as load,
            ExitStack() as healed_at_the_end,
        ):
            lasting = max((item.disruption.lasts for item in self.experiment.planned), default=0)
            longest = (load.expected_seconds + lasting) * _FAULT_FACTOR + _SPARE_SECONDS
            site = Site(self.stack, self.chaos, self.leftovers, longest)
            held: dict[str, ExitStack] = {}
            for step in _steps(self.experiment.planned, len(logs)):
                load.wait_for(step.after)
                name = str(step.planned)
                if step.heals:
                    self.progress(f"healing {name}")
                    held.pop(name).close()
                else:
                    self.progress(f"breaking {name}")
                    held[name] = healed_at_the_end.enter_context(ExitStack())
                    held[name].enter_context(self._recorded(step.planned, site))
            self.progress("sending the rest")
            load.wait_for(len(logs))

    @contextlib.contextmanager
    def _recorded(self, planned: Planned, site: Site) -> Iterator[None]:
        began = in_force = healing = time.time()
        held = ExitStack()
        try:
            with signals.deferred():
                held.enter_context(planned.disruption.hold(site))
            in_force = time.time()
            yield
            time.sleep(max(0.0, began + planned.disruption.lasts - time.time()))
            healing = time.time()
        finally:
            with signals.deferred():
                held.close()
            name = planned.disruption.name
            self.timeline.breaks.append(Break(name, began, in_force, healing, time.time()))

    # -- what is left --------------------------------------------------------------------------

    def _wait_until_quiet(self) -> _Left:
        # Messages that a killed environment had not claimed return after the visibility timeout.
        patience = self.stack.queues.visibility_timeout() + _SPARE_SECONDS
        began = time.monotonic()

        def show(stored: int, accepted: int) -> None:
            seconds = time.monotonic() - began
            self.progress(f"{seconds:3.0f} s: {stored} of {accepted} accepted logs are records")

        reconcile(self.stack, self.book.ledger(), patience=patience, progress=show)
        in_queue = self._left_in_queue(patience)
        return _Left(self._table(), self._letters(), in_queue)

    def _left_in_queue(self, patience: float) -> int:
        """How many messages stay. That some do is a finding, not an error."""
        try:
            self.stack.queues.wait_until_empty(deadline=patience)
        except DeadlineExceededError:
            return self.stack.queues.depth()
        return 0

    def _table(self) -> list[Record]:
        tenants = self.book.tenants()
        mine = [record for tenant in tenants for record in self.stack.records.of(tenant)]
        marked = self.stack.records.holding(self.names.mark)
        return mine + [record for record in marked if record.tenant_id not in tenants]

    def _letters(self) -> list[LogKey]:
        letters = [letter.fields for letter in self.stack.dead_letters.all()]
        return [
            (str(fields["tenant_id"]), str(fields.get("log_id")))
            for fields in letters
            if self._owns(fields.get("tenant_id"))
        ]

    def _stored_though_refused(self, refused: Sequence[Log], left: _Left) -> frozenset[LogKey]:
        texts = {(record.tenant_id, record.log_id): record.original_text for record in left.table}
        return frozenset(
            log.key for log in refused if texts.get(log.key) == log.text(log.versions)
        ) | (frozenset(log.key for log in refused) & frozenset(left.letters))

    def _neighbours(self, logs: Sequence[Log], left: _Left) -> frozenset[LogKey]:
        """Healthy logs in the DLQ."""
        return frozenset(left.letters) - {log.key for log in logs if log.is_poison}

    def _evidence(self, left: _Left, neighbours: frozenset[LogKey]) -> Evidence:
        since = self.timeline.began
        evidence = Evidence(
            book=self.book,
            mark=self.names.mark,
            table=left.table,
            letters=left.letters,
            neighbours_dead=neighbours,
            may_fill_dlq=self.experiment.may_fill_dlq,
            lines=self.stack.logs.of(Part.API, since=since)
            + self.stack.logs.of(Part.WORKER, since=since),
            max_attempts=int(self.stack.functions.worker_environment()["MAX_RECEIVE_COUNT"])
            + max((item.disruption.extra_attempts for item in self.experiment.planned), default=0),
            left_in_queue=left.in_queue,
        )
        self.timeline.complete(
            accepted=(r.answered_at for r in self.book.requests if r.status == 202),
            stored=(epoch_seconds(r.processed_at) for r in left.table),
            retried=(
                line.written_at
                for line in evidence.lines
                if line.event == "retried" and self._owns((line.fields or {}).get("tenant_id"))
            ),
        )
        return evidence


def _steps(planned: Sequence[Planned], count: int) -> list[_Step]:
    starts = [_Step(int(item.window.start * count), heals=False, planned=item) for item in planned]
    ends = [_Step(int(item.window.end * count), heals=True, planned=item) for item in planned]
    return sorted(starts + ends, key=lambda step: (step.after, step.heals))
