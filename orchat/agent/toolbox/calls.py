"""Calls: one run of a tool with its timeout, its errors told to the model, and its output kept within bounds."""

import asyncio
import base64
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from langchain_core.messages import ToolMessage
from langgraph.types import Command

from orchat.agent.contract import Artifact, ArtifactRef, Files, RunningCall, artifacts_in, running
from orchat.agent.toolbox.toolbox import ReadyTool
from orchat.errors import OrchatError

MODEL_OUTPUT = 20_000
"""Characters of a tool's output that the model gets; the rest is kept for the person."""
GRACE = 0.5
"""Seconds that a tool which has been cancelled gets to end by itself."""
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
    reason: str = ""
    """Why it failed, in a few words, where the tool said so."""


async def run_call(
    ready: ReadyTool, invoke: Callable[[], Awaitable[Result]], *, call: RunningCall, files: Files
) -> Outcome:
    """Run a call to its end, whatever that is; only cancellation is raised."""
    with running(call):
        task = asyncio.ensure_future(invoke())
    # Of a call that is left behind nobody reads the error; asyncio would report it.
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        await asyncio.wait({task}, timeout=ready.info.timeout)
    finally:
        in_time = task.done()
        if not in_time:
            call.cancelled.set()
            await _end(task)
    if not in_time:
        return _failed(ready, call, "timeout", f"{ready.info.title} took longer than {ready.info.timeout:g} s.")
    try:
        result = task.result()
    except OrchatError as error:
        return _failed(ready, call, "error", error.message)
    except (Exception, asyncio.CancelledError) as error:
        # Nobody cancelled the turn: the tool has waited for something of its own that was cancelled.
        log.info("The tool %s failed", ready.info.name, exc_info=True)
        return _failed(ready, call, "error", f"{type(error).__name__}: {error}")
    if not isinstance(result, ToolMessage):
        return Outcome(result, "ok", "")
    outcome = await _kept(ready, result, files)
    return replace(outcome, status="error", reason=call.failures[-1]) if call.failures else outcome


async def _end(task: asyncio.Future[Result]) -> None:
    """Cancel a call, and leave one behind that does not listen."""
    task.cancel()
    await asyncio.wait({task}, timeout=GRACE)


def _failed(ready: ReadyTool, call: RunningCall, status: Literal["error", "timeout"], text: str) -> Outcome:
    shown, _ = cut(text)
    message = ToolMessage(shown, tool_call_id=call.id, name=ready.info.name, status="error")
    return Outcome(message, status, shown)


async def _kept(ready: ReadyTool, message: ToolMessage, files: Files) -> Outcome:
    """Keep what a call made; the message holds references, since LangGraph copies it into its checkpoints."""
    status: Literal["ok", "error"] = "error" if message.status == "error" else "ok"
    text, pictures = _parts(message.content)
    shown, was_cut = cut(text)
    made = [*artifacts_in(message.artifact), *pictures]
    try:
        artifacts = tuple([await asyncio.to_thread(files.save, artifact) for artifact in made])
        full = await asyncio.to_thread(files.save, Artifact.text(text, f"{ready.info.name}.txt")) if was_cut else None
    except OrchatError as error:
        # What the tool found is worth more than the file that could not be kept.
        shown, artifacts, full = f"{shown}\n\n[A file could not be kept: {error.message}]", (), None
    references = [artifact.to_json() for artifact in artifacts]
    kept = message.model_copy(update={"content": shown, "artifact": references or None})
    return replace(Outcome(kept, status, shown, artifacts), full=full)


def _parts(content: Any) -> tuple[str, list[Artifact]]:
    """Return the text of a result, and the pictures in it (MCP's tools return both) as artifacts.

    A picture in a tool's message would end the turn with most models, which take none there; the person sees it.
    """
    if isinstance(content, str):
        return content, []
    texts: list[str] = []
    pictures: list[Artifact] = []
    for block in content:
        if isinstance(block, str):
            texts.append(block)
        elif block.get("type") == "image" and (data := _decoded(block.get("base64") or block.get("data"))):
            mime = str(block.get("mime_type") or "image/png")
            name = f"picture-{len(pictures) + 1}.{mime.rpartition('/')[2]}"
            pictures.append(Artifact.image(data, name, mime))
            texts.append(f"[{name} is shown to the person]")
        else:
            texts.append(str(block["text"]) if block.get("type") == "text" else json.dumps(block, ensure_ascii=False))
    return "\n\n".join(texts), pictures


def _decoded(data: Any) -> bytes:
    try:
        return base64.b64decode(data or b"", validate=True)
    except (ValueError, TypeError):
        return b""


def cut(text: str) -> tuple[str, bool]:
    """Return a text as far as the model gets it, and whether something was left out."""
    if len(text) <= MODEL_OUTPUT:
        return text, False
    head = round(MODEL_OUTPUT * HEAD)
    tail = MODEL_OUTPUT - head
    note = f"\n\n[… {len(text) - MODEL_OUTPUT:,} of {len(text):,} characters are left out here …]\n\n"
    return text[:head] + note + text[-tail:], True
