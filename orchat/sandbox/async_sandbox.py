"""The sandbox for asyncio: the same, without waiting on the loop."""

from pathlib import Path
from types import TracebackType
from typing import Self

from orchat.sandbox.collector import OnOutput, ignore
from orchat.sandbox.engine import Engine
from orchat.sandbox.in_thread import in_thread
from orchat.sandbox.limits import Limits
from orchat.sandbox.result import Result
from orchat.sandbox.sandbox import TIMEOUT, Sandbox
from orchat.sandbox.workspace import Workspace


class AsyncSandbox:
    """Runs cells one after the other. Open it with `await AsyncSandbox.open(...)`."""

    def __init__(self, box: Sandbox) -> None:
        self._box = box

    @classmethod
    async def open(
        cls,
        workspace: str | Path | None = None,
        limits: Limits | None = None,
        backend: str = "auto",
        *,
        engine: Engine | None = None,
    ) -> Self:
        """Open a sandbox, as `Sandbox.open` does."""
        return cls(await in_thread(lambda: Sandbox.open(workspace, limits, backend, engine=engine)))

    @property
    def files(self) -> Workspace:
        """The files of the workspace."""
        return self._box.files

    async def run(self, code: str, timeout: float = TIMEOUT, on_output: OnOutput = ignore) -> Result:  # noqa: ASYNC109
        """Run a cell, as `Sandbox.run` does. Cancelling it interrupts the cell."""
        return await self._box.arun(code, timeout, on_output)

    def interrupt(self) -> None:
        """Stop the cell that runs."""
        self._box.interrupt()

    async def reset(self) -> None:
        """Forget all variables; the files stay."""
        await in_thread(self._box.reset)

    async def close(self) -> None:
        """End it."""
        await in_thread(self._box.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
