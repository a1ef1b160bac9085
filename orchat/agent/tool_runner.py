"""The tool runner: each call with its timeout, progress, artifacts and errors, told as events."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState, ToolCallRequest

from orchat.agent.contract import Files, RunningCall
from orchat.agent.steps import FullOutput
from orchat.agent.toolbox import ReadyTool
from orchat.agent.toolbox.calls import Result, run_call
from orchat.events import ToolEnded, ToolOutput, ToolProgressed, ToolStarted
from orchat.tracing import Span


class ToolRunner(AgentMiddleware[AgentState[Any], Any, Any]):
    """Runs the calls of a turn. It has to be the innermost of the middleware: what it runs is what was approved."""

    def __init__(self, ready: Mapping[str, ReadyTool], files: Files) -> None:
        super().__init__()
        self._ready = ready
        self._files = files

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Result]]
    ) -> Result:
        """Run one call and tell what happens."""
        call = request.tool_call
        ready = self._ready.get(call["name"])
        if ready is None:
            # A tool that the model made up: the graph's own answer names the ones that there are.
            return await handler(request)
        tell = request.runtime.stream_writer
        call_id = call["id"] or ""
        tell(ToolStarted(call_id, ready.info.name, ready.info.title, ready.info.icon, dict(call["args"])))
        loop, began = asyncio.get_running_loop(), time.monotonic()
        over = asyncio.Event()

        def tell_in_time(event: ToolProgressed | ToolOutput) -> None:
            # A call that was given up may go on in its thread, while later steps have calls of their own.
            if not over.is_set():
                tell(event)

        def report(text: str, fraction: float | None) -> None:
            loop.call_soon_threadsafe(tell_in_time, ToolProgressed(call_id, text, fraction))

        def write(text: str) -> None:
            loop.call_soon_threadsafe(tell_in_time, ToolOutput(call_id, text))

        running = RunningCall(call_id, report, write)
        span = Span(
            f"execute_tool {ready.info.name}", {"gen_ai.tool.name": ready.info.name, "gen_ai.tool.call.id": call_id}
        )
        with span.around():
            outcome = await run_call(ready, lambda: handler(request), call=running, files=self._files)
            over.set()
            if outcome.status != "ok":
                span.fail(outcome.status)
        took = round((time.monotonic() - began) * 1000)
        if outcome.full is not None:
            tell(FullOutput(call_id, outcome.full))
        artifacts = tuple(artifact.to_json() for artifact in outcome.artifacts)
        cost = sum(running.costs, Decimal(0)) if running.costs else None
        tell(ToolEnded(call_id, outcome.status, outcome.text, artifacts, took, cost, outcome.reason))
        return outcome.message
