"""A call ends, whatever its tool does: in time, told to the model, its output within bounds."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from langchain_core.messages import ToolMessage
from langchain_core.tools import StructuredTool

from orchat.agent.contract import Artifact, RunningCall, ToolContext, ToolInfo
from orchat.agent.toolbox import ReadyTool, calls
from orchat.agent.toolbox.calls import MODEL_OUTPUT, Outcome, run_call
from tests.tools.conftest import Kept

CALL = "call_1"
Work = Callable[[], Awaitable[Any]]


def begun() -> RunningCall:
    return RunningCall(CALL, lambda text, fraction: None)


async def ran(work: Work, *, within: float = 5, files: Kept | None = None) -> Outcome:
    tool = StructuredTool.from_function(coroutine=work, name="work", description="Work.")
    ready = ReadyTool(ToolInfo("work", "works", "Work", "Work.", timeout=within), tool)
    call = {"type": "tool_call", "id": CALL, "name": "work", "args": {}}
    return await run_call(ready, lambda: tool.ainvoke(call), call=begun(), files=files or Kept())


async def test_a_tool_that_hangs_is_ended_at_its_timeout():
    ended = asyncio.Event()

    async def hang() -> str:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return ""

    outcome = await ran(hang, within=0.1)
    assert (outcome.status, outcome.text) == ("timeout", "Work took longer than 0.1 s.")
    assert ended.is_set()


async def stubborn() -> str:
    until = time.monotonic() + 3
    while time.monotonic() < until:
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            continue
    return "at last"


async def test_a_tool_that_does_not_listen_is_left_behind(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(calls, "GRACE", 0.1)
    began = time.monotonic()
    assert (await ran(stubborn, within=0.1)).status == "timeout"
    task = asyncio.ensure_future(ran(stubborn))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("error", [asyncio.CancelledError(), TimeoutError("of its own"), OSError("disk")])
async def test_what_a_tool_raises_is_told_to_the_model(error: BaseException):
    async def fail() -> str:
        raise error

    outcome = await ran(fail)
    assert outcome.status == "error"
    assert outcome.text.startswith(type(error).__name__)


async def test_an_output_in_parts_is_cut_too_and_kept_whole():
    async def speak() -> list[dict[str, Any]]:
        return [{"type": "text", "text": letter * 15_000} for letter in "ab"]

    files = Kept()
    outcome = await ran(speak, files=files)
    assert isinstance(outcome.message, ToolMessage)
    assert isinstance(outcome.message.content, str)
    assert len(outcome.message.content) < MODEL_OUTPUT + 200
    assert outcome.full is not None
    assert files.data["work.txt"].decode() == "a" * 15_000 + "\n\n" + "b" * 15_000


async def test_a_picture_in_the_output_is_kept_for_the_person_and_named_to_the_model():
    async def draw() -> list[dict[str, Any]]:
        picture = {"type": "image", "base64": base64.b64encode(b"\x89PNG").decode(), "mime_type": "image/png"}
        return [{"type": "text", "text": "Drawn."}, picture]

    files = Kept()
    outcome = await ran(draw, files=files)
    assert outcome.text == "Drawn.\n\n[picture-1.png is shown to the person]"
    assert [artifact.kind for artifact in outcome.artifacts] == ["image"]
    assert files.data == {"picture-1.png": b"\x89PNG"}


async def test_bytes_stay_out_of_the_message():
    def chart() -> tuple[str, Artifact]:
        return "drawn", Artifact.image(b"\x89PNG" * 1000)

    tool = StructuredTool.from_function(chart, name="work", description="Work.", response_format="content_and_artifact")
    ready = ReadyTool(ToolInfo("work", "works", "Work", "Work."), tool)
    call = {"type": "tool_call", "id": CALL, "name": "work", "args": {}}
    outcome = await run_call(ready, lambda: tool.ainvoke(call), call=begun(), files=Kept())
    assert "PNG" not in str(outcome.message)
    assert outcome.message.artifact[0]["sha256"] == outcome.artifacts[0].sha256


async def test_a_tool_may_say_that_it_failed_and_still_return_what_it_has():
    async def half() -> str:
        ToolContext.failed("no such city")
        return "half of it"

    outcome = await ran(half)
    assert (outcome.status, outcome.reason, outcome.text) == ("error", "no such city", "half of it")
