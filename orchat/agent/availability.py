"""Availability: whether code can be run here, found out once and in the background."""

import threading

from orchat.choices import SandboxBackend
from orchat.errors import SandboxUnavailableError
from orchat.sandbox import Report, available
from orchat.sandbox.choice import engine_of
from orchat.sandbox.engine import Engine
from orchat.settings import Settings

EXPOSED = (
    "ORCHAT_SANDBOX=unsafe runs code without isolation, and orchat listens on more than this machine. "
    "Let it listen on 127.0.0.1 only, or choose a backend that isolates."
)


class Availability:
    """What runs code here. Thread-safe."""

    def __init__(self, settings: Settings, *, loopback_only: bool) -> None:
        """`loopback_only`: nobody but this machine reaches orchat; without it nothing is run without isolation."""
        self.settings = settings
        self._loopback_only = loopback_only
        self._lock = threading.Lock()
        self._report: Report | None = None
        self._asked = False

    def report(self) -> Report:
        """Return which backend is used, or why none. Blocks at first, while the backends are tried."""
        with self._lock:
            if self._report is None:
                exposed = self.settings.sandbox is SandboxBackend.UNSAFE and not self._loopback_only
                self._report = Report(None, (), EXPOSED) if exposed else available(self.settings)
            return self._report

    def known(self) -> Report | None:
        """Return the report if it is there; the first call begins to make it."""
        if self.settings.sandbox in (SandboxBackend.OFF, SandboxBackend.UNSAFE):
            return self.report()
        if self._report is None and not self._asked:
            self._asked = True
            threading.Thread(target=self.report, name="orchat-sandbox-check", daemon=True).start()
        return self._report

    def engine(self) -> Engine:
        """Return what starts interpreters.

        Raises:
            SandboxUnavailableError: nothing does; its message says why.
        """
        report = self.report()
        if report.chosen is None:
            raise SandboxUnavailableError(f"Code cannot be run here. {report.reason}")
        return engine_of(report.chosen, self.settings)
