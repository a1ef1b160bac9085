"""The management API: keys made, listed, changed and ended, for who has a management key."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from orchat.demo.account import require_management_key
from orchat.demo.body import read_json
from orchat.demo.errors import bad_request
from orchat.demo.made_keys import MadeKey, MadeKeys

RESETS = (None, "daily", "weekly", "monthly")


async def create(request: Request) -> JSONResponse:
    """Make a key, and say it this once."""
    require_management_key(request.headers)
    body = await read_json(request)
    name, limit, reset = body.get("name"), body.get("limit"), body.get("limit_reset")
    if not isinstance(name, str) or not name:
        raise bad_request("name is required")
    _check(limit, reset)
    key, made = _keys(request).create(name, limit, reset)
    return JSONResponse({"data": made.to_json(), "key": key}, 201)


async def listed(request: Request) -> JSONResponse:
    """All keys that were made."""
    require_management_key(request.headers)
    return JSONResponse({"data": [made.to_json() for made in _keys(request)]})


async def one(request: Request) -> JSONResponse:
    """Say one, change it, or end it."""
    require_management_key(request.headers)
    keys, named = _keys(request), request.path_params["hash"]
    if request.method == "DELETE":
        keys.delete(named)
        return JSONResponse({"deleted": True})
    made = keys.find(named)
    if request.method == "PATCH":
        await _change(made, request)
    return JSONResponse({"data": made.to_json()})


async def _change(made: MadeKey, request: Request) -> None:
    body = await read_json(request)
    _check(body.get("limit", made.limit), body.get("limit_reset", made.limit_reset))
    made.name = str(body.get("name", made.name))
    made.disabled = bool(body.get("disabled", made.disabled))
    made.limit, made.limit_reset = body.get("limit", made.limit), body.get("limit_reset", made.limit_reset)


def _check(limit: object, reset: object) -> None:
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 0):
        raise bad_request("limit must be a number")
    if reset not in RESETS:
        raise bad_request("limit_reset must be daily, weekly, monthly or null")


def _keys(request: Request) -> MadeKeys:
    keys: MadeKeys = request.app.state.demo.made_keys
    return keys
