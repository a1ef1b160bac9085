"""Blocking work from asyncio, in threads of its own."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking work in a thread of its own: a cell may take minutes, and asyncio's shared threads are few."""
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    done: asyncio.Future[T] = loop.create_future()

    def settle(set_it: Callable[[Any], None], value: Any) -> None:
        def now() -> None:
            if not done.done():
                set_it(value)

        loop.call_soon_threadsafe(now)

    def body() -> None:
        try:
            settle(done.set_result, context.run(work))
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            settle(done.set_exception, error)

    threading.Thread(target=body, name="orchat-sandbox-cell", daemon=True).start()
    return await done
