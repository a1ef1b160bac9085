"""Calls: one run of a tool with its timeout, its errors told to the model, and its output kept within bounds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from langchain_core.messages import ToolMessage
from langgraph.types import Command

from orchat.agent.contract import Artifact, ArtifactRef, Files, RunningCall, artifacts_in, running
from orchat.agent.toolbox.toolbox import ReadyTool
from orchat.errors import OrchatError

MODEL_OUTPUT = 20_000
"""Characters of a tool's output that the model gets; the rest is kept for the person."""
HEAD = 0.7
"""Which part of them is the beginning; the end of a long output often says how it went."""
log = logging.getLogger(__name__)

Result = ToolMessage | Command[Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended: what the model reads, and what the person gets beside it."""

    message: Result
    status: Literal["ok", "error", "timeout"]
    text: str
    artifacts: tuple[ArtifactRef, ...] = ()
    full: ArtifactRef | None = None


async def run_call(
    ready: ReadyTool, invoke: Callable[[], Awaitable[Result]], *, call: RunningCall, files: Files
) -> Outcome:
    """Run a call to its end, whatever that is; only cancellation is raised."""
    try:
        with running(call):
            result = await asyncio.wait_for(invoke(), ready.info.timeout)
    except TimeoutError:
        call.cancelled.set()
        return _failed(ready, call, "timeout", f"{ready.info.title} took longer than {ready.info.timeout:g} s.")
    except asyncio.CancelledError:
        call.cancelled.set()
        raise
    except OrchatError as error:
        return _failed(ready, call, "error", error.message)
    except Exception as error:
        log.info("The tool %s failed", ready.info.name, exc_info=True)
        return _failed(ready, call, "error", f"{type(error).__name__}: {error}")
    if not isinstance(result, ToolMessage):
        return Outcome(result, "ok", "")
    return await _kept(ready, result, files)


def _failed(ready: ReadyTool, call: RunningCall, status: Literal["error", "timeout"], text: str) -> Outcome:
    shown, _ = cut(text)
    message = ToolMessage(shown, tool_call_id=call.id, name=ready.info.name, status="error")
    return Outcome(message, status, shown)


async def _kept(ready: ReadyTool, message: ToolMessage, files: Files) -> Outcome:
    """Keep what a call made; the message holds references, since LangGraph copies it into its checkpoints."""
    status: Literal["ok", "error"] = "error" if message.status == "error" else "ok"
    made = list(artifacts_in(message.artifact))
    shown, whole = message.content, None
    if isinstance(shown, str):
        shown, was_cut = cut(shown)
        whole = Artifact.text(cast("str", message.content), f"{ready.info.name}.txt") if was_cut else None
    try:
        artifacts = tuple([await asyncio.to_thread(files.save, artifact) for artifact in made])
        full = await asyncio.to_thread(files.save, whole) if whole else None
    except OrchatError as error:
        # What the tool found is worth more than the file that could not be kept.
        note = f"\n\n[A file could not be kept: {error.message}]"
        shown, artifacts, full = (f"{shown}{note}" if isinstance(shown, str) else shown), (), None
    references = [artifact.to_json() for artifact in artifacts]
    kept = message.model_copy(update={"content": shown, "artifact": references or None})
    return replace(Outcome(kept, status, str(kept.text), artifacts), full=full)


def cut(text: str) -> tuple[str, bool]:
    """Return a text as far as the model gets it, and whether something was left out."""
    if len(text) <= MODEL_OUTPUT:
        return text, False
    head = round(MODEL_OUTPUT * HEAD)
    tail = MODEL_OUTPUT - head
    note = f"\n\n[… {len(text) - MODEL_OUTPUT:,} of {len(text):,} characters are left out here …]\n\n"
    return text[:head] + note + text[-tail:], True
