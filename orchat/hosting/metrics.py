"""Metrics for Prometheus: what runs, what it costs and how it fails, in numbers and without a word of anybody's."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from orchat.errors import NotFoundError
from orchat.runs import Run
from orchat.services import Services
from orchat.store import Call, Message

FIRST_TOKEN_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0)
RUN_BUCKETS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0)
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The metrics of one process. `sessions` counts the open browser tabs."""

    def __init__(self, sessions: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self._sessions = sessions
        self._services: Services | None = None
        self._runs = Counter("orchat_runs", "Answers that have ended.", ["state"], registry=self.registry)
        self._errors = Counter("orchat_errors", "Answers that failed.", ["kind"], registry=self.registry)
        self._tokens = Counter(
            "orchat_tokens", "Tokens of requests to models.", ["kind", "purpose"], registry=self.registry
        )
        self._cost = Counter(
            "orchat_cost_usd",
            "What requests to models cost, as far as it is known.",
            ["purpose"],
            registry=self.registry,
        )
        self._unpriced = Counter("orchat_unpriced_answers", "Answers of unknown cost.", registry=self.registry)
        self._first = Histogram(
            "orchat_first_token_seconds",
            "From the question to the first token.",
            buckets=FIRST_TOKEN_BUCKETS,
            registry=self.registry,
        )
        self._seconds = Histogram(
            "orchat_run_seconds", "From the question to the end.", buckets=RUN_BUCKETS, registry=self.registry
        )
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def watch(self, services: Services) -> None:
        """Count what these services answer from now on."""
        self._services = services
        services.runs.watchers.append(self._count)
        services.store.call_watchers += (self._count_call,)

    def _count(self, run: Run) -> None:
        """Count a run that has ended and whose cost has been looked up. Called on a worker thread."""
        assert self._services is not None
        self._runs.labels(run.state).inc()
        if run.error is not None:
            self._errors.labels(type(run.error).__name__).inc()
        if run.ended_at is not None:
            self._seconds.observe(run.ended_at - run.started_at)
        turn, store = run.turn, self._services.store
        lasted = timedelta(seconds=time.monotonic() - run.started_at)
        # An agent's turn is several messages; the first was written just before the run began.
        since = datetime.now(UTC) - lasted - timedelta(seconds=1)
        try:
            # Below this very answer: there may be others beside it.
            leaf = store.leaf_below(turn.owner, turn.message_id)
            branch = store.branch(turn.owner, turn.conversation_id, leaf)
        except NotFoundError:
            # A temporary chat that is gone by now.
            return
        for message in branch:
            if message.role == "assistant" and message.created_at >= since:
                self._count_answer(message)

    def _count_call(self, before: Call, after: Call) -> None:
        """Count what has just become known of a request. A title, a summary or a vector is no answer, and costs too."""
        for kind in ("prompt", "completion"):
            known: int | None = getattr(after, f"{kind}_tokens")
            if known is not None and getattr(before, f"{kind}_tokens") is None:
                self._tokens.labels(kind, after.kind).inc(known)
        # Nobody has paid for what is simulated.
        if after.cost is not None and before.cost is None and not after.simulated:
            self._cost.labels(after.kind).inc(float(after.cost))

    def _count_answer(self, answer: Message) -> None:
        if answer.first_token_ms is not None:
            self._first.observe(answer.first_token_ms / 1000)
        if answer.cost is None:
            self._unpriced.inc()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what is so at this moment; part of the registry's protocol."""
        queue = self._services.runs.queue if self._services else None
        yield GaugeMetricFamily("orchat_runs_active", "Answers on their way.", value=queue.busy if queue else 0)
        yield GaugeMetricFamily("orchat_runs_waiting", "Answers in the queue.", value=queue.waiting if queue else 0)
        kernels = self._services.live_interpreters if self._services else 0
        yield GaugeMetricFamily("orchat_kernels", "Interpreters that chats have, idle ones too.", value=kernels)
        yield GaugeMetricFamily("orchat_sessions", "Open browser tabs.", value=self._sessions())

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
