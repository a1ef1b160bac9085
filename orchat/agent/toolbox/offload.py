"""Offloading: a tool that blocks gets a thread of its own for each call."""

import asyncio
import threading
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from langchain_core.tools import BaseTool, StructuredTool

T = TypeVar("T")


def offloaded(tool: BaseTool) -> BaseTool:
    """Return a tool that can be awaited without holding up the loop; one that is async already is returned as it is."""
    if isinstance(tool, StructuredTool):
        if tool.coroutine is not None or tool.func is None:
            return tool
        return tool.model_copy(update={"coroutine": partial(in_a_thread, tool.func)})
    if type(tool)._arun is not BaseTool._arun:  # noqa: SLF001 - the one way to see whether a tool has its own
        return tool
    kind = type(tool)

    async def _arun(self: BaseTool, *args: Any, **kwargs: Any) -> Any:
        kwargs.pop("run_manager", None)
        return await in_a_thread(partial(kind._run, self), *args, **kwargs)  # noqa: SLF001 - what BaseTool calls too

    copy = tool.model_copy()
    object.__setattr__(copy, "__class__", type(kind.__name__, (kind,), {"_arun": _arun, "__module__": kind.__module__}))
    return copy


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
        # Neither may travel through a future: asyncio would take them for its own.
        stops = isinstance(error, StopIteration | SystemExit | KeyboardInterrupt | asyncio.CancelledError)
        result.set_exception(RuntimeError(f"The tool raised {type(error).__name__}.") if stops else error)
