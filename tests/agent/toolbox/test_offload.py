"""A tool that blocks blocks nobody: it has a thread of its own, and the context of its call."""

import asyncio
import threading
import time
from contextvars import ContextVar
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForToolRun
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import BaseTool, StructuredTool, tool

from orchat.agent.contract import RunningCall, ToolContext, running
from orchat.agent.toolbox.offload import in_a_thread, offloaded
from orchat.errors import ToolStoppedError

NAME: ContextVar[str] = ContextVar("name", default="nobody")


class Sleeper(BaseTool):
    name: str = "sleeper"
    description: str = "Sleep."

    def _run(self, seconds: float) -> str:
        time.sleep(seconds)
        return threading.current_thread().name


async def test_twenty_tools_that_block_take_as_long_as_one():
    sleeper = offloaded(Sleeper())
    began = time.monotonic()
    names = await asyncio.gather(*(sleeper.ainvoke({"seconds": 0.3}) for _ in range(20)))
    assert time.monotonic() - began < 2
    assert set(names) == {"tool"}
    assert isinstance(sleeper, Sleeper)


async def test_a_tool_that_is_async_stays_on_the_loop():
    async def where() -> str:
        return threading.current_thread().name

    made = StructuredTool.from_function(coroutine=where, name="where", description="Say where.")
    assert await offloaded(made).ainvoke({}) == threading.current_thread().name


class Waiter(BaseTool):
    name: str = "waiter"
    description: str = "Wait."

    def _run(self) -> str:
        raise NotImplementedError

    async def _arun(self) -> str:
        raise SystemExit(3)


@pytest.mark.parametrize("error", [SystemExit(2), KeyboardInterrupt()])
async def test_what_would_end_the_loop_ends_the_call_only_where_the_tool_is_async_too(error: BaseException):
    async def leave() -> None:
        raise error

    made = StructuredTool.from_function(coroutine=leave, name="leave", description="Leave.")
    with pytest.raises(RuntimeError, match=type(error).__name__):
        await offloaded(made).ainvoke({})
    with pytest.raises(RuntimeError, match="SystemExit"):
        await offloaded(Waiter()).ainvoke({})


class Configured(BaseTool):
    name: str = "configured"
    description: str = "Say what the config says."

    def _run(self, config: RunnableConfig, run_manager: CallbackManagerForToolRun | None = None) -> str:
        assert run_manager is not None
        return f"{config['configurable']['who']} {type(run_manager).__name__}"


async def test_a_tool_that_wants_its_config_gets_it():
    @tool
    def who(config: RunnableConfig) -> str:
        """Say who."""
        return str(config["configurable"]["who"])

    @tool
    async def who_async(config: RunnableConfig) -> str:
        """Say who."""
        return str(config["configurable"]["who"])

    config: Any = {"configurable": {"who": "ann"}}
    assert await offloaded(who).ainvoke({}, config) == "ann"
    assert await offloaded(who_async).ainvoke({}, config) == "ann"
    assert await offloaded(Configured()).ainvoke({}, config) == "ann CallbackManagerForToolRun"


async def test_the_context_of_the_call_goes_with_it_and_its_errors_come_back():
    NAME.set("ann")

    @tool
    def who() -> str:
        """Say who."""
        return NAME.get()

    @tool
    def fail() -> str:
        """Fail."""
        raise KeyError("gone")

    assert await offloaded(who).ainvoke({}) == "ann"
    with pytest.raises(KeyError, match="gone"):
        await offloaded(fail).ainvoke({})


@pytest.mark.parametrize("error", [SystemExit(2), StopIteration(), KeyboardInterrupt()])
async def test_what_would_end_the_loop_ends_the_call_only(error: BaseException):
    def leave() -> None:
        raise error

    with pytest.raises(RuntimeError, match=type(error).__name__):
        await in_a_thread(leave)


async def test_a_tool_that_looks_is_told_that_it_was_stopped():
    told: list[Any] = []
    heard = threading.Event()

    def work() -> None:
        ToolContext.progress("half", 0.5)
        while not ToolContext().cancelled:
            time.sleep(0.01)
        with pytest.raises(ToolStoppedError):
            ToolContext().raise_if_cancelled()
        heard.set()

    call = RunningCall("call_1", lambda text, fraction: told.append((text, fraction)))
    with running(call):
        task = asyncio.ensure_future(in_a_thread(work))
    await asyncio.sleep(0.1)
    task.cancel()
    call.cancelled.set()
    assert await asyncio.to_thread(heard.wait, 5)
    assert told == [("half", 0.5)]


def test_outside_of_a_call_progress_is_nobody_s():
    ToolContext.progress("unheard")
    assert not ToolContext().cancelled
