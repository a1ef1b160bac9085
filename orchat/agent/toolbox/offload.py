"""Offloading: a tool that blocks gets a thread of its own for each call, and no tool can end the loop."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from functools import wraps
from typing import Any, TypeVar

from langchain_core.callbacks import AsyncCallbackManagerForToolRun
from langchain_core.tools import BaseTool, StructuredTool

T = TypeVar("T")
STOPS = (SystemExit, KeyboardInterrupt, StopIteration)
"""What asyncio would take for its own: raised in a task, the first two end the loop that everybody's answers run on."""


def offloaded(tool: BaseTool) -> BaseTool:
    """Return a tool that can be awaited without holding up the loop, and that ends nothing but its own call."""
    if isinstance(tool, StructuredTool):
        function = _guarded(tool.coroutine) if tool.coroutine else _threaded(tool.func) if tool.func else None
        return tool.model_copy(update={"coroutine": function}) if function else tool
    kind = type(tool)
    is_async = kind._arun is not BaseTool._arun  # noqa: SLF001 - the one way to see whether a tool has its own
    own: Any = _guarded(kind._arun) if is_async else _threaded(kind._run)  # noqa: SLF001 - what BaseTool calls too
    copy = tool.model_copy()
    object.__setattr__(copy, "__class__", type(kind.__name__, (kind,), {"_arun": own, "__module__": kind.__module__}))
    return copy


def _threaded(function: Callable[..., T]) -> Callable[..., Awaitable[T]]:
    # Wrapped, since LangChain reads in the signature whether a tool wants its config.
    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> T:
        if isinstance(manager := kwargs.get("run_manager"), AsyncCallbackManagerForToolRun):
            kwargs["run_manager"] = manager.get_sync()
        return await in_a_thread(function, *args, **kwargs)

    return call


def _guarded(function: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> T:
        try:
            return await function(*args, **kwargs)
        except STOPS as error:
            raise RuntimeError(f"The tool raised {type(error).__name__}.") from error

    return call


async def in_a_thread(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Run a function that blocks in a daemon thread of its own, and await it.

    Not in the loop's pool of threads: a few calls that hang would leave none for anybody else, and keep the process
    from ending. Nobody can end a thread from outside: one whose awaiting task is cancelled runs on, unheard.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()
    context = copy_context()

    def work() -> None:
        try:
            value = context.run(function, *args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
            tell(_fail, error)
        else:
            tell(_settle, value)

    def tell(how: Callable[[asyncio.Future[T], Any], None], what: Any) -> None:
        try:
            loop.call_soon_threadsafe(how, result, what)
        except RuntimeError:
            # The loop has ended; nobody waits any more.
            return

    threading.Thread(target=work, name="tool", daemon=True).start()
    return await result


def _settle(result: "asyncio.Future[T]", value: T) -> None:
    if not result.done():
        result.set_result(value)


def _fail(result: "asyncio.Future[Any]", error: BaseException) -> None:
    if not result.done():
        stops = isinstance(error, (*STOPS, asyncio.CancelledError))
        result.set_exception(RuntimeError(f"The tool raised {type(error).__name__}.") if stops else error)
