"""Keys by OAuth with PKCE, without anybody to ask: whoever comes is sent back with a code."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse

from orchat.demo.body import read_json
from orchat.demo.errors import APIError, bad_request
from orchat.demo.state import DemoState


async def authorize(request: Request) -> RedirectResponse:
    """Send the browser back to where it came from, with a code for the challenge that it brought."""
    query = request.query_params
    back_to, challenge = query.get("callback_url", ""), query.get("code_challenge", "")
    if urlsplit(back_to).scheme not in ("http", "https") or not challenge:
        raise bad_request("callback_url and code_challenge are required")
    if query.get("code_challenge_method") != "S256":
        raise bad_request("Invalid code_challenge_method")
    code = secrets.token_urlsafe(16)
    _state(request).codes[code] = challenge
    separator = "&" if urlsplit(back_to).query else "?"
    return RedirectResponse(f"{back_to}{separator}{urlencode({'code': code})}", status_code=302)


async def exchange(request: Request) -> JSONResponse:
    """The key behind a code, once, for who has the verifier."""
    body = await read_json(request)
    if body.get("code_challenge_method") != "S256":
        raise bad_request("Invalid code_challenge_method")
    challenge = _state(request).codes.pop(str(body.get("code")), None)
    digest = hashlib.sha256(str(body.get("code_verifier")).encode()).digest()
    if challenge is None or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
        raise APIError(403, "Invalid code or code_verifier", "forbidden")
    return JSONResponse({"key": f"sk-or-v1-demo-{secrets.token_hex(16)}", "user_id": "user_demo"})


def _state(request: Request) -> DemoState:
    state: DemoState = request.app.state.demo
    return state
