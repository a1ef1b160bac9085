"""A small OpenID Connect provider on loopback: whoever comes is logged in as the person that the test has named."""

import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from orchat.demo import DemoServer
from tests.browser.app_process import AppProcess

CLIENT, PASSWORD = "orchat", "the-client-secret"
SECRET = "s" * 32
ALGORITHM = "RS256"


Sign = Callable[[dict[str, Any]], str]


class Provider:
    """`person` is who comes next: the claims of the token beside those of the protocol, and in place of them."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.key = new_key()
        self.sign: Sign = self.signed
        """Makes the token of its claims; a test may have it made by somebody else."""
        self._codes: dict[str, tuple[dict[str, Any], str | None]] = {}
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port = int(listening.getsockname()[1])
        routes = [
            Route("/.well-known/openid-configuration", self._metadata),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._keys),
        ]
        config = uvicorn.Config(Starlette(routes=routes), port=self.port, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def metadata_url(self) -> str:
        return f"{self.issuer}/.well-known/openid-configuration"

    async def _metadata(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _authorize(self, request: Request) -> Response:
        query = request.query_params
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self._codes[code] = (self.person, query.get("nonce"))
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}")

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        code = self._codes.pop(str(form["code"]), None)
        if code is None:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        person, nonce = code
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": nonce, **person}
        # What a test sets to None is left out.
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": token, "expires_in": 600})

    def signed(self, claims: dict[str, Any]) -> str:
        """Return the token as this provider makes it."""
        return jwt.encode({"alg": ALGORITHM, "kid": "1"}, claims, self.key)

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(10)


def new_key() -> RSAKey:
    """Return a key to sign with."""
    return RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": ALGORITHM})


class LoginProcess(AppProcess):
    """The hosted entry before a provider; it has to know its own address before it starts."""

    def __init__(self, demo: DemoServer, provider: Provider, folder: Path, **settings: str) -> None:
        super().__init__(demo, folder, entry="deploy/asgi.py", **settings)
        self._settings |= {
            "ORCHAT_LOGIN": "oidc",
            "ORCHAT_OIDC_METADATA_URL": provider.metadata_url,
            "ORCHAT_OIDC_CLIENT_ID": CLIENT,
            "ORCHAT_OIDC_CLIENT_SECRET": PASSWORD,
            "ORCHAT_SECRET": SECRET,
            "ORCHAT_PUBLIC_URL": self.url,
        }
