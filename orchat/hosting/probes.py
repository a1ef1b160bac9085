"""Probes: whether this process can do its work, asked by a proxy before it sends somebody here."""

import asyncio
import logging
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orchat.errors import OrchatError
from orchat.services import Services

log = logging.getLogger(__name__)
ANSWERS_WITHIN = 3.0
"""Seconds that the database has to answer a probe."""


def readiness(services: Callable[[], Services], *, path: str = "/ready") -> Route:
    """Return the route that answers 200 when the settings can be used and the database answers, else 503 and why."""

    def check() -> None:
        services().store.ping()

    async def ready(_request: Request) -> Response:
        try:
            await asyncio.wait_for(asyncio.to_thread(check), ANSWERS_WITHIN)
        except OrchatError as error:
            # Whoever asks may be anybody: the reason itself is in the log.
            log.warning("Not ready: %s %s", error.message, error.advice)
            return _not_ready(type(error).__name__)
        except TimeoutError:
            log.warning("Not ready: the database has not answered within %.0f seconds", ANSWERS_WITHIN)
            return _not_ready("timeout")
        return JSONResponse({"ready": True})

    return Route(path, ready, methods=["GET"])


def _not_ready(why: str) -> Response:
    return JSONResponse({"ready": False, "why": why}, status_code=503)
