"""Reading what a client sent."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from orchat.demo.errors import bad_request


async def read_json(request: Request) -> Any:
    """The JSON body of a request.

    Raises:
        APIError: 400, when it is not JSON.
    """
    try:
        return json.loads(await request.body())
    except ValueError as error:
        raise bad_request(f"Invalid JSON in the request body: {error}") from error
