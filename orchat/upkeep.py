"""Upkeep: what is looked after from time to time, at the start and every ten minutes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from orchat.errors import OrchatError

log = logging.getLogger(__name__)

UPKEEP_EVERY = 600.0
"""Seconds."""

Step = Callable[[], Awaitable[object] | None]
"""One thing to do: at once, or by what it returns."""


async def keep_up(steps: Sequence[Step]) -> None:
    """Do all of `steps`, at once and then every ten minutes, until cancelled."""
    while True:
        for step in steps:
            await _do(step)
        await asyncio.sleep(UPKEEP_EVERY)


async def _do(step: Step) -> None:
    """Do one step; whatever goes wrong in it, the others and the next round are done."""
    try:
        doing = step()
        if doing is not None:
            await doing
    except OrchatError as error:
        log.warning("A step of the upkeep could not be done: %s", error.message)
    except Exception:
        log.exception("A step of the upkeep failed unexpectedly")
