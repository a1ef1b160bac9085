"""By hand: a person calls a tool of the conversation themselves, beside the turns of the agent. No model sees it."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal
from uuid import uuid4

from langchain_core.messages import ToolMessage

from orchat.agent.contract import ArtifactRef, RunningCall, ToolContext
from orchat.agent.toolbox import Toolbox
from orchat.agent.toolbox.calls import run_call
from orchat.errors import OrchatError
from orchat.logs import RUN

WRITTEN_KEPT = 20_000


class HandCall:
    """One call, on its way or over. Read from any thread."""

    def __init__(self, tool: str, arguments: Mapping[str, Any]) -> None:
        self.tool = tool
        self.arguments = dict(arguments)
        self.began = time.time()
        self.written = ""
        """What the tool writes while it works."""
        self.status: Literal["running", "ok", "error", "timeout", "stopped"] = "running"
        self.text = ""
        """What a model would read."""
        self.reason = ""
        """Why it failed, in a few words, where the tool said so."""
        self.artifacts: tuple[ArtifactRef, ...] = ()
        self.duration_ms: int | None = None
        self.finished = threading.Event()
        self.cancel: Callable[[], object] = lambda: None

    def stop(self) -> None:
        """End it, if it is not over."""
        self.cancel()

    async def run(self, toolbox: Toolbox, context: ToolContext) -> None:
        """Run it to its end; what goes wrong is its text."""
        RUN.set(context.conversation_id)
        try:
            await self._run(toolbox, context)
        except OrchatError as error:
            self.status, self.text = "error", error.message
        except asyncio.CancelledError:
            self.status, self.text = "stopped", self.written
            raise
        finally:
            self.duration_ms = round((time.time() - self.began) * 1000)
            self.finished.set()

    async def _run(self, toolbox: Toolbox, context: ToolContext) -> None:
        assert context.files is not None
        found = await toolbox.tools(context, [self.tool])
        if not found:
            self.status, self.text = "error", f"There is no tool {self.tool} any more."
            return
        (ready,) = found
        running = RunningCall(uuid4().hex, lambda *_: None, self._write)
        call = {"type": "tool_call", "id": running.id, "name": self.tool, "args": self.arguments}

        async def invoke() -> ToolMessage:
            result: ToolMessage = await ready.tool.ainvoke(call)
            return result

        outcome = await run_call(ready, invoke, call=running, files=context.files)
        self.status, self.text, self.artifacts = outcome.status, outcome.text, outcome.artifacts
        self.reason = outcome.reason

    def _write(self, text: str) -> None:
        self.written = (self.written + text)[-WRITTEN_KEPT:]
