"""The parts of the hosted entry, put together: routes, middleware and lifetime round the pages."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from orchat.choices import Login
from orchat.errors import OrchatError, SettingsError
from orchat.hosting.artifact_frame import artifact_frame
from orchat.hosting.ending import Ending
from orchat.hosting.headers import SecurityHeaders
from orchat.hosting.identity import TrustedProxy
from orchat.hosting.metrics import CONTENT_TYPE, Metrics
from orchat.hosting.policy import security_headers
from orchat.hosting.private import METRICS, PrivatePaths
from orchat.hosting.probes import readiness
from orchat.hosting.request_ids import RequestIds
from orchat.hosting.tabs import CountTabs, Tabs
from orchat.services import Services
from orchat.settings import Settings

log = logging.getLogger(__name__)


class Hosting:
    """What stands round the pages of one process.

    `services` returns the process's services and starts them if need be, `close` ends them, `index` is the HTML of
    Streamlit's index page.
    """

    def __init__(
        self, settings: Settings, services: Callable[[], Services], close: Callable[[], None], index: str
    ) -> None:
        self._settings = settings
        self._services = services
        self._close = close
        self._index = index
        self._tabs = Tabs()
        self.metrics = Metrics(lambda: self._tabs.open)

    def routes(self) -> list[BaseRoute]:
        """Return the routes beside Streamlit's."""

        async def metrics(_request: Request) -> Response:
            return Response(self.metrics.text(), media_type=CONTENT_TYPE)

        return [readiness(self._services), artifact_frame(), Route(METRICS, metrics, methods=["GET"])]

    def middleware(self) -> list[Middleware]:
        """Return the middleware, outermost first."""
        token = self._settings.metrics_token
        return [
            Middleware(RequestIds),
            Middleware(SecurityHeaders, security_headers(self._index)),
            Middleware(PrivatePaths, token.get_secret_value() if token else None),
            Middleware(TrustedProxy, self._settings),
            Middleware(CountTabs, self._tabs),
        ]

    def secrets(self) -> dict[str, Any]:
        """Return what Streamlit's login reads from its secrets, where the settings say it."""
        settings = self._settings
        if settings.login is not Login.OIDC or settings.oidc_metadata_url is None:
            return {}
        secret, password = settings.secret, settings.oidc_client_secret
        missing = {
            "ORCHAT_SECRET": secret,
            "ORCHAT_OIDC_CLIENT_ID": settings.oidc_client_id,
            "ORCHAT_OIDC_CLIENT_SECRET": password,
            "ORCHAT_PUBLIC_URL": settings.public_url,
        }
        if lacking := [name for name, value in missing.items() if not value]:
            raise SettingsError(f"A login needs {' and '.join(lacking)} too.")
        assert secret is not None
        assert password is not None
        return {
            "auth": {
                "redirect_uri": f"{str(settings.public_url).rstrip('/')}/oauth2callback",
                # Of several secrets the newest.
                "cookie_secret": hashlib.sha256(
                    f"login {secret.get_secret_value().split(',')[0]}".encode()
                ).hexdigest(),
                "client_id": str(settings.oidc_client_id),
                "client_secret": password.get_secret_value(),
                "server_metadata_url": settings.oidc_metadata_url,
            }
        }

    @asynccontextmanager
    async def lifespan(self, _app: Any) -> AsyncIterator[None]:
        """Start the services with the server, and save what runs when it ends."""
        ending = Ending()
        try:
            await asyncio.to_thread(self._services)
        except OrchatError as error:
            # The page says the same; a database that comes back is found by the next visitor or probe.
            log.error("orchat cannot start yet: %s %s", error.message, error.advice)  # noqa: TRY400 - no trace wanted
        try:
            yield
        finally:
            ending.begins()
            await asyncio.to_thread(self._close)
